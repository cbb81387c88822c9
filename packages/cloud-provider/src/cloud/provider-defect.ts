import { isErrorLike } from '../base/as-error.ts';
import { CloudError } from './cloud-error.ts';

/** A provider's program is at fault. No cloud is to blame, and trying again soon gives the same. */
export class ProviderDefectError extends Error {
  override readonly name = 'ProviderDefectError';
  readonly code = 'ProviderDefect';

  /** @param where the function of the provider */
  constructor(where: string, cause: Error) {
    super(`a defect of the provider, in ${where}: ${cause.message}; please report it`, { cause });
  }
}

/** The defect behind a failure; undefined when it was the cloud. Pure. */
export function defectIn(error: Error): ProviderDefectError | undefined {
  if (error instanceof ProviderDefectError) return error;
  return error.cause instanceof ProviderDefectError ? error.cause : undefined;
}

/** By name: the classes of one realm are not those of another. */
const mistakes: ReadonlySet<string> = new Set(['TypeError', 'ReferenceError', 'RangeError', 'SyntaxError']);

/**
 * The mistake in a program that shows in what a request threw; undefined when it was the cloud. Code that sends requests takes
 * all that it meets for an answer, so the cause of what it could not name counts as well. Pure.
 */
export function mistakeIn(error: unknown): Error | undefined {
  const isAnswer = error instanceof CloudError;
  if (isAnswer && !error.isOutcomeUnknown) return undefined;
  const thrown = isAnswer ? error.details.cause : error;
  if (!isErrorLike(thrown) || !mistakes.has(thrown.name)) return undefined;
  // `fetch failed` and the like are TypeErrors too, with the failure of the network as their cause.
  if (thrown.cause !== undefined) return undefined;
  // What can't be parsed may be of whatever stands between us and the cloud.
  return isAnswer && thrown.name === 'SyntaxError' ? undefined : thrown;
}

/** Whether a question about several nodes may have failed for what one of them is, so that the others are asked about apart. Pure. */
export function isOfOneNode(thrown: unknown): boolean {
  return (thrown instanceof CloudError && thrown.code === 'Invalid') || mistakeIn(thrown) !== undefined;
}
