/** A Service went while a pass for it was about to write. Nothing was written. */
export class MemberGoneError extends Error {
  override readonly name = 'MemberGoneError';
  readonly code = 'MemberGone';

  constructor(key: string) {
    super(`the Service ${key} was deleted meanwhile`);
  }
}
