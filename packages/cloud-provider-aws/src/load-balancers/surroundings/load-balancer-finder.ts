import type { CallContext } from '@ccm-ts/cloud-provider';
import type { AgedRead } from '../../aged.ts';

/** As many load balancers as AWS lists in one answer. */
const pageSize = 400;

export interface LoadBalancerFinderOptions<Found> {
  /** Asks for one. */
  readonly find: (name: string, call: CallContext) => Promise<Found | undefined>;
  /** Asks for all of the account and region. */
  readonly all: AgedRead<readonly Found[]>;
}

/**
 * Finds load balancers by their names. One that is looked for while nobody else looks is asked for by its name; those that are
 * looked for meanwhile share a list, so that a start with hundreds of Services takes a few requests.
 */
export class LoadBalancerFinder<Found extends { readonly name: string }> {
  readonly #find: LoadBalancerFinderOptions<Found>['find'];
  readonly #all: AgedRead<readonly Found[]>;
  #looking = 0;

  constructor({ find, all }: LoadBalancerFinderOptions<Found>) {
    this.#find = find;
    this.#all = all;
  }

  /** As AWS has it now; undefined when there is none of that name. */
  async find(name: string, call: CallContext): Promise<Found | undefined> {
    const isAlone = this.#looking === 0;
    this.#looking += 1;
    try {
      if (isAlone) return await this.#find(name, call);
      const all = await this.#all.get('live', call);
      const found = all.find((one) => one.name === name);
      // A list of one page is one answer; between pages something may slip through.
      return found ?? (all.length < pageSize ? undefined : await this.#find(name, call));
    } finally {
      this.#looking -= 1;
    }
  }

  /** All of them, as old as the call allows. */
  list(call: CallContext): Promise<readonly Found[]> {
    return this.#all.get(call.freshness, call);
  }
}
