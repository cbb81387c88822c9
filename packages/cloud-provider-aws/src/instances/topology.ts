import {
  type CallContext,
  type Clock,
  type CloudError,
  Duration,
  type NodeName,
  toCloudError,
} from '@ccm-ts/cloud-provider';
import type { Ec2Port, Instance } from '../client/ec2-port.ts';

const labelPrefix = 'topology.k8s.aws/network-node-layer-';
/** The most ids that EC2 takes in one request. */
const idsPerRequest = 100;
/** How long it is believed that there is nothing to be told. */
const nothingMaxAge = Duration.hours(24);

export interface TopologyNode {
  readonly name: NodeName;
  readonly labels: Readonly<Record<string, string>>;
  readonly instance: Instance;
}

export type TopologyLabels = Readonly<Record<string, string>>;

/**
 * The labels that say where in the network an instance is: `topology.k8s.aws/network-node-layer-1` and on, from the top
 * down. Most instance types have none; that is learnt from one instance of each type and kept for a day, so that machines of
 * the same type cost nothing. Source: kubernetes/cloud-provider-aws v1.36, pkg/providers/v1/topology.go.
 */
export class Topology {
  readonly #ec2: Ec2Port;
  readonly #clock: Clock;
  /** The types that must be placed: for them a failure is told, for others it is not. */
  readonly #mustHave: RegExp;
  /** `region`, `type …` or `id …`, with the time until which nothing is asked. */
  readonly #nothing = new Map<string, number>();

  constructor(options: { readonly ec2: Ec2Port; readonly clock: Clock; readonly mustHave: RegExp }) {
    this.#ec2 = options.ec2;
    this.#clock = options.clock;
    this.#mustHave = options.mustHave;
  }

  /**
   * The labels by node: those that it has already, or none where none are to be had; an error where they are needed and not
   * known.
   */
  async labels(
    nodes: readonly TopologyNode[],
    call: CallContext,
  ): Promise<ReadonlyMap<NodeName, TopologyLabels | CloudError>> {
    const result = new Map<NodeName, TopologyLabels | CloudError>();
    const isLabelled = ({ labels }: TopologyNode): boolean => `${labelPrefix}1` in labels;
    // First all that must be placed, and one of each other type. When that one has a place, the others of its type follow.
    let left = nodes.filter((node) => !isLabelled(node));
    for (const node of nodes) if (isLabelled(node)) result.set(node.name, placesAmong(node.labels));
    for (const round of ['samples', 'followers'] as const) {
      left = left.filter(({ instance }) => !this.#hasNothing(instance));
      const samples = new Set<string>();
      const asked = left.filter(({ instance }) => {
        if (round === 'followers' || this.#mustHave.test(instance.type)) return true;
        if (samples.has(instance.type)) return false;
        samples.add(instance.type);
        return true;
      });
      left = left.filter((node) => !asked.includes(node));
      const failed = await this.#ask(asked, result, call);
      // A type whose sample failed is asked for again when its nodes are looked at the next time.
      if (failed) left = left.filter(({ instance }) => this.#mustHave.test(instance.type));
    }
    return result;
  }

  /** Whether a request failed. */
  async #ask(
    nodes: readonly TopologyNode[],
    result: Map<NodeName, TopologyLabels | CloudError>,
    call: CallContext,
  ): Promise<boolean> {
    let failed = false;
    for (let start = 0; start < nodes.length; start += idsPerRequest) {
      const chunk = nodes.slice(start, start + idsPerRequest).filter(({ instance }) => !this.#hasNothing(instance));
      if (chunk.length === 0) continue;
      try {
        const ids = [...new Set(chunk.map(({ instance }) => instance.id))];
        const places = await this.#ec2.describeTopology(ids, call);
        for (const { name, instance } of chunk) {
          const place = places.get(instance.id) ?? [];
          if (place.length > 0) result.set(name, placeLabels(place));
          else this.#remember(this.#mustHave.test(instance.type) ? `id ${instance.id}` : `type ${instance.type}`);
        }
      } catch (error) {
        failed = true;
        const reason = toCloudError(error);
        // The region has no such thing, or we may not ask: nodes work without these labels.
        if (reason.code === 'Denied' || reason.details.cloudCode === 'UnsupportedOperation') this.#remember('region');
        else {
          for (const { name, instance } of chunk) if (this.#mustHave.test(instance.type)) result.set(name, reason);
        }
      }
    }
    return failed;
  }

  #hasNothing({ type, id }: Instance): boolean {
    const now = this.#clock.monotonic();
    return ['region', `type ${type}`, `id ${id}`].some((key) => (this.#nothing.get(key) ?? 0) > now);
  }

  #remember(key: string): void {
    const now = this.#clock.monotonic();
    for (const [old, until] of this.#nothing) if (until <= now) this.#nothing.delete(old);
    this.#nothing.set(key, now + nothingMaxAge.milliseconds);
  }
}

function placesAmong(labels: TopologyNode['labels']): TopologyLabels {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => key.startsWith(labelPrefix)));
}

function placeLabels(networkNodes: readonly string[]): TopologyLabels {
  return Object.fromEntries(networkNodes.map((id, index) => [`${labelPrefix}${index + 1}`, id]));
}
