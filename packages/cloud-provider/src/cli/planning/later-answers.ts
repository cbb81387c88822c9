import type { AnswerSource, CloudAnswers } from './cloud-answers.ts';

/** What facts a provider finds may depend on the nodes, which differ by then; what there is in the cloud does not. */
const dependsOnNodes = /\/facts(?:\/|$)/;

/** Answers for a plan of what comes later: the cloud is as it was, as nothing was written to it. */
export class LaterAnswers implements AnswerSource {
  readonly #source: AnswerSource;
  readonly #known: CloudAnswers;

  /** @param known what was answered before */
  constructor(source: AnswerSource, known: CloudAnswers) {
    this.#source = source;
    this.#known = known;
  }

  get waiting(): number {
    return this.#source.waiting;
  }

  async ask<Value>(question: string, provider: () => Promise<Value>): Promise<Value> {
    const answer = dependsOnNodes.test(question) ? undefined : this.#known.get(question);
    if (!answer) return this.#source.ask(`then/${question}`, provider);
    if (answer.kind === 'error') throw answer.error;
    // It was recorded from the same question, so it is of its type.
    return answer.value as Value;
  }
}
