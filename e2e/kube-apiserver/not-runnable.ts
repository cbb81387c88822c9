/**
 * Something that this machine lacks, as opposed to something that failed: the runner counts it as "not run" and shows the
 * remedy.
 */
export class NotRunnableHere extends Error {
  readonly code = 'NOT_RUNNABLE_HERE';
  readonly reason: string;
  readonly remedy: string;

  constructor(reason: string, remedy: string) {
    super(`not runnable here: ${reason}; ${remedy}`);
    this.name = 'NotRunnableHere';
    this.reason = reason;
    this.remedy = remedy;
  }
}
