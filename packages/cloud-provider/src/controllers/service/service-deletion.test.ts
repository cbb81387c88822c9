import { describe, expect, it } from '@jest/globals';
import { Duration } from '../../base/duration.ts';
import { CloudError } from '../../cloud/cloud-error.ts';
import { loadBalancerConditions } from './load-balancer-condition.ts';
import { onDeleteAnnotation } from '../../api/well-known.ts';
import { Bench, finalizer, withAnnotations } from './test-bench.ts';
import { TestKind, groupAnnotation, inMinutes, kindAnnotation, testService } from './test-kind.ts';

const orphan = { [onDeleteAnnotation]: 'orphan' };

function programmed(bench: Bench, key: string): unknown {
  const conditions = bench.cluster.service(key)?.status.conditions ?? [];
  return conditions.find(({ type }) => type === loadBalancerConditions.programmed);
}

describe('a deletion that the cloud does not do', () => {
  it('names the object in Event and condition, and the next one when that is in the way', async () => {
    await using bench = new Bench();
    bench.cluster.putService(testService('web'));
    await bench.start();
    bench.kind.onCall = (call) => {
      if (call.startsWith('delete Listener')) throw new CloudError('Denied', 'you must not: request 1');
    };
    bench.cluster.deleteService('ns/web');
    await bench.pass(Duration.minutes(11));
    const note = 'delete Listener uid-of-web: you must not: request 1';
    expect(programmed(bench, 'ns/web')).toMatchObject({ status: 'False', reason: 'CloudDenied', message: note });
    expect(bench.recorder.events.at(-1)).toBe(
      `Warning SyncLoadBalancerFailed ns/web: Error syncing load balancer: failed to delete load balancer: ${note}`,
    );
    expect(bench.controller.status().items).toMatchObject([{ state: 'failed', message: note }]);
    bench.kind.onCall = (call) => {
      if (call.startsWith('delete LoadBalancer')) throw new CloudError('Denied', 'nor this: request 2');
    };
    await bench.pass(Duration.minutes(11));
    expect(programmed(bench, 'ns/web')).toMatchObject({
      message: 'delete LoadBalancer service/uid-of-web: nor this: request 2',
    });
    expect(bench.cluster.service('ns/web')?.metadata.finalizers).toEqual([finalizer]);
    bench.kind.onCall = () => {};
    await bench.pass(Duration.minutes(6));
    expect(bench.cluster.service('ns/web')).toBeUndefined();
    expect(bench.kind.cloud.size).toBe(0);
  });

  it('names what the cloud is busy with, when that has no end', async () => {
    await using bench = new Bench();
    bench.cluster.putService(testService('web'));
    await bench.start();
    bench.kind.next = inMinutes(1);
    bench.cluster.deleteService('ns/web');
    await bench.pass(Duration.minutes(3));
    expect(programmed(bench, 'ns/web')).toBeUndefined();
    await bench.pass(Duration.minutes(4));
    expect(programmed(bench, 'ns/web')).toMatchObject({
      status: 'False',
      reason: 'Deleting',
      message: 'the cloud is busy with load-balancer/busy',
    });
    expect(bench.controller.status().items).toMatchObject([{ state: 'deleting' }]);
    bench.kind.next = { kind: 'converged' };
    await bench.pass(Duration.minutes(1));
    expect(bench.cluster.service('ns/web')).toBeUndefined();
  });

  it('is tried at once when somebody edits the Service, and not because of what we write on it', async () => {
    await using bench = new Bench();
    bench.cluster.putService(testService('web'));
    await bench.start();
    bench.kind.onCall = (call) => {
      if (call.startsWith('delete')) throw new CloudError('Denied', 'you must not: request 1');
    };
    bench.cluster.deleteService('ns/web');
    await bench.settle();
    expect(programmed(bench, 'ns/web')).toMatchObject({ reason: 'CloudDenied' });
    bench.kind.onCall = () => {};
    bench.forget();
    bench.change('ns/web', (service) => ({ ...service, metadata: { ...service.metadata, labels: { team: 'a' } } }));
    await bench.pass(Duration.seconds(30));
    expect(bench.kind.writes).toEqual([]);
    bench.change('ns/web', withAnnotations({ 'example.com/rights': 'given' }));
    await bench.settle();
    expect(bench.kind.cloud.size).toBe(0);
    expect(bench.cluster.service('ns/web')).toBeUndefined();
  });

  it('takes what is gone already for done', async () => {
    await using bench = new Bench();
    bench.cluster.putService(testService('web'));
    await bench.start();
    bench.kind.cloud.clear();
    bench.forget();
    bench.cluster.deleteService('ns/web');
    await bench.settle();
    expect(bench.kind.writes).toEqual([]);
    expect(bench.cluster.service('ns/web')).toBeUndefined();
  });
});

