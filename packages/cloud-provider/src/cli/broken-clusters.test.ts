import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duration } from '../base/duration.ts';
import { clusterStampKey } from '../cloud/ownership.ts';
import { balancerName } from '../testing/memory-cloud/load-balancers/memory-lb/desired.ts';
import { startApiServer } from '../testing/api-server/api-server.ts';
import { StatusError } from '../testing/api-server/status.ts';
import { forbidden } from '../testing/api-server/status.ts';
import { type Bench, type Ran, addBalancer, setUpBusyBench, writeIn } from './test-bench.ts';

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
      return ['--kubeconfig', await writeIn(bench, 'nowhere', kubeconfigFor('http://127.0.0.1:1'))];
    },
    cause: /the cluster can't be asked: .*127\.0\.0\.1:1.*check the address of the server/,
  },
  {
    title: 'a kubeconfig that is not there',
    break: async () => ['--kubeconfig', '/nowhere/kubeconfig'],
    cause: /\/nowhere\/kubeconfig.*give the path of a readable kubeconfig/,
  },
  {
    title: 'half of a kubeconfig',
    async break(bench) {
      const whole = readFileSync(bench.kubeconfig, 'utf8');
      return ['--kubeconfig', await writeIn(bench, 'half', whole.slice(0, Math.floor(whole.length / 2)))];
    },
    cause: /half.*write a valid kubeconfig/,
  },
  {
    title: 'a token that is not valid any more',
    async break(bench) {
      const strict = await startApiServer({ token: 'another-token' });
      bench.defer(() => strict[Symbol.asyncDispose]());
      return ['--kubeconfig', await writeIn(bench, 'expired', kubeconfigFor(strict.url))];
    },
    cause: /the cluster can't be asked: .*Unauthorized.*renew the credentials of the kubeconfig/,
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
    title: 'a cloud that is down',
    async break({ cloud }) {
      cloud.faults.add({ effect: { kind: 'unavailable' } });
      return [];
    },
    cause: /the cloud can't be reached.*check network, proxy and the endpoint/,
  },
  {
    title: 'a cloud-config of another program',
    async break(bench) {
      const text = JSON.stringify({ endpoint: 7, password: 'a-secret-in-the-file' });
      return ['--cloud-config', await writeIn(bench, 'cloud.conf', text)];
    },
    cause: /cloud\.conf.*endpoint.*a URL such as/,
  },
  {
    title: 'annotations that are garbage',
    async break({ api }) {
      const internal = 'service.beta.kubernetes.io/memory-lb-internal';
      const annotations = { [internal]: 'x\u0000{\u001b[31m', 'example.com/api-token': 'a-secret-annotation' };
      api.store.patch('services', 'web', { metadata: { annotations } });
      return [];
    },
    cause: /default\/web.*memory-lb-internal.*write/,
    spared: ['explain node/n1', 'orphans list'],
  },
  {
    title: 'a quota that is used up',
    async break({ cloud }) {
      cloud.faults.add({ effect: { kind: 'quota' }, match: { kind: 'read' } });
      return [];
    },
    cause: /a quota of the cloud is used up.*have the quota raised/,
  },
  {
    title: 'a load balancer of somebody else in the place',
    async break(bench) {
      const uid = String((bench.api.store.get('services', 'web') as { metadata: { uid: string } }).metadata.uid);
      addBalancer(bench, {
        name: balancerName(uid),
        by: 'another-cluster',
        tags: { [clusterStampKey]: 'another-cluster', 'kubernetes.io/service-uid': uid },
      });
      return [];
    },
    cause: /default\/web.*stamped for the cluster another-cluster/,
    spared: ['explain node/n1', 'orphans list'],
  },
];

function kubeconfigFor(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
    clusters: [{ name: 'k', cluster: { server } }],
    users: [{ name: 'u', user: { token: 'a-secret-token' } }],
  });
}

/** What each of them says first when nothing is wrong. */
const healthy: Readonly<Record<string, RegExp>> = {
  plan: /^Plan: nothing is to be done \(1 Service and 1 Node looked at\)$/,
  'plan services default/web': /^Plan: nothing is to be done/,
  'explain service/default/web': /^Service default\/web: as it should be, reached at \d/,
  'explain node/n1': /^Node n1: as its machine is$/,
  doctor: /^Doctor: lease: .* no manager has ever led/,
  'orphans list': /^Orphans: 0 of/,
  audit: /^Audit: nothing stands in the way of a takeover/,
  'migrate check': /^Migration check: a takeover would change nothing/,
  'migrate shadow': /^Shadow: passed/,
  'capture --file FILE': /^Captured: nothing is to be done/,
};

describe('the first line names the cause', () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await setUpBusyBench();
  }, 60_000);

  afterEach(async () => {
    await bench[Symbol.asyncDispose]();
  }, 60_000);

  async function ask(words: readonly string[], more: readonly string[] = []): Promise<Ran> {
    const argv = words.map((word) => (word === 'FILE' ? `${bench.folder}/capture.json` : word));
    const brief = words[1] === 'shadow' ? ['--for', '300ms', '--every', '100ms', '--timeout', '3s'] : [];
    return bench.run(...argv, ...more, ...brief);
  }

  it('a healthy cluster', async () => {
    await bench.settle();
    for (const words of asking) {
      const { first } = await ask(words);
      expect(`${words.join(' ')} → ${first}`).toMatch(
        new RegExp((healthy[words.join(' ')]?.source ?? 'not in the table').replace(/^\^/, ' → ')),
      );
    }
  }, 240_000);

  it.each(broken)(
    '$title',
    async ({ break: doBreak, cause, spared = [] }) => {
      const more = await doBreak(bench);
      for (const words of asking) {
        const { code, err, first, out } = await ask(words, more);
        const told = `${words.join(' ')} → ${first}`;
        if (!spared.includes(words.join(' '))) {
          expect(told).toMatch(cause);
          // A capture of trouble is a good capture.
          if (words[0] !== 'capture') expect([words.join(' '), code]).not.toEqual([words.join(' '), 0]);
        }
        expect(`${out}${err}`).not.toMatch(/\n\s+at .*:\d+:\d+|a-secret-|node:internal/);
        expect(`${out}${err}`).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f]/);
      }
      const capture = join(bench.folder, 'capture.json');
      if (existsSync(capture)) expect(readFileSync(capture, 'utf8')).not.toContain('a-secret-');
      expect(bench.cloud.foreignWrites).toEqual([]);
      expect(bench.api.log.entries).toEqual([]);
    },
    240_000,
  );
});
