/** A case found something that must not be. */
export class ConformanceFailure extends Error {
  override readonly name = 'ConformanceFailure';
  readonly code = 'ConformanceFailure';
}

/** The world can't do what the case needs; the case says nothing about the provider then. */
export class NotOffered extends Error {
  override readonly name = 'NotOffered';
  readonly code = 'NotOffered';
}

/** Fails the case with all problems that there are; does nothing when there are none. */
export function demand(...problems: readonly (string | undefined)[]): void {
  const found = problems.filter((problem) => problem !== undefined);
  if (found.length > 0) throw new ConformanceFailure(found.join('; '));
}

/** What a world offers, or the end of the case. */
export function offered<Thing>(thing: Thing | undefined, what: string): Thing {
  if (thing === undefined) throw new NotOffered(`the world does not offer ${what}`);
  return thing;
}
