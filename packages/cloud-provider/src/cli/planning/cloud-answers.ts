import { type CloudError, toCloudError } from '../../cloud/cloud-error.ts';

/** What a provider was answered, by the question: the whole of what a plan knows about the cloud. */
export type CloudAnswers = ReadonlyMap<string, CloudAnswer>;

export type CloudAnswer =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'error'; readonly error: CloudError };

/** Where a question goes: to the provider, or to a recording. */
export interface AnswerSource {
  /** @param question unique among all questions of one plan, and the same each time that it is planned */
  ask<Value>(question: string, provider: () => Promise<Value>): Promise<Value>;
  /** Questions that wait for their answers. */
  readonly waiting: number;
}

/** Asks the provider and notes what it answered. */
export class RecordedAnswers implements AnswerSource {
  readonly answers = new Map<string, CloudAnswer>();
  #waiting = 0;

  get waiting(): number {
    return this.#waiting;
  }

  async ask<Value>(question: string, provider: () => Promise<Value>): Promise<Value> {
    this.#waiting++;
    try {
      const value = await provider();
      this.answers.set(question, { kind: 'value', value });
      return value;
    } catch (error) {
      this.answers.set(question, { kind: 'error', error: toCloudError(error) });
      throw error;
    } finally {
      this.#waiting--;
    }
  }
}
