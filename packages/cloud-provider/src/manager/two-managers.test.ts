import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { systemClock } from '../base/clock.ts';
import { Duration } from '../base/duration.ts';
import { clusterStampKey } from '../cloud/ownership.ts';
import { startApiServer } from '../testing/api-server/api-server.ts';
import { embeddedTransport } from '../testing/memory-cloud/client/embedded-transport.ts';
import { MemoryCloud } from '../testing/memory-cloud/cloud/memory-cloud.ts';
import { memoryCloudProvider } from '../testing/memory-cloud/memory-cloud-provider.ts';
import { runManager } from './run-manager.ts';
import { TestHost } from './test-host.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'two-managers-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('share a cluster and a host, each with a lease, a port and controllers of its own', async () => {
  await using server = await startApiServer();
  const kubeconfig = join(folder, 'kubeconfig');
  await server.writeKubeconfig(kubeconfig);
  const cloud = new MemoryCloud({ clock: systemClock, ownerTag: clusterStampKey });
  const factory = memoryCloudProvider({ transport: embeddedTransport(cloud) });
  const common = [
    `--kubeconfig=${kubeconfig}`,
    '--bind-address=127.0.0.1',
    '--authorization-always-allow-paths=/metrics',
    '--authentication-skip-lookup',
  ];
  const shares = [
    ['--leader-elect-resource-name=nodes', '--controllers=cloud-node,cloud-node-lifecycle'],
    ['--leader-elect-resource-name=services', '--controllers=service'],
  ];
  const managers = await Promise.all(
    shares.map(async (share) => {
      const port = await freePort();
      const host = new TestHost([...common, `--secure-port=${port}`, ...share]);
      const ended = runManager({ name: 'memory-cloud-controller-manager', version: '1.36.0', factory }, host);
      return { host, port, ended };
    }),
  );
  const told = (): Promise<readonly (readonly string[])[]> =>
    Promise.all(managers.map(async ({ port }) => runningControllers(await metricsOf(port))));
  let running = await told();
  while (running.flat().length < 3) {
    await systemClock.sleep(Duration.milliseconds(20));
    running = await told();
  }
  expect(running).toEqual([['cloud-node', 'cloud-node-lifecycle'], ['service']]);
  for (const { host, ended } of managers) {
    host.emit('SIGTERM');
    expect(await ended).toBe(0);
  }
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Empty while the manager does not answer. */
function metricsOf(port: number): Promise<string> {
  return new Promise((resolve) => {
    get({ host: '127.0.0.1', port, path: '/metrics', rejectUnauthorized: false, agent: false }, (response) => {
      let text = '';
      response.on('data', (piece: Buffer) => (text += piece.toString()));
      response.on('end', () => resolve(text));
    }).on('error', () => resolve(''));
  });
}

function runningControllers(metrics: string): readonly string[] {
  const series = metrics.matchAll(/^running_managed_controllers\{[^}]*name="([^"]+)"[^}]*\} 1$/gm);
  return [...series].map(([, name = '']) => name).toSorted();
}
