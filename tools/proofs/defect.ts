/** A bug of one line, to be put into a copy of the library: the proofs must notice. */
export interface PlantedDefect {
  /** What would be wrong, in a few words. Unique. */
  readonly name: string;
  /** Relative to `src` of the library. */
  readonly file: string;
  /** What stands there now, exactly once. */
  readonly text: string;
  /** What stands there then. */
  readonly replacement: string;
  /** The proof that must turn red; see {@link proofCommands}. */
  readonly proof: string;
}

/** What came of planting a defect. */
export type DefectVerdict =
  /** The proof failed, as it must. */
  | { readonly kind: 'noticed' }
  /** The proof passed all the same. */
  | { readonly kind: 'unnoticed' }
  /** The text to be replaced is not there, or more than once: the defect has to be written anew. */
  | { readonly kind: 'stale'; readonly occurrences: number }
  /** The proof could not be made, which is no verdict. */
  | { readonly kind: 'broken'; readonly output: string };
