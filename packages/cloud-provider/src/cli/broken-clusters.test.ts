import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Duration } from '../base/duration.ts';
import { clusterStampKey } from '../cloud/ownership.ts';
import { balancerName } from '../testing/memory-cloud/load-balancers/memory-lb/desired.ts';
import { StatusError } from '../testing/api-server/status.ts';
import { forbidden } from '../testing/api-server/status.ts';
import { type Bench, addNode, addService, setUpBench, writeIn } from './test-bench.ts';

/** The subcommands that ask cluster or cloud. */
const asking: readonly (readonly string[])[] = [
  ['plan'],
  ['plan', 'services', 'default/web'],
  ['explain', 'service/default/web'],
  ['explain', 'node/n1'],
  ['doctor'],
  ['orphans', 'list'],
  ['audit'],
  ['migrate', 'check'],
  ['migrate', 'shadow'],
  ['capture', '--file', 'FILE'],
];

interface BrokenCluster {
  readonly title: string;
  readonly break: (bench: Bench) => Promise<readonly string[]>;
  /** In the first line, of every subcommand. */
  readonly cause: RegExp;
  /** Those that go on as if nothing were wrong, because for them nothing is. */
  readonly spared?: readonly string[];
}

const broken: readonly BrokenCluster[] = [
  {
    title: 'no cluster',
    async break(bench) {
      const server = 'http://127.0.0.1:1';
      const config = {
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': 'c',
        contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
        clusters: [{ name: 'k', cluster: { server } }],
        users: [{ name: 'u', user: { token: 'a-secret-token' } }],
      };
      return ['--kubeconfig', await writeIn(bench, 'nowhere', JSON.stringify(config))];
    },
    cause: /the cluster can't be asked: .*127\.0\.0\.1:1.*check the address of the server/,
  },
  {
    title: 'a kubeconfig that is not there',
    break: async () => ['--kubeconfig', '/nowhere/kubeconfig'],
    cause: /\/nowhere\/kubeconfig.*give the path of a readable kubeconfig/,
  },
  {
    title: 'no rights in the cluster',
    async break({ api }) {
      const error = forbidden(
        { group: '', resource: 'services', kind: 'Service' } as never,
        '',
        'User "me" has no rights',
      );
      if (!(error instanceof StatusError)) throw new Error('not an error of the server');
      api.faults.refuse({}, error);
      return [];
    },
    cause: /the cluster can't be asked: .*(forbidden|User "me" has no rights).*give this user the rights/,
  },
  {
    title: 'wrong credentials of the cloud',
    async break({ cloud }) {
      cloud.faults.add({ effect: { kind: 'deny' } });
      return [];
    },
    cause: /the cloud refuses these credentials.*check the credentials/,
  },
  {
    title: 'a cloud that throttles',
    async break({ cloud }) {
      cloud.faults.add({ effect: { kind: 'throttle', retryAfter: Duration.seconds(30) } });
      return [];
    },
    cause: /the cloud throttles.*try again in/,
  },
  {
    title: 'a load balancer of somebody else in the place',
    async break({ api, cloud }) {
      const uid = String((api.store.get('services', 'web') as { metadata: { uid: string } }).metadata.uid);
      const balancer = {
        name: balancerName(uid),
        networkID: 'net-main',
        scheme: 'public',
        allowedRanges: ['0.0.0.0/0'],
        healthCheck: { protocol: 'tcp', port: 25, path: '' },
        listeners: [],
        backends: [],
        tags: { [clusterStampKey]: 'another-cluster', 'kubernetes.io/service-uid': uid },
      };
      cloud.operator.plantLoadBalancer(balancer, 'another-cluster');
      return [];
    },
    cause: /default\/web.*stamped for the cluster another-cluster/,
    spared: ['explain node/n1', 'orphans list'],
  },
];

describe('the first line names the cause', () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await setUpBench();
    addNode(bench, 'n1');
    addService(bench, 'web');
  }, 60_000);

  afterEach(async () => {
    await bench[Symbol.asyncDispose]();
  }, 60_000);

  it.each(broken)(
    '$title',
    async ({ break: doBreak, cause, spared = [] }) => {
      const more = await doBreak(bench);
      for (const words of asking) {
        const argv = words.map((word) => (word === 'FILE' ? `${bench.folder}/capture.json` : word));
        const isShadow = words[1] === 'shadow';
        const { code, err, first, out } = await bench.run(
          ...argv,
          ...more,
          ...(isShadow ? ['--for', '300ms', '--every', '100ms', '--timeout', '3s'] : []),
        );
        const told = `${words.join(' ')} → ${first}`;
        if (!spared.includes(words.join(' '))) {
          expect(told).toMatch(cause);
          // A capture of trouble is a good capture.
          if (words[0] !== 'capture') expect([words.join(' '), code]).not.toEqual([words.join(' '), 0]);
        }
        expect(`${out}${err}`).not.toMatch(/\n\s+at .*:\d+:\d+|a-secret-token|node:internal/);
      }
      expect(bench.cloud.foreignWrites).toEqual([]);
      expect(bench.api.log.entries).toEqual([]);
    },
    240_000,
  );
});
