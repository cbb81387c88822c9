/**
 * Compares two resource versions of one resource: negative when the first is older. They are decimal numbers beyond the
 * exact range of a JavaScript number, in order of time. The empty version is older than any.
 */
export function compareResourceVersions(one: string, other: string): number {
  if (one === other) return 0;
  if (one.length !== other.length) return one.length - other.length;
  return one < other ? -1 : 1;
}

/** Tells whether the first is newer. */
export function isNewer(one: string, other: string): boolean {
  return compareResourceVersions(one, other) > 0;
}
