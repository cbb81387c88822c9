import type { Node } from '../../api/node.ts';
import { parseCidr } from '../../base/cidr.ts';
import { silentLogger } from '../../telemetry/logger.ts';
import { MetricRegistry } from '../../telemetry/metrics.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { TestCluster, TestRecorder } from '../test-cluster.ts';
import { NodeIpamController, type NodeIpamControllerOptions } from './node-ipam-controller.ts';
import type { PodCIDRAllocator } from './pod-cidr-allocator.ts';
import { RangeAllocator } from './range-allocator.ts';

export function nodeWith(name: string, podCIDRs: readonly string[] = [], uid = `uid-of-${name}`): Node {
  return {
    metadata: {
      name,
      namespace: '',
      uid,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      deletionTimestamp: '',
      labels: {},
      annotations: {},
      finalizers: [],
    },
    spec: { podCIDRs, providerID: '', unschedulable: false, taints: [] },
    status: { conditions: [], addresses: [] },
  };
}

/** `10.0.0.0/16/24`: the range, and the size of its blocks. */
export function rangeAllocator(
  ranges: readonly string[],
  options: { readonly serviceCIDRs?: readonly string[]; readonly metrics?: MetricRegistry } = {},
): RangeAllocator {
  return new RangeAllocator({
    ranges: ranges.map((text) => {
      const slash = text.lastIndexOf('/');
      const cidr = parseCidr(text.slice(0, slash));
      if (!cidr) throw new Error(`${text} is no range`);
      return { cidr, nodePrefix: Number(text.slice(slash + 1)) };
    }),
    serviceCIDRs: (options.serviceCIDRs ?? []).map(parseCidr).filter((cidr) => cidr !== undefined),
    metrics: options.metrics ?? new MetricRegistry(),
  });
}

/** The controller on a cluster, on a clock that the test moves; it can be started again, as another process would be. */
export class IpamBench implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly cluster = new TestCluster();
  readonly recorder = new TestRecorder();
  readonly #makeAllocator: () => PodCIDRAllocator;
  readonly #more: Pick<NodeIpamControllerOptions, 'isOwn'>;
  controller: NodeIpamController | undefined;
  #stop = new AbortController();
  #run = Promise.resolve();

  constructor(makeAllocator: () => PodCIDRAllocator, more: Pick<NodeIpamControllerOptions, 'isOwn'> = {}) {
    this.#makeAllocator = makeAllocator;
    this.#more = more;
  }

  start(): void {
    this.#stop = new AbortController();
    const { clock, cluster, recorder } = this;
    this.controller = new NodeIpamController({
      client: cluster.client,
      nodes: cluster.nodes,
      allocator: this.#makeAllocator(),
      recorder,
      clock,
      logger: silentLogger,
      metrics: new MetricRegistry(),
      ...this.#more,
    });
    this.#run = this.controller.run({ stopping: this.#stop.signal, aborting: this.#stop.signal });
  }

  async stop(): Promise<void> {
    this.#stop.abort(new Error('stopped'));
    await this.#run;
  }

  ranges(name: string): string | undefined {
    return this.cluster.node(name)?.spec.podCIDRs.join();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
