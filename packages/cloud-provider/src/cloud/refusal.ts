/** A Service that a provider will not serve as it is written. Becomes an Event and a condition; nothing is retried. */
export interface Refusal {
  readonly kind: 'refusal';
  /** CamelCase, for the condition's reason. */
  readonly reason: string;
  /** The field or annotation at fault, as the user writes it. */
  readonly field: string;
  /** Its value, shortened if long. */
  readonly value: string;
  /** What to write instead. */
  readonly fix: string;
}

/** One sentence that names field, value and fix. */
export function describeRefusal(refusal: Refusal): string {
  return `${refusal.field}: ${JSON.stringify(refusal.value)} is not possible: ${refusal.fix}`;
}
