import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  rbacObjects,
  type RbacOptions,
  volumeLabelerDeclaration,
  type WebhookConfigurationOptions,
  webhookConfigurations,
} from '@ccm-ts/cloud-provider';
import { after, describe, it } from '../harness/node-test.ts';
import { freePorts } from '../kube-apiserver/free-ports.ts';
import { Administrator, eventually, RunningManager } from './running-manager.ts';
import { granted, requestsOf } from './used-rights.ts';

const name = 'webhooks';
const zone = 'topology.kubernetes.io/zone';
const region = 'topology.kubernetes.io/region';

/** The manager with its webhooks and nothing else. */
const rights: RbacOptions = {
  name,
  subject: { kind: 'ServiceAccount', name, namespace: 'kube-system' },
  controllers: [],
  lease: { namespace: 'kube-system', name },
};

interface ReadVolume {
  readonly metadata: { readonly labels?: Readonly<Record<string, string>> };
  readonly spec: { readonly nodeAffinity?: { readonly required: { readonly nodeSelectorTerms: readonly unknown[] } } };
}

function volume(volumeName: string, source: object, metadata: object = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: volumeName, ...metadata },
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], ...source },
  };
}

const onMemoryCloud = (volumeHandle: string): object => ({ csi: { driver: 'csi.memory-cloud', volumeHandle } });

describe('the labeler of volumes', () => {
  const admin = new Administrator();
  after(() => admin[Symbol.dispose]());

  const read = async (volumeName: string): Promise<ReadVolume> =>
    JSON.parse(await admin.kubectl.run(['get', 'pv', volumeName, '-o', 'json'])) as ReadVolume;

  async function configure(port: number, failurePolicy: 'Ignore' | 'Fail'): Promise<void> {
    const options: WebhookConfigurationOptions = {
      name,
      webhooks: [volumeLabelerDeclaration],
      reachedBy: { kind: 'url', base: `https://127.0.0.1:${port}` },
      authority: readFileSync(join(admin.folder, 'cloud-controller-manager.crt'), 'utf8'),
      failurePolicy,
      timeoutSeconds: 5,
    };
    await admin.apply(...webhookConfigurations(options));
  }

  /** Asks without making anything, which a webhook without side effects allows. */
  async function rehearse(source: object): Promise<ReadVolume> {
    const args = ['create', '--dry-run=server', '-o', 'json', '-f', '-'];
    return JSON.parse(await admin.kubectl.run(args, JSON.stringify(volume('rehearsal', source)))) as ReadVolume;
  }

  it('is called by the API server, needs no rights for it, and is missed by nobody when it is away', async () => {
    const token = await admin.account(name);
    const objects = rbacObjects(rights);
    await admin.apply(...objects);
    const [port = 0] = await freePorts(1);
    const manager = await RunningManager.start(admin.kubeconfig(name, token), [
      `--leader-elect-resource-name=${name}`,
      '--controllers=-cloud-node,-cloud-node-lifecycle,-service,-route',
      '--feature-gates=CloudControllerManagerWebhook=true',
      '--webhooks=*',
      '--webhook-bind-address=127.0.0.1',
      `--webhook-secure-port=${port}`,
      `--webhook-cert-dir=${admin.folder}`,
    ]);
    const { operator } = manager.cloud;
    const { id } = operator.makeVolume(['memory-1b']);
    try {
      await configure(port, 'Ignore');
      await eventually(
        'the API server to know the webhook',
        async () => (await rehearse(onMemoryCloud(id))).metadata.labels?.[zone] === 'memory-1b',
      );

      await admin.apply(volume('ours', onMemoryCloud(id), { labels: { app: 'x', [zone]: 'nowhere' } }));
      const ours = await read('ours');
      assert.deepEqual(ours.metadata.labels, { app: 'x', [zone]: 'memory-1b', [region]: 'memory-1' });
      assert.deepEqual(ours.spec.nodeAffinity?.required.nodeSelectorTerms, [
        {
          matchExpressions: [
            { key: zone, operator: 'In', values: ['memory-1b'] },
            { key: region, operator: 'In', values: ['memory-1'] },
          ],
        },
      ]);

      const { id: both } = operator.makeVolume(['memory-1b', 'memory-1a']);
      await admin.apply(volume('both', onMemoryCloud(both)));
      assert.equal((await read('both')).metadata.labels?.[zone], 'memory-1a__memory-1b');

      for (const [foreign, source] of [
        ['nfs', { nfs: { server: '192.0.2.1', path: '/' } }],
        ['other-driver', { csi: { driver: 'csi.example.com', volumeHandle: id } }],
      ] as const) {
        await admin.apply(volume(foreign, source));
        const { metadata, spec } = await read(foreign);
        assert.deepEqual([metadata.labels, spec.nodeAffinity], [undefined, undefined], foreign);
      }

      await assert.rejects(
        admin.apply(volume('missing', onMemoryCloud('vol-none'))),
        /does not have the volume of the PersistentVolume missing: there is no volume vol-none/,
      );
      const stranger = await admin.account('webhooks-viewer');
      assert.equal((await manager.ask('/metrics', { token: stranger })).status, 403);
    } finally {
      assert.equal(await manager.stop(), 0);
    }

    await admin.apply(volume('meanwhile', onMemoryCloud(id)));
    assert.equal((await read('meanwhile')).metadata.labels, undefined);
    await configure(port, 'Fail');
    await eventually('the API server to insist on the webhook', async () =>
      rehearse(onMemoryCloud(id)).then(
        () => false,
        (error: unknown) => /failed calling webhook/.test(String(error)),
      ),
    );
    await admin.kubectl.run(['delete', 'mutatingwebhookconfiguration', name]);

    const { refused, used } = requestsOf(name);
    assert.deepEqual(refused, []);
    const unused = granted(objects).filter((right) => !used.has(right));
    assert.deepEqual(unused, ['events.k8s.io/events patch'], 'rights that were never used');
  });
});
