/** Something that the reader of the message can mend; shown as one line, without a stack. */
export class BootstrapError extends Error {
  /** @override */
  name = 'BootstrapError';
}
