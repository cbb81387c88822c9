import type { KubeConfig } from '@kubernetes/client-node';
import type { Dispatcher } from 'undici';
import type { Clock } from '../../base/clock.ts';
import type { MetricRegistry } from '../../telemetry/metrics.ts';
import { HttpKubeClient } from './http-kube-client.ts';
import type { KubeClient } from './kube-client.ts';
import { loadKubeConfig } from './load-kubeconfig.ts';
import { type ContentType, MediaTypes } from './media-types.ts';
import { type Impersonation, Requester } from './requester.ts';

export interface ConnectOptions {
  /** Path of a kubeconfig. @default the service account of the pod */
  readonly kubeconfig?: string | undefined;
  /** Address of the API server; overrides the kubeconfig's. */
  readonly master?: string | undefined;
  /** A configuration that is loaded already; the two above are then ignored. */
  readonly config?: KubeConfig | undefined;
  /** Acts as somebody else, if the server lets the configuration's user. @default as that user itself */
  readonly impersonate?: Impersonation | undefined;
  /** `name/version (os/arch)`; the name is also the default field manager. */
  readonly userAgent: string;
  /** Requests at once, watches not counted; more wait. @default 64 */
  readonly maxInFlight?: number | undefined;
  /** A cap on requests a second; 0 or absent: none, the server's own back-pressure rules. */
  readonly qps?: number | undefined;
  /** How many may go at once under {@link qps}. @default qps */
  readonly burst?: number | undefined;
  /** What is asked of the server first; one that does not offer it answers in JSON. @default protobuf */
  readonly contentType?: ContentType | undefined;
  /** @default false */
  readonly allowH2?: boolean | undefined;
  /** Takes the requests in the place of the network: for tests that hold both ends. @default connections to the server */
  readonly dispatcher?: Dispatcher | undefined;
  readonly clock: Clock;
  /** Uniform in [0, 1). @default Math.random */
  readonly random?: (() => number) | undefined;
  readonly metrics?: MetricRegistry | undefined;
}

/**
 * Makes a client. Nothing is sent: an unreachable server shows with the first request.
 *
 * @throws ConfigError (as a rejection) when the configuration cannot be used
 */
export async function connectKubeClient(options: ConnectOptions): Promise<KubeClient> {
  const config = options.config ?? loadKubeConfig(options);
  const requester = new Requester({
    config,
    impersonate: options.impersonate,
    userAgent: options.userAgent,
    maxInFlight: options.maxInFlight ?? 64,
    qps: options.qps,
    burst: options.burst,
    allowH2: options.allowH2,
    dispatcher: options.dispatcher,
    clock: options.clock,
    random: options.random ?? Math.random,
    metrics: options.metrics,
  });
  return new HttpKubeClient({
    requester,
    mediaTypes: new MediaTypes(options.contentType ?? 'protobuf'),
    fieldManager: options.userAgent.split('/')[0] ?? options.userAgent,
  });
}
