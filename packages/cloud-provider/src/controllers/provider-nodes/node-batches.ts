import type { CallContext } from '../../cloud/call-context.ts';
import { toCloudError } from '../../cloud/cloud-error.ts';
import type { NodeRef } from '../../cloud/instances.ts';
import type { NodeAnswer } from '../../cloud/provider-controller.ts';
import { isOfOneNode } from '../../cloud/provider-defect.ts';

export interface NodeBatchesOptions {
  readonly concurrency: number;
  readonly maxBatch: number;
  readonly run: (nodes: readonly NodeRef[], call: CallContext) => Promise<readonly NodeAnswer[]>;
}

interface Waiting {
  readonly node: NodeRef;
  readonly call: CallContext;
  readonly answer: (answer: NodeAnswer) => void;
}

/** Gathers nodes into calls: whatever waits while calls are under way goes together into the next one. */
export class NodeBatches {
  readonly #options: NodeBatchesOptions;
  #waiting: Waiting[] = [];
  #underWay = 0;
  #isSendDue = false;

  constructor(options: NodeBatchesOptions) {
    this.#options = options;
  }

  /** Never rejects: what the call throws is the answer of each of its nodes. */
  add(node: NodeRef, call: CallContext): Promise<NodeAnswer> {
    return new Promise((resolve) => {
      this.#waiting.push({ node, call, answer: resolve });
      this.#sendSoon();
    });
  }

  /** After all that are ready now had their turn to ask. */
  #sendSoon(): void {
    if (this.#isSendDue) return;
    this.#isSendDue = true;
    setImmediate(() => {
      this.#isSendDue = false;
      while (this.#waiting.length > 0 && this.#underWay < this.#options.concurrency) {
        void this.#send(this.#waiting.splice(0, this.#options.maxBatch));
      }
    });
  }

  async #send(batch: readonly Waiting[]): Promise<void> {
    this.#underWay++;
    try {
      await this.#ask(batch);
    } finally {
      this.#underWay--;
      if (this.#waiting.length > 0) this.#sendSoon();
    }
  }

  async #ask(batch: readonly Waiting[]): Promise<void> {
    const [first] = batch;
    if (first === undefined) return;
    try {
      const answers = await this.#options.run(
        batch.map(({ node }) => node),
        first.call,
      );
      for (const [index, { answer }] of batch.entries()) {
        answer(answers[index] ?? { kind: 'given-up', reason: 'the provider did not answer' });
      }
    } catch (error) {
      if (batch.length > 1 && isOfOneNode(error)) {
        const middle = Math.ceil(batch.length / 2);
        await this.#ask(batch.slice(0, middle));
        await this.#ask(batch.slice(middle));
        return;
      }
      for (const { answer } of batch) answer({ kind: 'failed', error: toCloudError(error) });
    }
  }
}
