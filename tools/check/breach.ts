/** One place where the tree breaks one of its rules. */
export interface Breach {
  /** Relative to the workspace's root, with forward slashes. */
  readonly path: string;
  /** From 1; undefined when the whole file or folder is meant. */
  readonly line?: number;
  /** What is wrong and what to do instead. */
  readonly message: string;
}

/** `path:line: message`, as editors make links of it. */
export function describeBreach(breach: Breach): string {
  const place = breach.line === undefined ? breach.path : `${breach.path}:${breach.line}`;
  return `${place}: ${breach.message}`;
}
