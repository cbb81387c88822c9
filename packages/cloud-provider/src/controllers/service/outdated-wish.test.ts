import { describe, expect, it } from '@jest/globals';
import type { Service } from '../../api/service.ts';
import { onDeleteAnnotation, protectAnnotation } from '../../api/well-known.ts';
import { Duration } from '../../base/duration.ts';

import { Bench, finalizer, withAnnotations, withPorts } from './test-bench.ts';
import { groupAnnotation, testService } from './test-kind.ts';

const ofType =
  (type: string) =>
  (service: Service): Service => ({ ...service, spec: { ...service.spec, type } });

/** Calls that wait until they are released: all of them, or those that begin like the one named. */
interface Held extends Disposable {
  readonly release: (only?: string) => Promise<void>;
}

/** From now on calls that begin like this wait. */
function hold(bench: Bench, ...beginnings: readonly string[]): Held {
  const held = new Set(beginnings);
  const waiting: { readonly call: string; readonly resolve: () => void }[] = [];
  bench.kind.onCall = (call) => {
    if (![...held].some((beginning) => call.startsWith(beginning))) return;
    return new Promise<void>((resolve) => waiting.push({ call, resolve }));
  };
  const letGo = (only: string): void => {
    for (const beginning of held) if (beginning.startsWith(only)) held.delete(beginning);
    for (const { call, resolve } of waiting) if (call.startsWith(only)) resolve();
  };
  return {
    release(only = '') {
      letGo(only);
      return bench.settle();
    },
    [Symbol.dispose]: () => letGo(''),
  };
}

/** A Service whose load balancer is about to be deleted: the pass for that reads the cloud, and waits for it. */
async function startLeaving(bench: Bench, leave: () => void): Promise<Held> {
  bench.cluster.putService(testService('web'));
  await bench.start();
  bench.forget();
  const held = hold(bench, 'observe', 'facts');
  leave();
  await bench.settle();
  expect(bench.kind.calls).toEqual(['observe service/uid-of-web']);
  return held;
}

/** All that place Services wait for what the cloud says about this one. */
async function keepBusy(bench: Bench): Promise<void> {
  bench.cluster.putService(testService('other'));
  await bench.settle();
}

describe('what is to be deleted', () => {
  it('stays when it is wanted again while the cloud is read', async () => {
    await using bench = new Bench();
    using held = await startLeaving(bench, () => bench.change('ns/web', ofType('ClusterIP')));
    bench.change('ns/web', ofType('LoadBalancer'));
    await bench.settle();
    await held.release();
    await bench.pass(Duration.minutes(1));
    expect(bench.kind.writes).toEqual([]);
    expect(bench.cluster.service('ns/web')?.metadata.finalizers).toEqual([finalizer]);
    expect(bench.controller.status().items).toMatchObject([{ state: 'converged' }]);
  });

  it('stays when it is wanted again and the Service is not placed yet', async () => {
    await using bench = new Bench();
    using held = await startLeaving(bench, () => bench.change('ns/web', ofType('ClusterIP')));
    bench.change('ns/web', ofType('LoadBalancer'));
    await bench.settle();
    await held.release('observe');
    await bench.pass(Duration.seconds(10));
    expect(bench.kind.writes).toEqual([]);
    await held.release();
    await bench.pass(Duration.minutes(1));
    expect(bench.kind.writes).toEqual([]);
    expect(bench.controller.status().items).toMatchObject([{ state: 'converged' }]);
  });

  it.each<[string, boolean, (service: Service) => Service]>([
    ['that is deleted is protected', true, withAnnotations({ [protectAnnotation]: 'true' })],
    ['that is deleted is to leave it behind', true, withAnnotations({ [onDeleteAnnotation]: 'orphan' })],
    ['wants it again', false, ofType('LoadBalancer')],
  ])('stays when the Service %s, and nobody could look at that yet', async (_what, isDeleted, change) => {
    await using bench = new Bench({ concurrency: 1 });
    using held = await startLeaving(bench, () => {
      if (isDeleted) bench.cluster.deleteService('ns/web');
      else bench.change('ns/web', ofType('ClusterIP'));
    });
    await keepBusy(bench);
    bench.change('ns/web', change);
    await held.release('observe');
    await bench.pass(Duration.seconds(10));
    expect(bench.kind.writes).toEqual([]);
    await held.release();
    await bench.pass(Duration.minutes(1));
    expect(bench.kind.writes).not.toContain('delete LoadBalancer service/uid-of-web');
  });

  it('goes when it is wanted by another Service of the name', async () => {
    await using bench = new Bench();
    using held = await startLeaving(bench, () => bench.change('ns/web', ofType('ClusterIP')));
    bench.cluster.dropService('ns/web');
    bench.cluster.putService(testService('web', { uid: 'second' }));
    await held.release();
    await bench.pass(Duration.minutes(1));
    expect([...bench.kind.cloud.keys()]).toEqual(['service/second']);
  });

  it('goes when another Service of the name wants one, and nobody could look at that yet', async () => {
    await using bench = new Bench({ concurrency: 1 });
    using held = await startLeaving(bench, () => bench.change('ns/web', ofType('ClusterIP')));
    await keepBusy(bench);
    bench.cluster.dropService('ns/web');
    bench.cluster.putService(testService('web', { uid: 'second' }));
    await held.release('observe');
    expect(bench.kind.writes).toContain('delete LoadBalancer service/uid-of-web');
  });

  it('goes when the Service is only edited', async () => {
    await using bench = new Bench();
    using held = await startLeaving(bench, () => bench.change('ns/web', ofType('ClusterIP')));
    bench.change('ns/web', withPorts(80, 443));
    await held.release();
    await bench.pass(Duration.minutes(1));
    expect(bench.kind.cloud.size).toBe(0);
    expect(bench.cluster.service('ns/web')?.metadata.finalizers).toEqual([]);
  });

  it('goes from a group that the Service has left, however often it is edited meanwhile', async () => {
    await using bench = new Bench();
    bench.cluster.putService(testService('web'));
    await bench.start();
    bench.forget();
    using held = hold(bench, 'observe');
    bench.change('ns/web', withAnnotations({ [groupAnnotation]: 'shared' }));
    await bench.settle();
    bench.change('ns/web', withPorts(80, 443));
    await held.release();
    await bench.pass(Duration.minutes(1));
    expect([...bench.kind.cloud.keys()]).toEqual(['shared']);
    expect(bench.kind.cloud.get('shared')?.listeners.get('uid-of-web')?.ports).toEqual([80, 443]);
  });

  it('is planned anew when another member of the group wants something else meanwhile', async () => {
    await using bench = new Bench();
    const annotations = { [groupAnnotation]: 'shared' };
    for (const name of ['web', 'api']) bench.cluster.putService(testService(name, { annotations }));
    await bench.start();
    bench.forget();
    using held = hold(bench, 'observe');
    bench.cluster.deleteService('ns/web');
    await bench.settle();
    bench.change('ns/api', withPorts(80, 443));
    await held.release();
    await bench.pass(Duration.minutes(1));
    expect(bench.kind.writes).toEqual(['update Listener uid-of-api', 'delete Listener uid-of-web']);
    expect(bench.cluster.service('ns/web')).toBeUndefined();
  });
});
