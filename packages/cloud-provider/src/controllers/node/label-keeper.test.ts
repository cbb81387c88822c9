import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../base/clock.ts';
import type { InstanceMetadata } from '../../cloud/instances.ts';
import { connectKubeClient } from '../../kube/client/connect.ts';
import type { KubeClient } from '../../kube/client/kube-client.ts';
import { nodes } from '../../kube/resources.ts';
import { silentLogger } from '../../telemetry/logger.ts';
import { type ApiServer, startApiServer } from '../../testing/api-server/api-server.ts';
import { TestRecorder } from '../test-cluster.ts';
import { LabelKeeper } from './label-keeper.ts';
import { nodeFieldManager } from './label-owners.ts';
import type { Labels } from './node-labels.ts';
import { testMetadata } from './test-nodes.ts';

const zone = 'topology.kubernetes.io/zone';
const betaZone = 'failure-domain.beta.kubernetes.io/zone';
const { signal } = new AbortController();

describe('LabelKeeper', () => {
  let server: ApiServer;
  let client: KubeClient;
  let count = 0;

  beforeAll(async () => {
    server = await startApiServer();
    client = await connectKubeClient({ master: server.url, userAgent: 'test/1', clock: systemClock });
  });
  afterAll(async () => {
    await client.close();
    await server[Symbol.asyncDispose]();
  });

  /** A Node that the kubelet made, with a keeper that can be started again as another process would be. */
  async function member(labels: Labels = {}) {
    const name = `n${++count}`;
    server.store.create('nodes', { metadata: { name, labels: { kubelet: 'its-own', ...labels } } });
    const recorder = new TestRecorder();
    let keeper = newKeeper(recorder);
    return {
      name,
      recorder,
      restart: () => (keeper = newKeeper(recorder)),
      labels: () => server.store.get('nodes', name)?.metadata.labels ?? {},
      /** As initialisation writes labels: together with everything else. */
      async initialise(written: Labels) {
        const node = await client.get(nodes, { name, namespace: '' }, { signal });
        const patch = { type: 'strategic', body: { metadata: { labels: written } } } as const;
        await client.patch(nodes, { name, namespace: '' }, patch, { signal, fieldManager: nodeFieldManager });
        keeper.remember(node, written);
      },
      async write(manager: string, written: Readonly<Record<string, string | null>>) {
        const patch = { type: 'merge', body: { metadata: { labels: written } } } as const;
        await client.patch(nodes, { name, namespace: '' }, patch, { signal, fieldManager: manager });
      },
      /** Returns how many writes it took. */
      async keep(metadata: Partial<InstanceMetadata>): Promise<number> {
        const node = await client.get(nodes, { name, namespace: '' }, { signal });
        const before = server.log.find({ name }).length;
        await keeper.keep(node, testMetadata(metadata), signal);
        return server.log.find({ name }).length - before;
      },
    };
  }

  function newKeeper(recorder: TestRecorder): LabelKeeper {
    return new LabelKeeper({ client, fence: undefined, recorder, logger: silentLogger });
  }

  it('writes what differs once, and nothing when nothing does, also after a restart', async () => {
    const node = await member();
    expect(await node.keep({ zone: 'z', additionalLabels: { 'v.example/a': '1' } })).toBe(1);
    expect(node.labels()).toEqual({ kubelet: 'its-own', [zone]: 'z', [betaZone]: 'z', 'v.example/a': '1' });
    expect(await node.keep({ zone: 'z', additionalLabels: { 'v.example/a': '1' } })).toBe(0);
    node.restart();
    expect(await node.keep({ zone: 'z', additionalLabels: { 'v.example/a': '1' } })).toBe(0);
  });

  it('takes away what the cloud gives no more, whoever of us wrote it', async () => {
    const node = await member();
    await node.initialise({ 'v.example/a': '1', 'v.example/b': '1', [zone]: 'z' });
    await node.keep({ additionalLabels: { 'v.example/b': '2', 'v.example/c': '1' } });
    expect(node.labels()).toEqual({ kubelet: 'its-own', [zone]: 'z', 'v.example/b': '2', 'v.example/c': '1' });
    await node.keep({ additionalLabels: { 'v.example/b': '2' } });
    expect(node.labels()).toEqual({ kubelet: 'its-own', [zone]: 'z', 'v.example/b': '2' });
  });

  it.each(['initialised', 'applied'] as const)(
    'takes away what another process of ours %s and the cloud gave up meanwhile',
    async (how) => {
      const node = await member({ mine: '1' });
      if (how === 'initialised') await node.initialise({ 'v.example/a': '1' });
      else await node.keep({ additionalLabels: { 'v.example/a': '1' } });
      node.restart();
      await node.keep({});
      expect(node.labels()).toEqual({ kubelet: 'its-own', mine: '1' });
      expect(await node.keep({})).toBe(0);
    },
  );

  it('goes on with the labels of a Go manager, and takes them away', async () => {
    const node = await member();
    await node.write('sim-cloud-controller-manager', { 'v.example/a': '1', 'v.example/b': '1' });
    await node.keep({ additionalLabels: { 'v.example/a': '2' } });
    expect(node.labels()).toEqual({ kubelet: 'its-own', 'v.example/a': '2' });
    expect(node.recorder.events).toEqual([]);
  });

  it("leaves another's additional label, tells of it once, and does not try again", async () => {
    const node = await member();
    await node.write('kubectl-label', { 'v.example/a': 'mine' });
    expect(await node.keep({ zone: 'z', additionalLabels: { 'v.example/a': '1', 'v.example/b': '1' } })).toBe(1);
    expect(node.labels()).toMatchObject({ [zone]: 'z', 'v.example/a': 'mine', 'v.example/b': '1' });
    expect(node.recorder.events).toEqual([
      expect.stringMatching(/^Warning LabelHeldByAnother .*v\.example\/a=mine \(kubectl-label\)/),
    ]);
    expect(await node.keep({ zone: 'z', additionalLabels: { 'v.example/a': '1', 'v.example/b': '1' } })).toBe(0);
    expect(node.recorder.events).toHaveLength(1);
    await node.write('kubectl-label', { 'v.example/a': null });
    await node.keep({ zone: 'z', additionalLabels: { 'v.example/a': '1', 'v.example/b': '1' } });
    expect(node.labels()).toMatchObject({ 'v.example/a': '1' });
  });

  it('leaves a label that another took over, though the cloud gives it no more', async () => {
    const node = await member();
    await node.keep({ additionalLabels: { 'v.example/a': '1' } });
    await node.write('kubectl-label', { 'v.example/a': 'mine' });
    await node.keep({});
    expect(node.labels()).toMatchObject({ 'v.example/a': 'mine' });
    expect(await node.keep({})).toBe(0);
  });

  it('takes the labels of topology from whoever wrote them', async () => {
    const node = await member();
    await node.write('kubectl-edit', { [zone]: 'wrong' });
    expect(await node.keep({ zone: 'z' })).toBe(1);
    expect(node.labels()).toMatchObject({ [zone]: 'z', [betaZone]: 'z' });
    expect(node.recorder.events).toEqual([]);
  });

  it('brings no Node back that was deleted meanwhile, and writes none of the same name', async () => {
    const { name } = await member();
    const keeper = newKeeper(new TestRecorder());
    const old = await client.get(nodes, { name, namespace: '' }, { signal });
    server.store.delete('nodes', name);
    expect(await keeper.keep(old, testMetadata({ zone: 'z' }), signal)).toBe(false);
    expect(server.store.get('nodes', name)).toBeUndefined();
    server.store.create('nodes', { metadata: { name } });
    expect(await keeper.keep(old, testMetadata({ zone: 'z' }), signal)).toBe(false);
    expect(server.store.get('nodes', name)?.metadata.labels).toBeUndefined();
  });

  it('applies under one name and owns the labels alone', async () => {
    const node = await member();
    await node.keep({ zone: 'z' });
    const entries = server.store.get('nodes', node.name)?.metadata.managedFields ?? [];
    expect(entries.filter(({ manager }) => manager === nodeFieldManager)).toMatchObject([
      { operation: 'Apply', fieldsV1: { 'f:metadata': { 'f:labels': { [`f:${zone}`]: {}, [`f:${betaZone}`]: {} } } } },
    ]);
  });
});
