import type { Node } from '../../api/node.ts';
import type { Clock } from '../../base/clock.ts';
import type { ItemStatus } from '../controller.ts';
import type { RouteState } from './network-condition.ts';
import type { RouteAnnouncer } from './route-announcer.ts';
import type { RouteTrouble, TableReport } from './route-table.ts';
import type { NodeWish } from './route-wishes.ts';

/** As many are shown; a cluster whose every node lacks its routes has one cause, not thousands. */
const shownItems = 100;

interface Trouble extends RouteTrouble {
  readonly cidr: string;
}

/** How the nodes fare, as of the last pass. */
export class NodeRoutes {
  readonly #clock: Clock;
  /** By the UID of the Node. */
  readonly #items = new Map<string, ItemStatus>();
  #served = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  counts(): { readonly served: number; readonly troubled: number } {
    return { served: this.#served, troubled: this.#items.size };
  }

  items(): readonly ItemStatus[] {
    return [...this.#items.values()].slice(0, shownItems);
  }

  forget(uid: string): void {
    this.#items.delete(uid);
  }

  /**
   * What is known of each node's routes now; nodes of which nothing is known, or which are none of our business, are left
   * out. Tells of troubles on the way.
   */
  judge(
    wishes: readonly NodeWish[],
    reports: readonly TableReport[],
    announcer: RouteAnnouncer,
  ): ReadonlyMap<Node, RouteState> {
    const states = new Map<Node, RouteState>();
    this.#served = 0;
    for (const wish of wishes) {
      const { uid } = wish.node.metadata;
      if (wish.kind === 'handsOff') {
        this.#items.delete(uid);
        continue;
      }
      if (wish.kind === 'bare') {
        this.#items.delete(uid);
        const isStray = reports.some((report) => report.kind === 'known' && report.strays.has(wish.target));
        if (isStray) states.set(wish.node, 'stray');
        continue;
      }
      const troubles = [...faultsOf(wish), ...troublesOf(wish, reports)];
      for (const trouble of troubles) announcer.trouble(wish.node, trouble.cidr, trouble);
      const isUnknown = reports.length === 0 || reports.some(({ kind }) => kind === 'unknown');
      const [first] = troubles;
      if (first) this.#note(wish.node, first);
      else if (!isUnknown) this.#items.delete(uid);
      // One table that can't be read does not hide what the others say is missing.
      if (first) states.set(wish.node, 'unserved');
      else if (!isUnknown) {
        this.#served++;
        announcer.forget(uid);
        states.set(wish.node, 'served');
      }
    }
    return states;
  }

  #note(node: Node, trouble: Trouble): void {
    const { name, uid } = node.metadata;
    const before = this.#items.get(uid);
    const state = trouble.kind === 'outside' ? 'refused' : trouble.kind;
    this.#items.set(uid, {
      kind: 'Node',
      key: name,
      state,
      reason: trouble.kind === 'waiting' ? '' : 'FailedToCreateRoute',
      message: `${trouble.cidr}: ${trouble.message}`,
      since: before?.state === state ? before.since : this.#clock.now().toISOString(),
      nextAttempt: '',
      plan: [],
    });
  }
}

function faultsOf(wish: Extract<NodeWish, { kind: 'routed' }>): readonly Trouble[] {
  return wish.faults.map(({ cidr, message }) => ({ cidr, kind: 'refused', message }));
}

function* troublesOf(wish: Extract<NodeWish, { kind: 'routed' }>, reports: readonly TableReport[]): Iterable<Trouble> {
  for (const report of reports) {
    if (report.kind === 'unknown') continue;
    for (const { cidr } of wish.routes) {
      const trouble = report.troubles.get(cidr);
      if (trouble) yield { cidr, ...trouble };
    }
  }
}
