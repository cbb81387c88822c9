/** A Service is wished otherwise than when the pass was planned that is about to delete. What it was to delete is still there. */
export class WishChangedError extends Error {
  override readonly name = 'WishChangedError';
  readonly code = 'WishChanged';

  constructor(key: string) {
    super(`what is wished for the Service ${key} has changed meanwhile`);
  }
}
