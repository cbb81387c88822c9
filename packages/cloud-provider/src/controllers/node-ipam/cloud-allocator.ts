import type { Node } from '../../api/node.ts';
import { type Cidr, parseCidr } from '../../base/cidr.ts';
import { Coalescer } from '../../base/coalescer.ts';
import { Duration } from '../../base/duration.ts';
import { CloudError, toCloudError } from '../../cloud/cloud-error.ts';
import { defectIn } from '../../cloud/provider-defect.ts';
import type { NodeRef } from '../../cloud/instances.ts';
import type { PodRanges, PodRangesView } from '../../cloud/pod-ranges.ts';
import { nodeRef } from '../node-reference.ts';
import type { Allocation, OccupationFault, PodCIDRAllocator } from './pod-cidr-allocator.ts';
import { RangeHolders } from './range-holders.ts';

const describeTimeout = Duration.minutes(2);
/** Clouds give a machine its ranges within seconds of its start. */
const pendingPause = Duration.seconds(10);
/** A larger range for one node is a mistake, which would keep all others from theirs. */
const shortestPrefix = 8;
/** Somebody may bring the machine into the cloud's knowledge. */
const foreignPause = Duration.minutes(5);

/**
 * Gives each node the ranges that the cloud gave to its machine. It invents nothing, so that a restart or another leader
 * comes to the same; what it remembers is only whose ranges are whose, to tell of two machines with one range.
 * After the cloudCIDRAllocator that k8s.io/kubernetes once had, pkg/controller/nodeipam/ipam.
 */
export class CloudAllocator implements PodCIDRAllocator {
  readonly #coalescer: Coalescer<string, NodeRef, PodRangesView>;
  readonly #holders = new RangeHolders();

  constructor(podRanges: PodRanges) {
    this.#coalescer = new Coalescer({
      maxBatch: podRanges.maxBatch,
      send: (batch, _lane, signal) => describe(podRanges, [...batch.values()], signal),
    });
  }

  occupy(node: Node): readonly OccupationFault[] {
    const { name, uid } = node.metadata;
    const faults: OccupationFault[] = [];
    const cidrs: Cidr[] = [];
    for (const text of node.spec.podCIDRs) {
      const cidr = parseCidr(text);
      if (cidr) cidrs.push(cidr);
      else faults.push({ reason: 'CIDRNotAvailable', message: `spec.podCIDRs: ${quoted(text)} is no range; ${anew}` });
    }
    const rival = this.#holders.rivalOf(uid, cidrs);
    if (rival) {
      const message = `spec.podCIDRs: ${rival.cidr.text} overlaps with the range of node ${rival.node}; ${anew}`;
      faults.push({ reason: 'CIDROverlap', message });
    }
    this.#holders.hold(uid, name, cidrs);
    return faults;
  }

  async allocate(node: Node, signal: AbortSignal): Promise<Allocation> {
    const view = await this.#coalescer.request({ key: node.metadata.name, item: nodeRef(node), signal });
    switch (view.kind) {
      case 'given':
        return this.#accept(node, view.cidrs);
      case 'pending':
        return { kind: 'waiting', message: 'the cloud has not given its machine a range yet', after: pendingPause };
      case 'none':
        return { kind: 'exhausted', message: `the cloud gives its machine no range of pod addresses: ${view.reason}` };
      case 'foreign':
        return { kind: 'waiting', message: 'not of this cloud', after: foreignPause };
      case 'unknown':
        if (!needsSomebody(view.reason)) throw view.reason;
        return {
          kind: 'exhausted',
          message: `the cloud's ranges of its machine are not known: ${view.reason.message}`,
        };
    }
  }

  release(uid: string): void {
    this.#holders.release(uid);
  }

  facts(): Readonly<Record<string, string | number>> {
    return { source: 'cloud', nodesWithRanges: this.#holders.size };
  }

  /** The API server keeps whatever is written first, so that nothing doubtful may be. */
  #accept(node: Node, texts: readonly string[]): Allocation {
    const { name, uid } = node.metadata;
    const cidrs = texts.map(parseCidr).filter((cidr) => cidr !== undefined);
    const refuse = (why: string): Allocation => ({
      kind: 'exhausted',
      message: `the cloud's ranges of its machine, ${texts.map(quoted).join(', ')}, can't be used: ${why}`,
    });
    const [first, second] = cidrs;
    if (!first || cidrs.length < texts.length || texts.length > 2 || first.family === second?.family) {
      return refuse('one range, or one of each family, is needed; give the machine such ranges');
    }
    if (cidrs.some(({ prefix }) => prefix < shortestPrefix)) {
      return refuse(`no node has a range larger than /${shortestPrefix}; give the machine a smaller one`);
    }
    const rival = this.#holders.rivalOf(uid, cidrs);
    if (rival) return refuse(`${rival.cidr.text} overlaps with the range of node ${rival.node}; change one of the two`);
    this.#holders.hold(uid, name, cidrs);
    return { kind: 'allocated', cidrs: cidrs.map(({ text }) => text) };
  }
}

/** Whether trying again soon would be for nothing. A machine that is not found may be too new to be seen. */
function needsSomebody(reason: CloudError): boolean {
  return (!reason.isRetriable && reason.code !== 'NotFound') || defectIn(reason) !== undefined;
}

const anew = 'delete the node and let it join again';

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 64));
}

async function describe(
  podRanges: PodRanges,
  nodes: readonly NodeRef[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, PodRangesView>> {
  try {
    const call = { signal, timeout: describeTimeout, freshness: 'live', priority: 'initialize' } as const;
    const views = await podRanges.describe(nodes, call);
    return new Map(nodes.map(({ name }) => [name, views.get(name) ?? unanswered]));
  } catch (error) {
    const view: PodRangesView = { kind: 'unknown', reason: toCloudError(error) };
    return new Map(nodes.map(({ name }) => [name, view]));
  }
}

const unanswered: PodRangesView = {
  kind: 'unknown',
  reason: new CloudError('Unknown', 'the answer did not mention the node'),
};
