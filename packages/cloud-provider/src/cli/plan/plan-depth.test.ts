import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Bench, addNode, addService, setUpBench } from '../test-bench.ts';

interface Step {
  readonly where: string;
  readonly verb: string;
  readonly kind: string;
  readonly permission?: string;
  readonly after?: string;
}

describe('plan, to the end', () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await setUpBench();
    for (const name of ['n1', 'n2']) addNode(bench, name);
    for (const name of ['web', 'mail']) addService(bench, name);
  }, 60_000);

  afterEach(async () => {
    await bench[Symbol.asyncDispose]();
  }, 60_000);

  async function plan(...words: readonly string[]): Promise<readonly Step[]> {
    const { out } = await bench.run('plan', ...words, '-o', 'json');
    const { objects } = JSON.parse(out) as { readonly objects: readonly { readonly steps: readonly Step[] }[] };
    return objects.flatMap(({ steps }) => steps);
  }

  /** Writes to the cloud by the name of their operation. */
  function counted(steps: readonly Step[]): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { permission = '', where } of steps) {
      const name = permission.split(':').at(-1) ?? '';
      if (where === 'cloud') counts[name] = (counts[name] ?? 0) + 1;
    }
    return counts;
  }

  /** What a manager then writes. */
  async function done(): Promise<Readonly<Record<string, number>>> {
    const counts: Record<string, number> = {};
    const stop = bench.cloud.log.onCall(({ kind, operation, outcome }) => {
      if (kind === 'write' && outcome === 'accepted') counts[operation] = (counts[operation] ?? 0) + 1;
    });
    await bench.settle();
    stop();
    return counts;
  }

  it('names every write of a new cluster, those for nodes that are not initialised yet too', async () => {
    const steps = await plan();
    expect(counted(steps)).toEqual({ CreateLoadBalancer: 2, CreateListener: 2, SetBackends: 2 });
    expect(steps.filter(({ after }) => after === 'nodes').map(({ kind }) => kind)).toEqual([
      'BackendPool',
      'BackendPool',
    ]);
    expect(counted(await plan('services', 'web'))).toEqual({
      CreateLoadBalancer: 1,
      CreateListener: 1,
      SetBackends: 1,
    });
    const { out } = await bench.run('plan');
    expect(out).toMatch(/create BackendPool \S+ \(then, with the nodes as they will be\)\n\s+backends: 2 machines/);
    const { SetBackends = 0, ...creates } = await done();
    expect(creates).toEqual({ CreateLoadBalancer: 2, CreateListener: 2 });
    // One more where a load balancer was made between two nodes.
    expect(SetBackends).toBeGreaterThanOrEqual(2);
  }, 120_000);

  it('names what comes after a deletion that makes room', async () => {
    await bench.settle();
    const annotations = { 'service.beta.kubernetes.io/memory-lb-internal': 'true' };
    bench.api.store.patch('services', 'web', { metadata: { annotations } });
    const steps = await plan();
    expect(steps.map(({ after, kind, verb }) => [verb, kind, after])).toEqual([
      ['delete', 'LoadBalancer', undefined],
      ['create', 'LoadBalancer', 'writes'],
      ['create', 'Listener', 'writes'],
      ['create', 'BackendPool', 'writes'],
    ]);
    expect(await done()).toEqual(counted(steps));
  }, 120_000);
});