describe('a deletion at an awkward moment', () => {
  it('ends what is still being made', async () => {
    await using bench = new Bench();
    bench.kind.next = inMinutes(2);
    bench.cluster.putService(testService('web'));
    await bench.start();
    expect(bench.controller.status().items).toMatchObject([{ state: 'settling' }]);
    bench.cluster.deleteService('ns/web');
    bench.kind.next = { kind: 'converged' };
    await bench.settle();
    // Not kept waiting for the two minutes.
    expect(bench.kind.cloud.size).toBe(0);
    expect(bench.cluster.service('ns/web')).toBeUndefined();
  });

  it('ends what failed half-way', async () => {
    await using bench = new Bench();
    bench.cluster.putService(testService('web'));
    bench.kind.onCall = (call) => {
      if (call.startsWith('create Listener')) throw new CloudError('Quota', 'no more listeners');
    };
    await bench.start();
    await bench.pass(Duration.minutes(10));
    expect(bench.kind.cloud.size).toBe(1);
    bench.cluster.deleteService('ns/web');
    await bench.settle();
    expect(bench.kind.cloud.size).toBe(0);
    expect(bench.cluster.service('ns/web')).toBeUndefined();
  });

  it('waits for the write that is under way', async () => {
    await using bench = new Bench();
    let release = (): void => {};
    bench.kind.onCall = (call) =>
      call.startsWith('create Listener') ? new Promise<void>((resolve) => (release = resolve)) : undefined;
    bench.cluster.putService(testService('web'));
    await bench.start();
    bench.cluster.deleteService('ns/web');
    await bench.settle();
    expect(bench.cluster.service('ns/web')?.metadata.finalizers).toEqual([finalizer]);
    bench.kind.onCall = () => {};
    release();
    await bench.settle();
    expect(bench.kind.cloud.size).toBe(0);
    expect(bench.cluster.service('ns/web')).toBeUndefined();
  });

  it('deletes for a Service whose finalizer somebody took away, and for its namesake nothing', async () => {
    await using bench = new Bench();
    bench.cluster.putService(testService('web', { uid: 'first' }));
    await bench.start();
    const release = bench.cluster.holdInformers();
    bench.cluster.dropService('ns/web');
    bench.cluster.putService(testService('web', { uid: 'second' }));
    release();
    await bench.pass(Duration.seconds(1));
    expect([...bench.kind.cloud.keys()]).toEqual(['service/second']);
    expect(bench.recorder.reasons('ns/web')).not.toContain('Warning SyncLoadBalancerFailed');
  });
});

