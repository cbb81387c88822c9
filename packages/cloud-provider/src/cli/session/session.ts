import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import type { Duration } from '../../base/duration.ts';
import type { CallContext } from '../../cloud/call-context.ts';
import type { CloudProvider } from '../../cloud/cloud-provider.ts';
import type { ClusterIdentity } from '../../cloud/cluster-identity.ts';
import { Duration as Time } from '../../base/duration.ts';
import { connectKubeClient } from '../../kube/client/connect.ts';
import type { KubeClient } from '../../kube/client/kube-client.ts';
import type { Impersonation } from '../../kube/client/requester.ts';
import { namespaces } from '../../kube/resources.ts';
import { BudgetedCallGate } from '../../manager/budgeted-call-gate.ts';
import { configureManager } from '../../manager/configure-manager.ts';
import { observingFence } from '../../manager/observing-client.ts';
import type { Invocation } from '../../manager/program.ts';
import { type LogFields, type Logger, createLogger } from '../../telemetry/logger.ts';
import { MetricRegistry } from '../../telemetry/metrics.ts';
import { CommandFailure } from '../command-failure.ts';
import type { Progress } from '../output/progress.ts';
import { type CountedCall, countingGate } from './counting-gate.ts';

export interface SessionOptions {
  readonly invocation: Invocation;
  readonly clock: Clock;
  readonly progress: Progress;
  /** How long everything together may take. */
  readonly timeout: Duration;
  /** Ends everything at once: the user does not want to wait any more. */
  readonly interrupted: AbortSignal;
}

/**
 * The cluster and the cloud as a subcommand reaches them. Nothing is contacted before it is asked for. Writes to the cloud are
 * withheld at its door unless a subcommand asks for a provider that may.
 */
export class Session implements AsyncDisposable {
  readonly invocation: Invocation;
  readonly clock: Clock;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly metrics = new MetricRegistry();
  /** Warnings of the parts in use, in the order of their coming, each once. */
  readonly warnings = new Set<string>();
  /** What the provider found out about the machine, once there is one. */
  found: Readonly<Record<string, string>> = {};
  readonly #calls: CountedCall[] = [];
  readonly #closing: (() => Promise<unknown>)[] = [];
  readonly #cancelTimeout: () => void;
  #client: Promise<KubeClient> | undefined;
  #cluster: Promise<ClusterIdentity> | undefined;

  constructor(options: SessionOptions) {
    const { clock, interrupted, invocation, progress, timeout } = options;
    this.invocation = invocation;
    this.clock = clock;
    this.progress = progress;
    const late = new AbortController();
    this.#cancelTimeout = clock.schedule(timeout, () => {
      const next = 'give it more time with --timeout, or ask for less, for example for one Service';
      late.abort(new CommandFailure(`there was no whole answer within ${timeout.toString()}`, next));
    });
    this.signal = AbortSignal.any([late.signal, interrupted]);
    this.logger = createLogger({
      format: 'json',
      level: 'warn',
      clock,
      sink: (line) => this.#warn(line),
    });
  }

  /** The requests to the cloud so far. */
  get calls(): readonly CountedCall[] {
    return this.#calls;
  }

  /** The client to the cluster. @throws ConfigError */
  client(): Promise<KubeClient> {
    this.#client ??= this.#connect();
    return this.#client;
  }

  /** A client that acts as somebody else. @throws ConfigError */
  clientAs(impersonate: Impersonation): Promise<KubeClient> {
    return this.#connect(impersonate);
  }

  /** The identity of the cluster: one request. @throws ApiError */
  cluster(): Promise<ClusterIdentity> {
    this.#cluster ??= this.#identify();
    return this.#cluster;
  }

  /**
   * Makes the provider and asks the cloud once whether it answers at all.
   *
   * @param writes `withheld` lets no write reach the cloud, whatever asks for one
   * @throws ConfigError, CloudError
   */
  async provider(cluster: ClusterIdentity, writes: 'withheld' | 'allowed' = 'withheld'): Promise<CloudProvider> {
    this.progress.step('Asking the cloud');
    const { clock, logger, metrics, signal } = this;
    const fence = writes === 'withheld' ? observingFence : { assertHeld: () => undefined };
    const gate = countingGate(new BudgetedCallGate({ fence, clock, logger, metrics }), this.#calls);
    const written = configureManager(this.invocation).provider;
    const configured = (await written.discover?.({ gate, clock, logger, signal })) ?? written;
    this.found = configured.found ?? {};
    const provider = configured.connect({ cluster, gate, clock, logger });
    this.#closing.push(() => provider.close());
    await provider.probe(this.call());
    return provider;
  }

  /** What accompanies a question to the provider. */
  call(): CallContext {
    return { signal: this.signal, timeout: Time.seconds(30), freshness: 'live', priority: 'change' };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#cancelTimeout();
    await Promise.allSettled(this.#closing.map((close) => close()));
  }

  async #connect(impersonate?: Impersonation): Promise<KubeClient> {
    const { flags, program } = this.invocation;
    const client = await connectKubeClient({
      kubeconfig: kubeconfigOf(this.invocation),
      master: flags.master,
      userAgent: `${program.name}/${program.version}`,
      contentType: flags['kube-api-content-type'] === 'application/json' ? 'json' : 'protobuf',
      impersonate,
      clock: this.clock,
    });
    this.#closing.push(() => client.close());
    return client;
  }

  async #identify(): Promise<ClusterIdentity> {
    this.progress.step('Asking the cluster');
    const client = await this.client();
    const name = { namespace: '', name: 'kube-system' };
    const { metadata } = await client.get(namespaces, name, { signal: this.signal, timeout: Time.seconds(10) });
    return { uid: metadata.uid, name: this.invocation.flags['cluster-name'] };
  }

  #warn(line: string): void {
    // Our own logger wrote it.
    const { msg = '', err, error, warning, reason } = JSON.parse(line) as LogFields;
    const detail = [err, error, warning, reason].find((each) => typeof each === 'string');
    this.warnings.add(detail === undefined ? String(msg) : `${String(msg)}: ${String(detail)}`);
  }
}

/** As kubectl: the flag, KUBECONFIG, the file at home; in a pod its service account. */
function kubeconfigOf({ flags, host }: Invocation): string {
  if (flags.kubeconfig !== '') return flags.kubeconfig;
  const [first = ''] = (host.env['KUBECONFIG'] ?? '').split(':').filter((path) => path !== '');
  if (first !== '') return first;
  const atHome = join(host.env['HOME'] ?? '', '.kube', 'config');
  return host.env['HOME'] !== undefined && existsSync(atHome) ? atHome : '';
}
