import { type ItemBackoff, itemBackoff } from '../base/backoff.ts';
import type { Clock } from '../base/clock.ts';
import { Duration } from '../base/duration.ts';
import { CloudError, toCloudError } from '../cloud/cloud-error.ts';
import type { NodeRef } from '../cloud/instances.ts';
import { type ProviderDefectError, isOfOneNode, mistakeIn } from '../cloud/provider-defect.ts';

export interface IsolatedQuestionsOptions<View> {
  /** What is answered for a node that nothing could be found out about. */
  readonly unknown: (reason: CloudError) => View;
  readonly clock: Clock;
  /** Called for each mistake of the provider; gives it the name that people are told. */
  readonly defectOf: (mistake: Error, node: NodeRef) => ProviderDefectError;
}

/** Asks about many nodes at once. */
export type AskAboutNodes<View> = (nodes: readonly NodeRef[]) => Promise<ReadonlyMap<string, View>>;

/** How long a node is not asked about that a question has failed with. A change of the node asks at once. */
const pause = { initial: Duration.minutes(1), max: Duration.hours(1) };

/** A node that nobody asked about so long after its pause is gone; one that is there is asked about within minutes. */
const keptFor = Duration.hours(1);

interface SetAside<View> {
  readonly identity: string;
  /** Monotonic milliseconds. */
  readonly until: number;
  readonly view: View;
}

/**
 * Questions about many nodes of which one may spoil the answer for all: because the cloud refuses a request with it in, or
 * because the provider has a mistake that shows with it alone. Such a node is found by halving, and from then on left out.
 */
export class IsolatedQuestions<View> {
  readonly #options: IsolatedQuestionsOptions<View>;
  readonly #aside = new Map<string, SetAside<View>>();
  readonly #backoff: ItemBackoff<string> = itemBackoff(pause);

  constructor(options: IsolatedQuestionsOptions<View>) {
    this.#options = options;
  }

  /** How many nodes are left out, or were until lately. */
  get setAside(): number {
    return this.#aside.size;
  }

  /** @throws CloudError when nothing at all is known, for no reason that is any node's */
  async ask(nodes: readonly NodeRef[], send: AskAboutNodes<View>): Promise<ReadonlyMap<string, View>> {
    this.#forgetGone();
    const answers = new Map<string, View>();
    const due: NodeRef[] = [];
    for (const node of nodes) {
      const aside = this.#asideOf(node);
      if (aside) answers.set(node.name, aside.view);
      else due.push(node);
    }
    if (due.length === 0) return answers;
    for (const [name, view] of await this.#askApart(due, send)) answers.set(name, view);
    return answers;
  }

  async #askApart(nodes: readonly NodeRef[], send: AskAboutNodes<View>): Promise<ReadonlyMap<string, View>> {
    try {
      const answers = await send(nodes);
      for (const { uid } of nodes) this.#forget(uid);
      return answers;
    } catch (thrown) {
      if (!isOfOneNode(thrown)) throw thrown;
      const [first] = nodes;
      if (first && nodes.length === 1) return new Map([[first.name, this.#putAside(first, thrown)]]);
      const middle = Math.ceil(nodes.length / 2);
      const halves = [nodes.slice(0, middle), nodes.slice(middle)];
      const answers = new Map<string, View>();
      for (const half of halves) {
        const answered = await this.#askApart(half, send).catch((error: unknown) => {
          const view = this.#options.unknown(toCloudError(error));
          return new Map(half.map(({ name }) => [name, view]));
        });
        for (const [name, view] of answered) answers.set(name, view);
      }
      return answers;
    }
  }

  #putAside(node: NodeRef, thrown: unknown): View {
    const { clock, defectOf, unknown } = this.#options;
    const mistake = mistakeIn(thrown);
    const defect = mistake && defectOf(mistake, node);
    const view = unknown(defect ? new CloudError('Unknown', defect.message, { cause: defect }) : toCloudError(thrown));
    const until = clock.monotonic() + this.#backoff.next(node.uid).milliseconds;
    this.#aside.set(node.uid, { identity: identityOf(node), until, view });
    return view;
  }

  #asideOf(node: NodeRef): SetAside<View> | undefined {
    const aside = this.#aside.get(node.uid);
    if (!aside) return undefined;
    if (aside.identity !== identityOf(node)) this.#forget(node.uid);
    else if (this.#options.clock.monotonic() < aside.until) return aside;
    return undefined;
  }

  #forgetGone(): void {
    const latest = this.#options.clock.monotonic() - keptFor.milliseconds;
    for (const [uid, { until }] of this.#aside) {
      if (until < latest) this.#forget(uid);
    }
  }

  #forget(uid: string): void {
    if (this.#aside.delete(uid)) this.#backoff.forget(uid);
  }
}

/** What the answer about a node may depend on. */
function identityOf({ annotations, labels, name, providerID }: NodeRef): string {
  return JSON.stringify([name, providerID, labels, annotations]);
}
