import { describe, expect, it } from '@jest/globals';
import type { Service } from '../../api/service.ts';
import { Duration } from '../../base/duration.ts';
import { CloudError } from '../../cloud/cloud-error.ts';
import { ApiError } from '../../kube/client/api-error.ts';
import { testBackend } from './test-backend.ts';
import { loadBalancerConditions } from './load-balancer-condition.ts';
import { Bench, finalizer, withAnnotations, withPorts } from './test-bench.ts';
import { TestKind, groupAnnotation, inMinutes, kindAnnotation, refuseAnnotation, testService } from './test-kind.ts';

describe('ServiceController', () => {
  it('gives a Service its load balancer: finalizer first, then the cloud, then the status', async () => {
    await using bench = new Bench();
    bench.cluster.putNode(testBackend('n1'));
    bench.cluster.putService(testService('web'));
    let finalizersAtFirstWrite: readonly string[] | undefined;
    bench.kind.onCall = (call) => {
      if (call.startsWith('create')) finalizersAtFirstWrite ??= bench.cluster.service('ns/web')?.metadata.finalizers;
    };
    await bench.start();

    expect(finalizersAtFirstWrite).toEqual([finalizer]);
    expect(bench.kind.cloud.get('service/uid-of-web')?.listeners.get('uid-of-web')).toEqual({
      ports: [80],
      backends: ['fake://n1'],
    });
    expect(bench.cluster.service('ns/web')?.status.loadBalancer.ingress).toMatchObject([
      { hostname: 'service-uid-of-web.test' },
    ]);
    expect(bench.cluster.patches.map((patch) => `${patch.subresource} ${patch.outcome}`)).toEqual([
      'status done',
      'status done',
    ]);
    expect(bench.recorder.events).toEqual([
      'Normal EnsuringLoadBalancer ns/web: Ensuring load balancer',
      'Normal EnsuredLoadBalancer ns/web: Ensured load balancer',
    ]);
    expect(bench.kind.reads).toBe(1);
    expect(bench.operations.records().map((record) => `${record.phase} ${record.verb} ${record.kind}`)).toEqual([
      'planned create LoadBalancer',
      'planned create Listener',
      'applied create LoadBalancer',
      'applied create Listener',
    ]);
    expect(bench.controller.status().items).toMatchObject([{ key: 'ns/web', state: 'converged' }]);
  });

  const untouched: readonly (readonly [string, Service])[] = [
    ['a ClusterIP Service', testService('web', { type: 'ClusterIP' })],
    ['a Service of another class', testService('web', { loadBalancerClass: 'other.example/lb' })],
    [
      'a Service of another class with our finalizer',
      testService('web', { loadBalancerClass: 'other.example/lb', finalizers: [finalizer] }),
    ],
    ['a Service that no kind claims', testService('web', { annotations: { [kindAnnotation]: 'nobody' } })],
    [
      'a Service that is being deleted without our finalizer',
      {
        ...testService('web', { finalizers: ['other'] }),
        metadata: {
          ...testService('web', { finalizers: ['other'] }).metadata,
          deletionTimestamp: '2026-01-01T00:00:00Z',
        },
      },
    ],
  ];
  it.each(untouched)('leaves %s alone', async (_name, service) => {
    await using bench = new Bench();
    bench.cluster.putService(service);
    await bench.start();
    await bench.pass(Duration.hours(1));
    expect(bench.kind.calls).toEqual([]);
    expect(bench.cluster.patches).toEqual([]);
    expect(bench.recorder.events).toEqual([]);
  });

  it('costs nothing while nothing relevant changes', async () => {
    await using bench = new Bench();
    bench.cluster.putNode(testBackend('n1'));
    bench.cluster.putService(testService('web'));
    await bench.start();
    bench.forget();
    bench.change('ns/web', (service) => ({ ...service, metadata: { ...service.metadata, labels: { a: 'b' } } }));
    const node = bench.cluster.node('n1')!;
    bench.cluster.putNode({ ...node, spec: { ...node.spec, unschedulable: true } });
    await bench.pass(Duration.minutes(25));
    expect(bench.kind.calls).toEqual([]);
    expect(bench.cluster.patches).toEqual([]);
    expect(bench.recorder.events).toEqual([]);
  });

  it('looks at the cloud when somebody edits a Service, even when the edit asks for nothing else, and repairs it', async () => {
    await using bench = new Bench();
    bench.cluster.putService(testService('web'));
    await bench.start();
    bench.forget();
    bench.change('ns/web', withAnnotations({ 'somebody.example/else': 'x' }));
    await bench.settle();
    expect(bench.kind.calls).toEqual(['observe service/uid-of-web']);
    expect(bench.cluster.patches).toEqual([]);
    bench.kind.cloud.get('service/uid-of-web')?.listeners.clear();
    bench.change('ns/web', withAnnotations({ 'somebody.example/else': 'y' }));
    await bench.settle();
    expect(bench.kind.writes).toEqual(['create Listener uid-of-web']);
    expect(bench.recorder.reasons('ns/web').at(-1)).toBe('Normal EnsuredLoadBalancer');
  });

  it('takes a load balancer over that is right already without any write', async () => {
    await using bench = new Bench();
    bench.cluster.putNode(testBackend('n1'));
    bench.kind.cloud.set('service/uid-of-web', {
      stamp: 'cluster',
      listeners: new Map([['uid-of-web', { ports: [80], backends: ['fake://n1'] }]]),
    });
    const service = testService('web', { finalizers: [finalizer] });
    const ingress = [{ ip: '', hostname: 'service-uid-of-web.test', ipMode: '' }];
    bench.cluster.putService({ ...service, status: { loadBalancer: { ingress }, conditions: [] } });
    await bench.start();
    expect(bench.kind.calls).toEqual(['observe service/uid-of-web']);
    expect(bench.cluster.patches).toEqual([]);
    expect(bench.recorder.events).toEqual([]);
  });

  it('follows a change of ports', async () => {
    await using bench = new Bench();
    bench.cluster.putService(testService('web'));
    await bench.start();
    bench.forget();
    bench.change('ns/web', withPorts(80, 443));
    await bench.settle();
    expect(bench.kind.calls).toEqual(['observe service/uid-of-web', 'update Listener uid-of-web']);
    expect(bench.recorder.reasons('ns/web')).toEqual([
      'Normal EnsuringLoadBalancer',
      'Warning UnAvailableLoadBalancer',
      'Normal EnsuredLoadBalancer',
    ]);
  });

  it('follows the nodes in one pass without reading', async () => {
    await using bench = new Bench();
    bench.cluster.putNode(testBackend('n1'));
    for (const name of ['a', 'b']) bench.cluster.putService(testService(name));
    await bench.start();
    await bench.pass(Duration.seconds(2));
    bench.forget();
    for (const name of ['n2', 'n3', 'n4']) bench.cluster.putNode(testBackend(name));
    await bench.pass(Duration.seconds(2));
    expect(bench.kind.calls).toEqual(['update Listener uid-of-a', 'update Listener uid-of-b']);
    expect(bench.recorder.events).toEqual([
      'Normal UpdatedLoadBalancer ns/a: Updated load balancer with new hosts',
      'Normal UpdatedLoadBalancer ns/b: Updated load balancer with new hosts',
    ]);
    expect(await bench.metrics.render()).toContain('service_controller_nodesync_latency_seconds_count');
    bench.forget();
    for (const name of ['n1', 'n2', 'n3', 'n4']) bench.cluster.removeNode(name);
    await bench.pass(Duration.seconds(2));
    expect(bench.recorder.reasons('ns/a')).toEqual(['Warning UnAvailableLoadBalancer']);
  });

  it('tells of new hosts when the cloud is done with them', async () => {
    await using bench = new Bench();
    bench.cluster.putService(testService('web'));
    await bench.start();
    await bench.pass(Duration.seconds(2));
    bench.forget();
    bench.kind.next = inMinutes(1);
    bench.cluster.putNode(testBackend('n1'));
    await bench.pass(Duration.seconds(2));
    expect(bench.kind.writes).toEqual(['update Listener uid-of-web']);
    expect(bench.recorder.events).toEqual([]);
    bench.kind.next = { kind: 'converged' };
    await bench.pass(Duration.minutes(1));
    expect(bench.recorder.reasons('ns/web')).toEqual(['Normal UpdatedLoadBalancer']);
  });

  it('learns what it has to know about new nodes before it sends traffic there', async () => {
    await using bench = new Bench();
    bench.cluster.putNode(testBackend('n1'));
    const waiting = testService('waiting', { annotations: { [refuseAnnotation]: 'until facts change' } });
    for (const service of [testService('web'), waiting]) bench.cluster.putService(service);
    await bench.start();
    await bench.pass(Duration.seconds(2));
    expect([...bench.kind.cloud.keys()]).toEqual(['service/uid-of-web']);
    bench.kind.facts_ = 2;
    bench.cluster.putNode(testBackend('n2'));
    await bench.pass(Duration.seconds(2));
    expect([...bench.kind.cloud.keys()]).toEqual(['service/uid-of-web', 'service/uid-of-waiting']);
  });

  it('tells that it could not learn about new nodes, and tries again', async () => {
    await using bench = new Bench();
    bench.cluster.putNode(testBackend('n1'));
    bench.cluster.putService(testService('web'));
    await bench.start();
    await bench.pass(Duration.seconds(2));
    bench.forget();
    bench.kind.onCall = (call) => {
      if (call !== 'facts') return;
      bench.kind.onCall = () => undefined;
      throw new CloudError('Unavailable', 'no answer');
    };
    bench.cluster.putNode(testBackend('n2'));
    await bench.pass(Duration.seconds(2));
    expect(bench.kind.writes).toEqual([]);
    expect(bench.controller.status().items).toMatchObject([{ state: 'failed' }]);
    await bench.pass(Duration.seconds(10));
    expect(bench.kind.writes).toEqual(['update Listener uid-of-web']);
  });

  it('reads when what it remembers no longer holds', async () => {
    await using bench = new Bench();
    bench.cluster.putService(testService('web'));
    await bench.start();
    await bench.pass(Duration.seconds(2));
    bench.forget();
    bench.kind.cloud.clear();
    bench.kind.onCall = (call) => {
      if (call.startsWith('update')) throw new CloudError('NotFound', 'no such listener');
    };
    bench.cluster.putNode(testBackend('n1'));
    await bench.pass(Duration.seconds(2));
    expect(bench.kind.calls).toEqual([
      'update Listener uid-of-web',
      'observe service/uid-of-web',
      'create LoadBalancer service/uid-of-web',
      'create Listener uid-of-web',
    ]);
    expect(bench.recorder.reasons('ns/web')).not.toContain('Warning UpdateLoadBalancerFailed');
  });

  it('deletes with the finalizer, which falls only when the cloud has nothing left', async () => {
    await using bench = new Bench();
    bench.cluster.putService(testService('web'));
    await bench.start();
    bench.forget();
    bench.kind.next = inMinutes(2);
    bench.cluster.deleteService('ns/web');
    await bench.settle();
    expect(bench.kind.cloud.size).toBe(0);
    expect(bench.cluster.service('ns/web')?.metadata.finalizers).toEqual([finalizer]);
    await bench.pass(Duration.minutes(1));
    expect(bench.kind.reads).toBe(1);
    bench.kind.next = { kind: 'converged' };
    await bench.pass(Duration.minutes(1));
    expect(bench.kind.reads).toBe(2);
    expect(bench.cluster.service('ns/web')).toBeUndefined();
    expect(bench.recorder.reasons('ns/web')).toEqual(['Normal DeletingLoadBalancer', 'Normal DeletedLoadBalancer']);
    expect(bench.kind.priorities.at(-1)).toBe('delete');
    expect(bench.controller.status().items).toEqual([]);
    expect(bench.controller.status().facts).toMatchObject({ services: 0, groups: 0 });
  });

  it('removes the load balancer of a Service that becomes a ClusterIP one, and makes it anew when it comes back', async () => {
    await using bench = new Bench();
    bench.cluster.putService(testService('web'));
    await bench.start();
    bench.change('ns/web', (service) => ({ ...service, spec: { ...service.spec, type: 'ClusterIP' } }));
    await bench.settle();
    expect(bench.kind.cloud.size).toBe(0);
    expect(bench.cluster.service('ns/web')?.metadata.finalizers).toEqual([]);
    expect(bench.cluster.service('ns/web')?.status.loadBalancer.ingress).toEqual([]);
    bench.change('ns/web', (service) => ({ ...service, spec: { ...service.spec, type: 'LoadBalancer' } }));
    await bench.settle();
    expect(bench.kind.cloud.size).toBe(1);
    expect(bench.cluster.service('ns/web')?.metadata.finalizers).toEqual([finalizer]);
    expect(bench.cluster.service('ns/web')?.status.loadBalancer.ingress).toHaveLength(1);
  });

  it('deletes after a restart what it finds marked', async () => {
    await using bench = new Bench();
    bench.kind.cloud.set('service/uid-of-web', {
      stamp: 'cluster',
      listeners: new Map([['uid-of-web', { ports: [80], backends: [] }]]),
    });
    bench.cluster.putService(testService('web', { finalizers: [finalizer] }));
    bench.cluster.deleteService('ns/web');
    await bench.start();
    expect(bench.kind.cloud.size).toBe(0);
    expect(bench.cluster.service('ns/web')).toBeUndefined();
  });

  it('does not begin a deletion again from a cache that lags behind', async () => {
    await using bench = new Bench();
    bench.cluster.putService(testService('web', { finalizers: [finalizer, 'other.example/keep'] }));
    await bench.start();
    bench.cluster.deleteService('ns/web');
    const release = bench.cluster.holdInformers();
    bench.change('ns/web', (service) => ({
      ...service,
      metadata: { ...service.metadata, labels: { touched: 'yes' } },
    }));
    await bench.settle();
    release(1);
    await bench.pass(Duration.minutes(1));
    release();
    await bench.pass(Duration.minutes(10));
    expect(bench.kind.reads).toBe(2);
    expect(bench.cluster.service('ns/web')?.metadata.finalizers).toEqual(['other.example/keep']);
    expect(bench.cluster.patches.filter((patch) => patch.outcome !== 'done')).toEqual([]);
    expect(bench.recorder.reasons('ns/web').filter((reason) => reason.endsWith('DeletedLoadBalancer'))).toHaveLength(1);
  });

  it('does not believe what it knew before a write whose answer was lost', async () => {
    await using bench = new Bench();
    bench.cluster.putNode(testBackend('n1'));
    bench.cluster.putService(testService('web'));
    await bench.start();
    await bench.pass(Duration.seconds(2));
    let isFirst = true;
    bench.kind.afterWrite = () => {
      if (!isFirst) return;
      isFirst = false;
      throw new CloudError('Unavailable', 'no answer');
    };
    bench.cluster.putNode(testBackend('n2'));
    await bench.pass(Duration.seconds(2));
    bench.cluster.removeNode('n2');
    await bench.pass(Duration.seconds(10));
    expect(bench.kind.cloud.get('service/uid-of-web')?.listeners.get('uid-of-web')?.backends).toEqual(['fake://n1']);
  });

  it('removes by its last known state what was made for a Service that did not wait', async () => {
    await using bench = new Bench();
    bench.cluster.putService(testService('web'));
    await bench.start();
    bench.cluster.dropService('ns/web');
    await bench.settle();
    expect(bench.kind.cloud.size).toBe(0);
    expect(bench.controller.status().facts).toMatchObject({ services: 0, groups: 0 });
    expect(bench.recorder.reasons('ns/web').slice(-2)).toEqual([
      'Normal DeletingLoadBalancer',
      'Normal DeletedLoadBalancer',
    ]);
  });

  it('tells another Service of the same name from the one that went', async () => {
    await using bench = new Bench();
    bench.cluster.putService(testService('web', { uid: 'first' }));
    await bench.start();
    bench.cluster.dropService('ns/web');
    bench.cluster.putService(testService('web', { uid: 'second' }));
    await bench.settle();
    expect([...bench.kind.cloud.keys()]).toEqual(['service/second']);
    expect(bench.cluster.service('ns/web')?.status.loadBalancer.ingress).toMatchObject([
      { hostname: 'service-second.test' },
    ]);
  });

  it('writes nothing to the cloud for a Service that went before the finalizer was on it', async () => {
    await using bench = new Bench();
    bench.cluster.putService(testService('web'));
    const release = bench.cluster.holdInformers();
    bench.cluster.dropService('ns/web');
    await bench.start();
    expect(bench.kind.writes).toEqual([]);
    release();
    await bench.pass(Duration.minutes(1));
    expect(bench.kind.writes).toEqual([]);
    expect(bench.controller.status().facts).toMatchObject({ services: 0, groups: 0 });
  });

  it('retries a failed write with back-off, begins by reading and makes no second object after a lost answer', async () => {
    await using bench = new Bench();
    bench.cluster.putService(testService('web'));
    let lost = 0;
    bench.kind.afterWrite = () => {
      if (++lost <= 2) throw new CloudError('Unavailable', 'no answer');
    };
    await bench.start();
    expect(bench.kind.reads).toBe(1);
    await bench.pass(Duration.seconds(4));
    expect(bench.kind.reads).toBe(1);
    await bench.pass(Duration.seconds(1));
    expect(bench.kind.reads).toBe(2);
    await bench.pass(Duration.seconds(10));
    expect(bench.kind.writes).toEqual(['create LoadBalancer service/uid-of-web', 'create Listener uid-of-web']);
    expect(bench.recorder.reasons('ns/web')).toEqual([
      'Normal EnsuringLoadBalancer',
      'Warning UnAvailableLoadBalancer',
      'Warning SyncLoadBalancerFailed',
      'Warning SyncLoadBalancerFailed',
      'Normal EnsuredLoadBalancer',
    ]);
  });

  it('waits as long as a throttling cloud asks', async () => {
    await using bench = new Bench();
    bench.cluster.putService(testService('web'));
    let isFirst = true;
    bench.kind.onCall = (call) => {
      if (!isFirst || !call.startsWith('create')) return;
      isFirst = false;
      throw new CloudError('Throttled', 'slow down', { retryAfter: Duration.seconds(60) });
    };
    await bench.start();
    await bench.pass(Duration.seconds(59));
    expect(bench.kind.reads).toBe(1);
    await bench.pass(Duration.seconds(1));
    expect(bench.kind.cloud.size).toBe(1);
  });

  it('says in a condition what lasts, and takes it back', async () => {
    await using bench = new Bench();
    bench.cluster.putService(testService('web'));
    bench.kind.onCall = (call) => {
      if (call.startsWith('create')) throw new CloudError('Denied', 'not allowed: request 1');
    };
    await bench.start();
    await bench.pass(Duration.minutes(20));
    expect(bench.kind.reads).toBe(5);
    expect(bench.conditions('ns/web')).toEqual({ Programmed: 'False CloudDenied' });
    expect(bench.cluster.patches).toHaveLength(2);
    bench.kind.onCall = () => {};
    await bench.pass(Duration.minutes(5));
    expect(bench.conditions('ns/web')).toEqual({ Programmed: 'True Programmed' });
  });

  it('tells why a Service is refused, tries nothing until it changes, and serves the others', async () => {
    await using bench = new Bench();
    bench.cluster.putService(testService('bad', { annotations: { [refuseAnnotation]: 'x' } }));
    bench.cluster.putService(testService('defect', { annotations: { [refuseAnnotation]: 'defect' } }));
    bench.cluster.putService(testService('good'));
    await bench.start();
    await bench.pass(Duration.minutes(25));
    expect([...bench.kind.cloud.keys()]).toEqual(['service/uid-of-good']);
    expect(bench.recorder.events.filter((line) => line.includes('ns/bad'))).toEqual([
      'Warning SyncLoadBalancerFailed ns/bad: Error syncing load balancer: test/refuse: "x" is not possible: remove it',
    ]);
    expect(bench.conditions('ns/bad')).toEqual({ Accepted: 'False BadAnnotation' });
    expect(bench.cluster.service('ns/bad')?.metadata.finalizers).toEqual([]);
    expect(bench.recorder.reasons('ns/defect')).toEqual(['Warning SyncLoadBalancerFailed']);
    bench.change('ns/bad', withAnnotations({}));
    await bench.settle();
    expect(bench.kind.cloud.has('service/uid-of-bad')).toBe(true);
    expect(bench.conditions('ns/bad')).toEqual({ Accepted: 'True Accepted' });
  });

  it('does not touch what is not ours, and says so once', async () => {
    await using bench = new Bench();
    bench.kind.cloud.set('service/uid-of-web', { stamp: 'another cluster', listeners: new Map() });
    bench.cluster.putService(testService('web'));
    await bench.start();
    await bench.pass(Duration.hours(3));
    expect(bench.kind.writes).toEqual([]);
    expect(bench.recorder.reasons('ns/web')).toEqual(['Warning OwnershipConflict']);
    expect(bench.conditions('ns/web')).toEqual({ Accepted: 'False OwnershipConflict' });
    expect(bench.cluster.service('ns/web')?.metadata.finalizers).toEqual([]);
    // The regular looks alone.
    expect(bench.kind.reads).toBeLessThanOrEqual(4);
  });

  it('writes nothing anywhere in observe mode', async () => {
    await using bench = new Bench({ policy: { mode: 'observe', isProtected: () => false } });
    bench.cluster.putService(testService('web'));
    await bench.start();
    expect(bench.kind.writes).toEqual([]);
    expect(bench.cluster.patches).toEqual([]);
    expect(bench.recorder.events).toEqual([]);
    expect(bench.controller.status().items).toMatchObject([
      { state: 'refused', reason: 'ObserveOnly', plan: [expect.any(String), expect.any(String)] },
    ]);
  });

  it('keeps what is protected', async () => {
    await using bench = new Bench({ policy: { mode: 'run', isProtected: () => true } });
    bench.cluster.putService(testService('web'));
    await bench.start();
    bench.cluster.deleteService('ns/web');
    await bench.pass(Duration.minutes(10));
    expect(bench.kind.cloud.size).toBe(1);
    expect(bench.cluster.service('ns/web')?.metadata.finalizers).toEqual([finalizer]);
    expect(bench.recorder.reasons('ns/web').at(-1)).toBe('Warning Protected');
  });

  it('tells an address that is known while the cloud is still busy', async () => {
    await using bench = new Bench();
    bench.cluster.putService(testService('web'));
    bench.kind.next = inMinutes(1);
    await bench.start();
    expect(bench.cluster.service('ns/web')?.status.loadBalancer.ingress).toHaveLength(1);
    expect(bench.controller.status().items).toMatchObject([{ state: 'settling' }]);
    expect(bench.recorder.reasons('ns/web')).not.toContain('Normal EnsuredLoadBalancer');
    bench.kind.next = { kind: 'converged' };
    await bench.pass(Duration.minutes(1));
    expect(bench.recorder.reasons('ns/web')).toContain('Normal EnsuredLoadBalancer');
  });

  it('says what blocks, and looks again now and then', async () => {
    await using bench = new Bench();
    bench.kind.next = { kind: 'blocked', by: 'subnet/1', reason: 'it is full' };
    bench.cluster.putService(testService('web'));
    await bench.start();
    expect(bench.cluster.service('ns/web')?.status.conditions.at(-1)).toMatchObject({
      type: loadBalancerConditions.programmed,
      reason: 'LoadBalancerBlocked',
      message: 'blocked by subnet/1: it is full',
    });
    bench.kind.next = { kind: 'blocked', by: 'subnet/2', reason: 'it is full' };
    await bench.pass(Duration.minutes(5));
    expect(bench.cluster.service('ns/web')?.status.conditions.at(-1)?.message).toBe('blocked by subnet/2: it is full');
    bench.kind.next = { kind: 'converged' };
    await bench.pass(Duration.minutes(5));
    expect(bench.controller.status().items).toMatchObject([{ state: 'converged' }]);
  });

  it('repairs drift in the regular look, and facts that changed', async () => {
    await using bench = new Bench();
    bench.cluster.putService(testService('web'));
    bench.cluster.putService(testService('hopeful', { annotations: { [refuseAnnotation]: 'until facts change' } }));
    await bench.start();
    bench.kind.cloud.get('service/uid-of-web')?.listeners.clear();
    bench.kind.facts_ = 2;
    await bench.pass(Duration.hours(1));
    expect(bench.kind.cloud.get('service/uid-of-web')?.listeners.size).toBe(1);
    expect(bench.kind.cloud.get('service/uid-of-hopeful')?.listeners.size).toBe(1);
    expect(bench.kind.priorities.at(-1)).toBe('upkeep');
  });

  it('puts its status and finalizer back without asking the cloud', async () => {
    await using bench = new Bench();
    bench.cluster.putService(testService('web'));
    await bench.start();
    bench.forget();
    bench.change('ns/web', (service) => ({
      ...service,
      metadata: { ...service.metadata, finalizers: [] },
      status: { loadBalancer: { ingress: [] }, conditions: [] },
    }));
    await bench.settle();
    expect(bench.cluster.service('ns/web')?.metadata.finalizers).toEqual([finalizer]);
    expect(bench.cluster.service('ns/web')?.status.loadBalancer.ingress).toHaveLength(1);
    expect(bench.kind.calls).toEqual([]);
  });

  it('retries a status that could not be written without asking the cloud again', async () => {
    await using bench = new Bench();
    bench.cluster.putService(testService('web'));
    let failures = 0;
    bench.cluster.beforePatch = (_resource, _key, body) => {
      if (JSON.stringify(body).includes('ingress') && ++failures <= 2)
        throw new ApiError('overloaded', { kind: 'internal', status: 500 });
    };
    await bench.start();
    expect(bench.recorder.reasons('ns/web')).toContain('Warning SyncLoadBalancerFailed');
    await bench.pass(Duration.seconds(20));
    expect(bench.cluster.service('ns/web')?.status.loadBalancer.ingress).toHaveLength(1);
    expect(bench.kind.reads).toBe(1);
    expect(bench.recorder.reasons('ns/web').at(-1)).toBe('Normal EnsuredLoadBalancer');
  });

  it('writes a shared load balancer in one pass for many members', async () => {
    await using bench = new Bench();
    for (const name of ['a', 'b', 'c'])
      bench.cluster.putService(testService(name, { annotations: { [groupAnnotation]: 'shared' } }));
    await bench.start();
    expect(bench.kind.writes.filter((call) => call.includes('LoadBalancer'))).toHaveLength(1);
    expect(bench.kind.cloud.get('shared')?.listeners.size).toBe(3);
    bench.forget();
    bench.cluster.putNode(testBackend('n1'));
    await bench.pass(Duration.seconds(2));
    expect(bench.kind.writes).toHaveLength(3);
    bench.forget();
    bench.cluster.deleteService('ns/b');
    await bench.settle();
    expect([...(bench.kind.cloud.get('shared')?.listeners.keys() ?? [])]).toEqual(['uid-of-a', 'uid-of-c']);
    expect(bench.cluster.service('ns/b')).toBeUndefined();
    expect(bench.recorder.reasons('ns/a')).toEqual([]);
  });

  it('never works on one group twice at once', async () => {
    await using bench = new Bench();
    let running = 0;
    let most = 0;
    bench.kind.onCall = async () => {
      most = Math.max(most, ++running);
      await bench.clock.sleep(Duration.milliseconds(100));
      running--;
    };
    bench.cluster.putService(testService('a', { annotations: { [groupAnnotation]: 'shared' } }));
    await bench.start();
    await bench.pass(Duration.milliseconds(150));
    for (let port = 81; port < 90; port++) {
      bench.change('ns/a', withPorts(port));
      await bench.pass(Duration.milliseconds(70));
    }
    await bench.pass(Duration.seconds(5));
    expect(bench.kind.cloud.get('shared')?.listeners.get('uid-of-a')?.ports).toEqual([89]);
    // One may be asking for facts while the group is being written.
    expect(most).toBeLessThanOrEqual(2);
  });

  it('moves a Service from one group to another', async () => {
    await using bench = new Bench();
    bench.cluster.putService(testService('a', { annotations: { [groupAnnotation]: 'one' } }));
    await bench.start();
    bench.change('ns/a', withAnnotations({ [groupAnnotation]: 'two' }));
    await bench.pass(Duration.seconds(1));
    expect([...bench.kind.cloud.keys()]).toEqual(['two']);
    expect(bench.cluster.service('ns/a')?.status.loadBalancer.ingress).toMatchObject([{ hostname: 'two.test' }]);
  });
});

