import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { QuotaUse } from '../../cloud/quotas.ts';
import { type Bench, addService, serviceManifest, setUpBusyBench, writeIn } from '../test-bench.ts';

describe('plan, with quotas and without a cluster', () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await setUpBusyBench();
  }, 60_000);

  afterEach(async () => {
    await bench[Symbol.asyncDispose]();
  }, 60_000);

  async function quotas(...words: readonly string[]): Promise<readonly QuotaUse[]> {
    const { out } = await bench.run('plan', ...words, '-o', 'json');
    return (JSON.parse(out) as { readonly quotas: readonly QuotaUse[] }).quotas;
  }

  it('counts what is there and what comes, for the account and for each object', async () => {
    const limits = { loadBalancers: 2, listenersPerLoadBalancer: 1, backendsPerLoadBalancer: 9 };
    bench.cloud.configure({ quotas: { ...bench.cloud.settings.quotas, ...limits } });
    const of = expect.stringMatching(/^a[0-9a-f]{31}$/);
    expect(await quotas()).toEqual([
      { quota: 'load balancers per account', of: '', now: 0, then: 1, limit: 2, source: 'account' },
      { quota: 'listeners per load balancer', of, now: 0, then: 1, limit: 1, source: 'account' },
      { quota: 'backends per load balancer', of, now: 0, then: 1, limit: 9, source: 'account' },
    ]);
    await bench.settle();
    expect(await quotas()).toEqual([]);

    for (const name of ['two', 'three']) addService(bench, name);
    expect(await quotas('services', 'two')).toContainEqual(
      expect.objectContaining({ quota: 'load balancers per account', now: 1, then: 2 }),
    );
    const { first, out } = await bench.run('plan');
    expect(first).toMatch(
      /^Plan: a quota would be exceeded: load balancers per account: 1 now, 3 then, of 2; in the cloud/,
    );
    expect(out).toMatch(/\nquotas:\n {2}load balancers per account: 1 now, 3 then, of 2\n/);
    const { out: comment } = await bench.run('plan', '-o', 'markdown');
    expect(comment).toContain('| load balancers per account |  | 1 | 3 | 2 **exceeded** |');
  }, 120_000);

  it('is told without them when the cloud does not say', async () => {
    bench.cloud.faults.add({ effect: { kind: 'deny' }, match: { operation: 'ListLoadBalancers' } });
    const { code, out } = await bench.run('plan');
    expect([code, out]).toEqual([
      2,
      expect.stringMatching(/\nquotas are not known: the cloud refuses these credentials/),
    ]);
  }, 60_000);

  it('is made with the Nodes of a file, and no cluster', async () => {
    const nodes = await writeIn(bench, 'nodes.yaml', '');
    const items = [...(bench.api.store.list('nodes') as Iterable<object>)].map((node) => ({
      ...node,
      spec: { providerID: `memory:///memory-1a/${bench.cloud.snapshot().instances[0]?.id ?? ''}` },
      status: { conditions: [{ type: 'Ready', status: 'True' }] },
    }));
    writeFileSync(nodes, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    const file = await writeIn(bench, 'new.yaml', JSON.stringify(serviceManifest('new')));
    const offline = ['--nodes-from', nodes, '--kubeconfig', '/nowhere'];
    const { code, err, out } = await bench.run('plan', '-f', file, ...offline);
    expect([code, err]).toEqual([2, '']);
    expect(out).toMatch(/create BackendPool .*\n\s+backends: 1 machine\n/);
    expect(out).toContain('load balancers per account: 0 now, 1 then');
    expect(out).toContain(`planned with the 1 Node of ${nodes} and without a cluster`);
    expect((await bench.run('plan', '-f', file)).out).toContain('planned with the 1 Node of the cluster');

    const none = await bench.run('plan', '-f', file, '--nodes-from', file, '--kubeconfig', '/nowhere');
    expect([none.code, none.first]).toEqual([
      1,
      expect.stringMatching(/there is no Node in .*kubectl get nodes -o yaml/),
    ]);
    const alone = await bench.run('plan', '--nodes-from', nodes);
    expect([alone.code, alone.first]).toEqual([64, expect.stringContaining('-f FILE')]);
  }, 60_000);
});
