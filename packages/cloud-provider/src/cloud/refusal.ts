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

/** So much of a value tells which one is meant. */
const longestValue = 100;

/** One sentence that names field, value and fix. Long values are cut at a whole character. */
export function describeRefusal(refusal: Refusal): string {
  return `${refusal.field}: ${JSON.stringify(shorten(refusal.value))} is not possible: ${refusal.fix}`;
}

/** A user's text as it is repeated to them, cut at a whole character when it is long. */
export function shorten(text: string): string {
  const characters = [...text.slice(0, 2 * longestValue + 2)];
  const value = characters.length > longestValue ? `${characters.slice(0, longestValue).join('')}…` : text;
  return value.toWellFormed();
}