describe('ServiceController with two kinds', () => {
  it('removes what the other kind has before it builds', async () => {
    const other = new TestKind('other', 'test/other');
    const first = new TestKind();
    await using bench = new Bench({ kinds: [first, other] });
    bench.cluster.putService(testService('web', { annotations: { [kindAnnotation]: 'other' } }));
    await bench.start();
    expect(other.cloud.size).toBe(1);
    expect(first.calls).toEqual(['traces web']);
    let wasLeftWhenBuilt: number | undefined;
    first.onCall = (call) => {
      if (call.startsWith('create')) wasLeftWhenBuilt ??= other.cloud.size;
    };
    bench.change('ns/web', withAnnotations({}));
    await bench.pass(Duration.seconds(1));
    expect(wasLeftWhenBuilt).toBe(0);
    expect(first.cloud.size).toBe(1);
    expect(bench.cluster.service('ns/web')?.metadata.finalizers).toEqual([finalizer]);
  });

  it('builds nothing while it is not known what the other kind has', async () => {
    const first = new TestKind();
    const other = new TestKind('other', 'test/other');
    other.traces_ = 'unknown';
    await using bench = new Bench({ kinds: [first, other] });
    bench.cluster.putService(testService('web'));
    await bench.start();
    await bench.pass(Duration.minutes(1));
    expect(first.calls).toEqual([]);
    expect(bench.recorder.reasons('ns/web')).toEqual(['Warning SyncLoadBalancerFailed']);
    expect(bench.recorder.events[0]).toMatch(/the cloud does not tell of other$/);
    expect(bench.conditions('ns/web')).toEqual({ Programmed: 'False TracesUnknown' });
    other.traces_ = 'look';
    await bench.pass(Duration.minutes(5));
    expect(first.cloud.size).toBe(1);
    expect(bench.conditions('ns/web')).toEqual({ Programmed: 'True Programmed' });
  });

  it('deletes what any kind has', async () => {
    const first = new TestKind();
    const other = new TestKind('other', 'test/other');
    await using bench = new Bench({ kinds: [first, other] });
    other.cloud.set('service/uid-of-web', {
      stamp: 'cluster',
      listeners: new Map([['uid-of-web', { ports: [80], backends: [] }]]),
    });
    bench.cluster.putService(testService('web', { finalizers: [finalizer, 'test/other'] }));
    bench.cluster.deleteService('ns/web');
    await bench.start();
    expect(other.cloud.size).toBe(0);
    expect(bench.cluster.service('ns/web')).toBeUndefined();
  });
});
