import type { Node, Taint } from '../../api/node.ts';
import type { Clock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import type { CallContext, Freshness } from '../../cloud/call-context.ts';
import { CloudError } from '../../cloud/cloud-error.ts';
import type { InstanceState, InstanceView, Instances, NodeRef } from '../../cloud/instances.ts';
import { ApiError } from '../../kube/client/api-error.ts';
import type { DeleteOptions, KubeClient } from '../../kube/client/kube-client.ts';
import { silentLogger } from '../../telemetry/logger.ts';
import { MetricRegistry } from '../../telemetry/metrics.ts';
import { TestCluster, TestRecorder } from '../test-cluster.ts';
import { NodeLifecycleController, type NodeLifecycleSettings } from './node-lifecycle-controller.ts';

export interface LifecycleNodeOptions {
  /** @default 'Unknown' */
  readonly ready?: 'True' | 'False' | 'Unknown' | 'missing';
  readonly uid?: string;
  /** @default fake://<name> */
  readonly providerID?: string;
  readonly taints?: readonly Taint[];
  /** @default when the clock starts, or without a providerID the day before */
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly lastTransitionTime?: string;
}

/** An initialised Node whose kubelet has fallen silent, unless told otherwise. */
export function lifecycleNode(name: string, options: LifecycleNodeOptions = {}): Node {
  const { ready = 'Unknown' } = options;
  const condition = {
    type: 'Ready',
    status: ready,
    reason: '',
    lastTransitionTime: options.lastTransitionTime ?? `when ${ready}`,
  };
  return {
    metadata: {
      name,
      namespace: '',
      uid: options.uid ?? `uid-of-${name}`,
      resourceVersion: '1',
      creationTimestamp:
        options.creationTimestamp ?? (options.providerID === '' ? '2025-12-31T00:00:00Z' : '2026-01-01T00:00:00Z'),
      deletionTimestamp: options.deletionTimestamp ?? '',
      labels: {},
      annotations: {},
      finalizers: [],
    },
    spec: {
      podCIDRs: [],
      providerID: options.providerID ?? `fake://${name}`,
      unschedulable: false,
      taints: options.taints ?? [],
    },
    status: { conditions: ready === 'missing' ? [] : [condition], addresses: [] },
  };
}

export const views = {
  absent: (requestId = 'req-1'): InstanceView => ({
    kind: 'absent',
    evidence: { statement: 'there is no such machine', operation: 'GetInstance', requestId },
  }),
  present: (state: InstanceState = 'running'): InstanceView => ({ kind: 'present', state }),
  unknown: (code: CloudError['code'] = 'Throttled'): InstanceView => ({
    kind: 'unknown',
    reason: new CloudError(code, 'the cloud would not say'),
  }),
} as const;

/** A cloud of machines by node name; a node without a view is missing from the answer. */
export class ScriptedInstances implements Instances {
  maxBatch = 100;
  readonly questions: {
    readonly refs: readonly NodeRef[];
    readonly freshness: Freshness;
    readonly priority: string;
    readonly need: string;
  }[] = [];
  readonly views = new Map<string, InstanceView>();
  /** What happens before an answer; what it throws is the answer. */
  before: (call: CallContext) => Promise<void> = () => Promise.resolve();

  scopeOf(): 'any' {
    return 'any';
  }

  async describe(
    nodes: readonly NodeRef[],
    need: string,
    call: CallContext,
  ): Promise<ReadonlyMap<string, InstanceView>> {
    this.questions.push({ refs: nodes, freshness: call.freshness, priority: call.priority, need });
    await this.before(call);
    return new Map(
      nodes.flatMap(({ name }) => {
        const view = this.views.get(name);
        return view ? [[name, view] as const] : [];
      }),
    );
  }

  get asked(): readonly string[] {
    return this.questions.flatMap(({ refs }) => refs.map(({ name }) => name));
  }
}

/** A clock that a test moves. */
interface SteppedClock extends Clock {
  advance(duration: Duration): Promise<void>;
  settle(): Promise<void>;
  jumpWallClock(duration: Duration): void;
}

/** The controller between a cluster and a cloud of a test's making. */
export class LifecycleBench implements AsyncDisposable {
  readonly clock: SteppedClock;
  readonly cluster = new TestCluster();
  readonly instances = new ScriptedInstances();
  readonly recorder = new TestRecorder();
  readonly metrics = new MetricRegistry();
  readonly deletions: { readonly name: string; readonly at: number; readonly options: DeleteOptions }[] = [];
  readonly controller: NodeLifecycleController;
  /** Called before each DELETE; what it throws is the reply. */
  beforeDelete: (name: string) => void = () => {};
  readonly #stopping = new AbortController();
  #run: Promise<void> | undefined;

  constructor(clock: SteppedClock, settings: NodeLifecycleSettings) {
    this.clock = clock;
    this.controller = new NodeLifecycleController({
      ...settings,
      client: this.#client(),
      nodes: this.cluster.nodes,
      instances: this.instances,
      scheme: 'fake',
      cluster: { uid: 'uid-of-kube-system', name: 'kubernetes' },
      recorder: this.recorder,
      clock: this.clock,
      logger: silentLogger,
      metrics: this.metrics,
    });
  }

  /** Seconds since the start. */
  get now(): number {
    return this.clock.monotonic() / 1000;
  }

  async start(): Promise<void> {
    this.#run = this.controller.run({ stopping: this.#stopping.signal, aborting: this.#stopping.signal });
    await this.settle();
  }

  async settle(): Promise<void> {
    for (let turn = 0; turn < 5; turn++) await this.clock.settle();
  }

  /** Lets time go by, a second at a time. */
  async pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      await this.clock.advance(Duration.seconds(1));
      await this.settle();
    }
  }

  /** Long enough that a Node may be deleted. */
  async passProbation(): Promise<void> {
    await this.pass(135);
  }

  taints(name: string): readonly string[] {
    return this.cluster.node(name)?.spec.taints.map(({ key, effect }) => `${key}:${effect}`) ?? ['no such node'];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#run;
  }

  #client(): KubeClient {
    return {
      ...this.cluster.client,
      delete: async (_resource, { name }, options) => {
        await new Promise((resolve) => setImmediate(resolve));
        options.fence?.assertHeld();
        this.deletions.push({ name, at: this.now, options });
        this.beforeDelete(name);
        const metadata = this.cluster.node(name)?.metadata;
        if (!metadata) throw new ApiError(`nodes ${name} not found`, { kind: 'notFound', status: 404 });
        const { preconditions } = options;
        if (preconditions?.uid !== metadata.uid || preconditions.resourceVersion !== metadata.resourceVersion) {
          throw new ApiError(`${name} is another one`, { kind: 'conflict', status: 409 });
        }
        this.cluster.removeNode(name);
      },
    };
  }
}
