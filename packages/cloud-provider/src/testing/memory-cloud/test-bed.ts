import { Duration } from '../../base/duration.ts';
import type { CallContext } from '../../cloud/call-context.ts';
import { clusterStampKey } from '../../cloud/ownership.ts';
import { silentLogger } from '../../telemetry/logger.ts';
import { directGate } from '../direct-gate.ts';
import { FakeClock } from '../fake-clock.ts';
import { embeddedTransport } from './client/embedded-transport.ts';
import { httpTransport } from './client/http-transport.ts';
import { MemoryClient } from './client/memory-client.ts';
import { startCloudServer } from './cloud/http-server.ts';
import { MemoryCloud } from './cloud/memory-cloud.ts';
import type { CloudSettings } from './cloud/settings.ts';
import { memoryLB } from './load-balancers/memory-lb/memory-lb.ts';
import { testCluster } from './load-balancers/memory-lb/test-services.ts';
import { memoryCloudProvider } from './memory-cloud-provider.ts';
import { memoryRoutes } from './routes/memory-routes.ts';

/** The two ways to a memory cloud; what holds on one must hold on the other. */
export const ways = ['embedded', 'http'] as const;
export type Way = (typeof ways)[number];

export const call: CallContext = {
  signal: new AbortController().signal,
  timeout: Duration.seconds(10),
  freshness: 'live',
  priority: 'change',
};
const consistencyWindow = Duration.seconds(5);
const factsMaxAge = Duration.minutes(10);

/** A memory cloud on a clock that a test moves, and its provider, reached in one of the ways. */
export async function setUp(way: 'embedded' | 'http', settings: Partial<CloudSettings> = {}) {
  const clock = new FakeClock();
  const cloud = new MemoryCloud({ clock, ownerTag: clusterStampKey, settings });
  const server = way === 'http' ? await startCloudServer(cloud) : undefined;
  const transport = server ? httpTransport(server.endpoint) : embeddedTransport(cloud);
  const gate = directGate();
  const scope = cloud.location;
  const client = new MemoryClient({ transport, gate, clock, scope, clusterUID: testCluster.uid });
  const provider = memoryCloudProvider({ transport })
    .configure({ file: undefined, environment: {}, allowUntaggedCloud: 'no', clusterName: 'kubernetes' })
    .connect({ cluster: testCluster, gate, clock, logger: silentLogger });
  const balancers = memoryLB({ client, clock, consistencyWindow, factsMaxAge });
  const routes = memoryRoutes({ client, clock, cluster: testCluster, factsMaxAge });
  return {
    clock,
    cloud,
    gate,
    provider,
    balancers,
    routes,
    async [Symbol.asyncDispose]() {
      await provider.close();
      await server?.[Symbol.asyncDispose]();
    },
  };
}

export type TestBed = Awaited<ReturnType<typeof setUp>>;
