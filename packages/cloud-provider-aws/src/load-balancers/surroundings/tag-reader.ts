import { type CallContext, CloudError } from '@ccm-ts/cloud-provider';
import type { Elbv2Port } from '../../client/elbv2-port.ts';
import type { Tags } from '../../cluster-tags.ts';

type TagsByArn = ReadonlyMap<string, Tags>;

interface Question {
  readonly arns: readonly string[];
  readonly call: CallContext;
  readonly resolve: (tags: TagsByArn) => void;
  readonly reject: (error: unknown) => void;
}

/** Reads tags. Whoever asks while a request is under way is asked for together with all others who did. */
export class TagReader {
  readonly #elbv2: Pick<Elbv2Port, 'describeTags'>;
  #waiting: Question[] = [];
  #isAsking = false;

  constructor(elbv2: Pick<Elbv2Port, 'describeTags'>) {
    this.#elbv2 = elbv2;
  }

  /** The tags by ARN. @throws CloudError `NotFound` when any of the objects is gone meanwhile. */
  read(arns: readonly string[], call: CallContext): Promise<TagsByArn> {
    if (arns.length === 0) return Promise.resolve(new Map());
    const answer = new Promise<TagsByArn>((resolve, reject) => {
      this.#waiting.push({ arns, call, resolve, reject });
    });
    if (!this.#isAsking) void this.#askAll();
    return answer;
  }

  /** Never rejects: each question gets its own answer. */
  async #askAll(): Promise<void> {
    this.#isAsking = true;
    while (this.#waiting.length > 0) await this.#ask(this.#waiting.splice(0));
    this.#isAsking = false;
  }

  async #ask(questions: readonly Question[]): Promise<void> {
    const [first, ...others] = questions;
    if (first === undefined) return;
    try {
      const tags = await this.#elbv2.describeTags([...new Set(questions.flatMap(({ arns }) => arns))], first.call);
      for (const { arns, resolve } of questions) resolve(new Map(arns.map((arn) => [arn, tags.get(arn) ?? {}])));
    } catch (error) {
      // What one of them did to the request is nothing to the others.
      const isOnesOwn = first.call.signal.aborted || (error instanceof CloudError && error.code === 'NotFound');
      if (others.length === 0 || !isOnesOwn) for (const { reject } of questions) reject(error);
      else for (const question of questions) await this.#ask([question]);
    }
  }
}
