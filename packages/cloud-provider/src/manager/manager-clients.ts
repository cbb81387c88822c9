import { systemClock } from '../base/clock.ts';
import { connectKubeClient, type ConnectOptions } from '../kube/client/connect.ts';
import type { KubeClient } from '../kube/client/kube-client.ts';
import { loadKubeConfig } from '../kube/client/load-kubeconfig.ts';
import { withTokens } from '../kube/client/token-kubeconfig.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { MetricRegistry } from '../telemetry/metrics.ts';
import { builtInControllers } from './controller-registry.ts';
import type { Invocation } from './program.ts';
import { ServiceAccountTokens } from './service-account-clients.ts';

/** The identities of one manager to the API server. Nothing is sent before somebody asks. */
export interface ManagerClients extends AsyncDisposable {
  readonly own: KubeClient;
  readonly reviewers: ReviewClients;
  /** By service account; empty unless each controller has its own. */
  readonly controllers: ReadonlyMap<string, KubeClient>;
}

/** Makes the clients that the flags ask for. */
export async function connectManager(
  invocation: Invocation,
  parts: { readonly metrics: MetricRegistry; readonly logger: Logger },
): Promise<ManagerClients> {
  const own = await connect(invocation, parts.metrics);
  const reviewers = await connectReviewers(invocation, parts.metrics, own);
  const controllers = invocation.flags['use-service-account-credentials']
    ? await connectServiceAccounts(invocation, { ...parts, client: own })
    : new Map<string, KubeClient>();
  return {
    own,
    reviewers,
    controllers,
    async [Symbol.asyncDispose]() {
      const open = new Set([own, reviewers.authentication, reviewers.authorization, ...controllers.values()]);
      await Promise.all([...open].map((each) => each.close()));
    },
  };
}

function connect(
  invocation: Invocation,
  metrics: MetricRegistry,
  kubeconfig = invocation.flags.kubeconfig,
): Promise<KubeClient> {
  const { flags } = invocation;
  const master = kubeconfig === flags.kubeconfig ? flags.master : '';
  return connectWith(invocation, { kubeconfig, master, metrics });
}

function connectWith(
  invocation: Invocation,
  source: Pick<ConnectOptions, 'kubeconfig' | 'master' | 'config' | 'metrics'>,
): Promise<KubeClient> {
  const { flags, given, program } = invocation;
  return connectKubeClient({
    ...source,
    userAgent: `${program.name}/${program.version}`,
    contentType: flags['kube-api-content-type'] === 'application/json' ? 'json' : 'protobuf',
    maxInFlight: flags['kube-api-max-in-flight'],
    ...(given.has('kube-api-qps') || given.has('kube-api-burst')
      ? { qps: flags['kube-api-qps'], burst: flags['kube-api-burst'] }
      : {}),
    clock: systemClock,
  });
}

/** A client for each service account that controllers use. Nothing is sent yet. */
async function connectServiceAccounts(
  invocation: Invocation,
  parts: { readonly metrics: MetricRegistry; readonly logger: Logger; readonly client: KubeClient },
): Promise<ReadonlyMap<string, KubeClient>> {
  const { flags } = invocation;
  const clients = new Map<string, KubeClient>();
  const all = [...builtInControllers, ...(invocation.program.factory.controllers ?? [])];
  for (const name of new Set(all.map(({ serviceAccount }) => serviceAccount))) {
    const tokens = new ServiceAccountTokens({ ...parts, name, clock: systemClock });
    const config = withTokens(loadKubeConfig(flags), tokens);
    clients.set(name, await connectWith(invocation, { config, metrics: parts.metrics }));
  }
  return clients;
}

/** Who asks the API server about users. */
export interface ReviewClients {
  readonly authentication: KubeClient;
  readonly authorization: KubeClient;
}

/** The manager's own client unless a flag names another identity. */
async function connectReviewers(
  invocation: Invocation,
  metrics: MetricRegistry,
  own: KubeClient,
): Promise<ReviewClients> {
  const { flags } = invocation;
  const connectAs = async (kubeconfig: string): Promise<KubeClient> =>
    kubeconfig === '' || kubeconfig === flags.kubeconfig ? own : await connect(invocation, metrics, kubeconfig);
  return {
    authentication: await connectAs(flags['authentication-kubeconfig']),
    authorization: await connectAs(flags['authorization-kubeconfig']),
  };
}
