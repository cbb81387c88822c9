import { describe, expect, it } from '@jest/globals';
import { adoptAnnotation } from '../../api/well-known.ts';
import type { Service } from '../../api/service.ts';
import { Duration } from '../../base/duration.ts';
import { CloudError } from '../../cloud/cloud-error.ts';
import { Bench, finalizer, withPorts } from './test-bench.ts';
import { TestKind, groupAnnotation, testService } from './test-kind.ts';

/** Says what there is for a Service for which nothing was made. */
class KnowingKind extends TestKind {
  untouched(group: string): { readonly name: string; readonly loadBalancer: undefined } {
    return { name: group, loadBalancer: undefined };
  }
}

function benchOf(): { readonly kind: KnowingKind; readonly bench: Bench } {
  const kind = new KnowingKind();
  return { kind, bench: new Bench({ kinds: [kind] }) };
}

const created = ['create LoadBalancer service/uid-of-web', 'create Listener uid-of-web'];

describe('a Service for which nothing can have been made', () => {
  it('costs no read', async () => {
    const { kind, bench } = benchOf();
    await using running = bench;
    running.cluster.putService(testService('web'));
    await running.start();
    expect(kind.calls).toEqual(created);
    expect(running.controller.status().items).toMatchObject([{ state: 'converged' }]);
    expect(running.cluster.service('ns/web')?.status.loadBalancer.ingress).toHaveLength(1);
  });

  it('is read when it is changed later', async () => {
    const { kind, bench } = benchOf();
    await using running = bench;
    running.cluster.putService(testService('web'));
    await running.start();
    kind.calls.length = 0;
    running.change('ns/web', withPorts(80, 81));
    await running.settle();
    expect(kind.calls).toEqual(['observe service/uid-of-web', 'update Listener uid-of-web']);
  });

  const touched: Readonly<Record<string, Service>> = {
    'bears the finalizer': testService('web', { finalizers: [finalizer] }),
    'has an address': {
      ...testService('web'),
      status: { loadBalancer: { ingress: [{ ip: '192.0.2.1', hostname: '', ipMode: '' }] }, conditions: [] },
    },
    'wants to adopt something': testService('web', { annotations: { [adoptAnnotation]: 'lb-1' } }),
    'shares a group': testService('web', { annotations: { [groupAnnotation]: 'service/shared' } }),
  };
  for (const [why, service] of Object.entries(touched)) {
    it(`is another one: one that ${why} is read first`, async () => {
      const { kind, bench } = benchOf();
      await using running = bench;
      running.cluster.putService(service);
      await running.start();
      expect(kind.calls[0]).toMatch(/^observe/);
      expect(kind.calls).toHaveLength(3);
    });
  }

  it('is found out to be another one when another manager was quicker than the cache', async () => {
    const { kind, bench } = benchOf();
    await using running = bench;
    await running.start();
    running.cluster.putService(testService('web'));
    // What another one has done in the meantime, and this one's cache has not heard of.
    const letKnow = running.cluster.holdInformers();
    running.change('ns/web', (service) => ({
      ...service,
      metadata: { ...service.metadata, finalizers: [finalizer] },
    }));
    kind.cloud.set('service/uid-of-web', { stamp: 'cluster', listeners: new Map() });
    await running.settle();
    expect(kind.calls).toEqual(['observe service/uid-of-web', 'create Listener uid-of-web']);
    letKnow();
    await running.settle();
    expect(kind.calls).toHaveLength(2);
    expect(running.controller.status().items).toMatchObject([{ state: 'converged' }]);
  });

  it('is read after all when the cloud says that its name is taken, and what is foreign stays as it is', async () => {
    const { kind, bench } = benchOf();
    await using running = bench;
    kind.cloud.set('service/uid-of-web', { stamp: 'another cluster', listeners: new Map() });
    kind.onCall = (call) => {
      if (call.startsWith('create LoadBalancer')) throw new CloudError('Conflict', 'there is one of that name');
    };
    running.cluster.putService(testService('web'));
    await running.start();
    expect(kind.calls).toEqual(['create LoadBalancer service/uid-of-web', 'observe service/uid-of-web']);
    expect(kind.foreignWrites).toEqual([]);
    expect(running.controller.status().items).toMatchObject([{ state: 'refused', reason: 'OwnershipConflict' }]);
  });

  it('is read when the answer to its create was lost', async () => {
    const { kind, bench } = benchOf();
    await using running = bench;
    let losses = 1;
    kind.afterWrite = () => {
      if (losses-- > 0) throw new CloudError('Unavailable', 'the connection broke');
    };
    running.cluster.putService(testService('web'));
    await running.start();
    await running.pass(Duration.minutes(1));
    expect(kind.calls.slice(0, 2)).toEqual(['create LoadBalancer service/uid-of-web', 'observe service/uid-of-web']);
    expect(kind.calls.at(-1)).toBe('create Listener uid-of-web');
  });

  it('is read where nothing is to be written', async () => {
    const kind = new KnowingKind();
    await using bench = new Bench({ kinds: [kind], policy: { mode: 'observe', isProtected: () => false } });
    bench.cluster.putService(testService('web'));
    await bench.start();
    expect(kind.calls).toEqual(['observe service/uid-of-web']);
  });
});
