import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from '@jest/globals';
import { systemClock } from '../base/clock.ts';
import { Duration } from '../base/duration.ts';
import { clusterStampKey } from '../cloud/ownership.ts';
import { embeddedTransport } from '../testing/memory-cloud/client/embedded-transport.ts';
import { MemoryCloud } from '../testing/memory-cloud/cloud/memory-cloud.ts';
import { memoryCloudProvider } from '../testing/memory-cloud/memory-cloud-provider.ts';
import { versionMatrix } from '../config/version-skew.ts';
import { runManager } from './run-manager.ts';
import { TestHost } from './test-host.ts';

/** An API server of which nothing is known but what it says of itself, and which has no object but kube-system. */
async function startOtherApiServer(
  gitVersion: string,
  groupVersions: readonly string[],
): Promise<AsyncDisposable & { readonly url: string }> {
  const documents: Readonly<Record<string, unknown>> = {
    '/version': { gitVersion },
    '/apis': { kind: 'APIGroupList', groups: [{ versions: groupVersions.map((groupVersion) => ({ groupVersion })) }] },
    '/api/v1/namespaces/kube-system': {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'kube-system', uid: '11111111-1111-4111-8111-111111111111' },
    },
  };
  const server = createServer((request, response) => {
    const document = documents[(request.url ?? '').split('?')[0] ?? ''];
    response.writeHead(document === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(document ?? { kind: 'Status', status: 'Failure', code: 404, reason: 'NotFound' }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function start(url: string): {
  readonly host: TestHost;
  readonly ended: Promise<number>;
  readonly calls: () => number;
} {
  const cloud = new MemoryCloud({ clock: systemClock, ownerTag: clusterStampKey });
  const host = new TestHost([`--master=${url}`, '--secure-port=0', '--leader-elect=false']);
  const factory = memoryCloudProvider({ transport: embeddedTransport(cloud) });
  const ended = runManager({ name: 'memory-cloud-controller-manager', version: '1.36.0', factory }, host);
  return { host, ended, calls: () => Object.keys(cloud.log.counts()).length };
}

it('ends with 1 where the API server lacks what is needed, and says what, before anything is done', async () => {
  await using server = await startOtherApiServer('v1.20.4', ['coordination.k8s.io/v1', 'discovery.k8s.io/v1beta1']);
  const { host, ended, calls } = start(server.url);
  expect(await ended).toBe(1);
  expect(host.log).toContain(
    'the API server v1.20.4 does not serve discovery.k8s.io/v1, events.k8s.io/v1, which is needed',
  );
  expect(calls()).toBe(0);
});

it('warns of an API server that is out of range, and goes on', async () => {
  await using server = await startOtherApiServer('v1.99.0', versionMatrix.needs);
  const { host, ended, calls } = start(server.url);
  while (!host.log.includes('works with 1.33 to 1.37') || calls() === 0) {
    await systemClock.sleep(Duration.milliseconds(5));
  }
  host.emit('SIGTERM');
  expect(await ended).toBe(0);
});
