import type { Node } from '../../api/node.ts';
import { excludeFromLoadBalancersLabel, toBeDeletedByAutoscalerTaint } from '../../api/well-known.ts';
import type { Clock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import type { BackendNode, LoadBalancerKind } from '../../cloud/load-balancer-kind.ts';
import type { EventHandler, Store } from '../../kube/informer/informer.ts';
import { type IsOwnNode, everyNode } from '../own-nodes.ts';

/** What Go's strconv.ParseBool takes for false; the label's other values, unparsable ones too, exclude. */
const falseTexts = new Set(['0', 'f', 'F', 'false', 'False', 'FALSE']);

/**
 * Whether traffic may be sent to the node. The set is stable: readiness and cordoning don't count, the cloud's health checks
 * look after that. A node without a providerID can't be named to a cloud yet.
 * Source: k8s.io/cloud-provider controllers/service, stableNodeSetPredicates (which admits nodes without providerID).
 */
export function isBackend(node: Node): boolean {
  const { deletionTimestamp, labels } = node.metadata;
  if (deletionTimestamp !== '' || node.spec.providerID === '') return false;
  const exclusion = labels[excludeFromLoadBalancersLabel];
  if (exclusion !== undefined && !falseTexts.has(exclusion)) return false;
  return !node.spec.taints.some((taint) => taint.key === toBeDeletedByAutoscalerTaint);
}

/** Whether two versions of a node are the same to every load balancer. Cheap: it is asked for each heartbeat. */
export function isSameBackend(old: Node, next: Node): boolean {
  const isOne = isBackend(next);
  if (isBackend(old) !== isOne) return false;
  if (!isOne) return true;
  return (
    old.spec.providerID === next.spec.providerID &&
    isSameMap(old.metadata.labels, next.metadata.labels) &&
    old.status.addresses.length === next.status.addresses.length &&
    old.status.addresses.every((address, index) => {
      const other = next.status.addresses[index];
      return other?.type === address.type && other.address === address.address;
    })
  );
}

/** Nodes that join and leave together do so over several seconds; each pass in between writes most load balancers once more. */
const patience = 5;

type Reach = NonNullable<LoadBalancerKind['sendsTo']>;

export interface BackendNodesOptions {
  readonly store: Store<Node>;
  /** Others are backends only of kinds that reach them. @default all are */
  readonly isOwn?: IsOwnNode;
  readonly clock: Clock;
  /** Changes that follow one another within this time make one pass over the load balancers. */
  readonly settleTime: Duration;
  /** Called when the set has changed and then was left alone for that long, or kept changing for five times as long. */
  readonly onChange: () => void;
}

/** The nodes that receive traffic, and when they change. */
export class BackendNodes {
  readonly #options: BackendNodesOptions;
  readonly #current = new Map<Reach, readonly BackendNode[]>();
  #cancel: (() => void) | undefined;
  /** Monotonic milliseconds: when the first change was that nobody was told of yet. */
  #changedAt: number | undefined;

  constructor(options: BackendNodesOptions) {
    this.#options = options;
  }

  /** Sorted by name; the same array until something changes. */
  current(reach: Reach = 'ownNodes'): readonly BackendNode[] {
    const known = this.#current.get(reach);
    if (known) return known;
    const { isOwn = everyNode, store } = this.#options;
    const current = [...store.list()]
      .filter((node) => isBackend(node) && (reach === 'allNodes' || isOwn(node)))
      .map(backendOf)
      .sort(byName);
    this.#current.set(reach, current);
    return current;
  }

  /** Whether load balancers of the kind have a node to send traffic to; those that ask for no nodes need none. */
  presence({ inputs, sendsTo }: Pick<LoadBalancerKind, 'inputs' | 'sendsTo'>): 'some' | 'none' {
    return !inputs.includes('nodes') || this.current(sendsTo).length > 0 ? 'some' : 'none';
  }

  /** What the informer is to tell. */
  handler(): EventHandler<Node> {
    return {
      onAdd: (node) => {
        if (isBackend(node)) this.#changed();
        else this.#stirred();
      },
      onUpdate: (old, next) => {
        if (!isSameBackend(old, next)) this.#changed();
        else if (!isBackend(next)) this.#stirred();
      },
      onDelete: (last) => {
        if (isBackend(last)) this.#changed();
      },
    };
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #changed(): void {
    this.#current.clear();
    this.#changedAt ??= this.#options.clock.monotonic();
    this.#tellLater(this.#changedAt);
  }

  /** A node that joins is about to be a backend: what waits to be told waits for that too. */
  #stirred(): void {
    if (this.#changedAt !== undefined) this.#tellLater(this.#changedAt);
  }

  /** @param since monotonic milliseconds: when the first change was */
  #tellLater(since: number): void {
    const { clock, onChange, settleTime } = this.#options;
    // Counted from the first change, so that a cluster that never rests is still served.
    const longest = Duration.milliseconds(since - clock.monotonic()).plus(settleTime.times(patience));
    const wait = longest.isLongerThan(settleTime) ? settleTime : longest;
    this.#cancel?.();
    this.#cancel = clock.schedule(wait, () => {
      this.#cancel = undefined;
      this.#changedAt = undefined;
      onChange();
    });
  }
}

function backendOf(node: Node): BackendNode {
  return {
    name: node.metadata.name,
    providerID: node.spec.providerID,
    labels: node.metadata.labels,
    addresses: node.status.addresses,
  };
}

function byName(left: BackendNode, right: BackendNode): number {
  return left.name < right.name ? -1 : 1;
}

function isSameMap(left: Readonly<Record<string, string>>, right: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length && keys.every((key) => left[key] === right[key]);
}
