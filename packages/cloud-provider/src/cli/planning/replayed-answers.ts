import { CloudError } from '../../cloud/cloud-error.ts';
import type { AnswerSource, CloudAnswers } from './cloud-answers.ts';

/** Answers from a recording; the provider is never asked. */
export class ReplayedAnswers implements AnswerSource {
  readonly waiting = 0;
  readonly #answers: CloudAnswers;

  constructor(answers: CloudAnswers) {
    this.#answers = answers;
  }

  async ask<Value>(question: string): Promise<Value> {
    const answer = this.#answers.get(question);
    if (!answer) throw new CloudError('Unknown', `the capture holds no answer to ${question}`);
    if (answer.kind === 'error') throw answer.error;
    // It was recorded from the same question, so it is of its type.
    return answer.value as Value;
  }
}