describe('a Service that is to leave its load balancer behind', () => {
  it('goes at once, and says what stays', async () => {
    await using bench = new Bench();
    bench.cluster.putService(testService('web', { annotations: orphan }));
    await bench.start();
    bench.kind.onCall = (call) => {
      if (call.startsWith('delete')) throw new CloudError('Conflict', 'in use');
    };
    bench.cluster.deleteService('ns/web');
    await bench.settle();
    expect(bench.cluster.service('ns/web')).toBeUndefined();
    expect(bench.kind.cloud.get('service/uid-of-web')?.listeners.size).toBe(1);
    expect(bench.recorder.events.at(-1)).toBe(
      'Warning LoadBalancerOrphaned ns/web: Left in the cloud, as ccm-ts/on-delete says, and no longer looked after: ' +
        'Listener uid-of-web, LoadBalancer service/uid-of-web',
    );
    expect(bench.recorder.reasons('ns/web')).not.toContain('Normal DeletedLoadBalancer');
    expect(bench.operations.records().slice(-2)).toMatchObject([
      { phase: 'refused', kind: 'Listener', message: 'left alone: ccm-ts/on-delete of ns/web is orphan' },
      { phase: 'refused', kind: 'LoadBalancer' },
    ]);
    await bench.pass(Duration.hours(2));
    expect(bench.kind.writes.filter((call) => call.startsWith('delete'))).toEqual([]);
    expect(bench.controller.status().facts).toMatchObject({ services: 0, groups: 0 });
  });

  it('goes also when it is told so after the deletion got stuck, and when the cloud does not answer', async () => {
    await using bench = new Bench();
    bench.cluster.putService(testService('web'));
    await bench.start();
    bench.kind.onCall = () => {
      throw new CloudError('Unavailable', 'no answer');
    };
    bench.cluster.deleteService('ns/web');
    await bench.pass(Duration.minutes(10));
    expect(bench.cluster.service('ns/web')).toBeDefined();
    bench.change('ns/web', withAnnotations(orphan));
    await bench.settle();
    expect(bench.cluster.service('ns/web')).toBeUndefined();
    expect(bench.recorder.events.at(-1)).toContain('whatever test has, which could not be asked for (no answer)');
  });

  it('leaves the others of its group what they have', async () => {
    await using bench = new Bench();
    for (const name of ['a', 'b'])
      bench.cluster.putService(testService(name, { annotations: { [groupAnnotation]: 'shared', ...orphan } }));
    await bench.start();
    bench.cluster.deleteService('ns/a');
    await bench.pass(Duration.hours(1));
    expect([...(bench.kind.cloud.get('shared')?.listeners.keys() ?? [])].sort()).toEqual(['uid-of-a', 'uid-of-b']);
    expect(bench.recorder.events.find((line) => line.includes('Orphaned'))).toContain(': Listener uid-of-a');
    expect(bench.cluster.service('ns/b')?.status.loadBalancer.ingress).toHaveLength(1);
  });

  it('does not mean a change of its type', async () => {
    await using bench = new Bench();
    bench.cluster.putService(testService('web', { annotations: orphan }));
    await bench.start();
    bench.change('ns/web', (service) => ({ ...service, spec: { ...service.spec, type: 'ClusterIP' } }));
    await bench.settle();
    expect(bench.kind.cloud.size).toBe(0);
    expect(bench.cluster.service('ns/web')?.metadata.finalizers).toEqual([]);
  });
});

describe('the class of a Service', () => {
  it('that is served is served, and no other', async () => {
    await using bench = new Bench({ classes: { names: ['example.org/ours'], unnamed: 'others' } });
    bench.cluster.putService(testService('ours', { loadBalancerClass: 'example.org/ours' }));
    bench.cluster.putService(testService('theirs', { loadBalancerClass: 'example.org/theirs' }));
    bench.cluster.putService(testService('unnamed'));
    await bench.start();
    expect([...bench.kind.cloud.keys()]).toEqual(['service/uid-of-ours']);
    expect(bench.cluster.service('ns/unnamed')?.metadata.finalizers).toEqual([]);
  });

  it('that becomes another one has what we made removed', async () => {
    await using bench = new Bench();
    bench.cluster.putService(testService('web'));
    await bench.start();
    // The API server allows this by way of another type only; the informer may have seen neither step.
    bench.change('ns/web', (service) => ({ ...service, spec: { ...service.spec, loadBalancerClass: 'other/lb' } }));
    await bench.settle();
    expect(bench.kind.cloud.size).toBe(0);
    expect(bench.cluster.service('ns/web')?.metadata.finalizers).toEqual([]);
    bench.forget();
    await bench.pass(Duration.hours(2));
    expect(bench.kind.calls).toEqual([]);
  });

  it('of another implementation keeps even a deletion with our finalizer from being ours', async () => {
    await using bench = new Bench();
    bench.cluster.putService(testService('web', { loadBalancerClass: 'other/lb', finalizers: [finalizer] }));
    await bench.start();
    bench.cluster.deleteService('ns/web');
    await bench.pass(Duration.hours(1));
    expect(bench.kind.calls).toEqual([]);
    expect(bench.cluster.service('ns/web')?.metadata.finalizers).toEqual([finalizer]);
  });
});

describe('a change of kind', () => {
  it('is undone half-way without a leak', async () => {
    const other = new TestKind('other', 'test/other');
    const first = new TestKind();
    await using bench = new Bench({ kinds: [first, other] });
    bench.cluster.putService(testService('web'));
    await bench.start();
    first.next = inMinutes(5);
    bench.change('ns/web', withAnnotations({ [kindAnnotation]: 'other' }));
    await bench.settle();
    expect(first.cloud.size).toBe(0);
    expect(other.cloud.size).toBe(0);
    bench.change('ns/web', withAnnotations({}));
    first.next = { kind: 'converged' };
    await bench.pass(Duration.minutes(6));
    expect([first.cloud.size, other.cloud.size]).toEqual([1, 0]);
    expect(bench.cluster.service('ns/web')?.metadata.finalizers).toEqual([finalizer]);
  });
});
