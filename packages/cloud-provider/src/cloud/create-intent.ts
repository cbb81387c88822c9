import type { Operation, ResourceKey } from './operation.ts';

/**
 * A create that was decided on and may have been done. It is written down before the request is sent, for objects that
 * nothing else would lead back to, and struck out once the object has been seen.
 */
export interface CreateIntent {
  /** Made up for this one create. The object has to carry it, in whatever field the cloud takes free text in. */
  readonly id: string;
  /** The group whose plan it is a part of. */
  readonly group: ResourceKey;
  /** What is made: the key of the operation's identity. */
  readonly key: string;
  /** RFC 3339: the request was not sent before. */
  readonly startedAt: string;
}

/** What a create asks for when it can be found again only by what was written down before it. */
export type JournaledCreate = Operation & {
  readonly identity: Extract<NonNullable<Operation['identity']>, { readonly by: 'journal' }>;
};

/** Whether the operation may only be sent once its intent is written down. Pure. */
export function needsJournal(operation: Operation): operation is JournaledCreate {
  return operation.verb === 'create' && operation.identity?.by === 'journal';
}

/** Annotations under names that begin so hold one intent each; the id is the rest of the name. */
export const intentAnnotationPrefix = 'ccm-ts/intent-';

/** Pure. */
export function isIntentAnnotation(name: string): boolean {
  return name.startsWith(intentAnnotationPrefix);
}

/** The annotation that holds an intent. Pure. */
export function annotationOf({ id, group, key, startedAt }: CreateIntent): {
  readonly name: string;
  readonly value: string;
} {
  return { name: intentAnnotationPrefix + id, value: JSON.stringify({ group, key, startedAt }) };
}

/**
 * The intents that an object's annotations hold, oldest first. What is not readable is left out: somebody else wrote it.
 * Pure.
 */
export function intentsIn(annotations: Readonly<Record<string, string>>): readonly CreateIntent[] {
  return Object.entries(annotations)
    .filter(([name]) => isIntentAnnotation(name))
    .map(([name, value]) => readIntent(name.slice(intentAnnotationPrefix.length), value))
    .filter((intent) => intent !== undefined)
    .sort((left, right) => (sortKey(left) < sortKey(right) ? -1 : 1));
}

function sortKey({ startedAt, id }: CreateIntent): string {
  return `${startedAt} ${id}`;
}

function readIntent(id: string, value: string): CreateIntent | undefined {
  let fields: Partial<Record<string, unknown>>;
  try {
    const parsed: unknown = JSON.parse(value);
    if (typeof parsed !== 'object' || parsed === null) return undefined;
    fields = { ...parsed };
  } catch {
    return undefined;
  }
  const { group, key, startedAt } = fields;
  if (typeof group !== 'string' || typeof key !== 'string' || typeof startedAt !== 'string') return undefined;
  return Number.isNaN(Date.parse(startedAt)) ? undefined : { id, group, key, startedAt };
}
