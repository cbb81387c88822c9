import { expect, it } from '@jest/globals';
import { Duration } from '../../base/duration.ts';
import { testBackend } from './test-backend.ts';
import { Bench, withAnnotations } from './test-bench.ts';
import { groupAnnotation, testService } from './test-kind.ts';

const seenTo = ['Normal EnsuringLoadBalancer', 'Normal EnsuredLoadBalancer'];

async function converged(...names: readonly string[]): Promise<Bench> {
  const bench = new Bench();
  bench.cluster.putNode(testBackend('n1'));
  const annotations = names.length > 1 ? { [groupAnnotation]: 'shared' } : {};
  for (const name of names) bench.cluster.putService(testService(name, { annotations }));
  await bench.start();
  bench.forget();
  return bench;
}

function events(bench: Bench): readonly string[] {
  return bench.recorder.events.map((event) => event.split(' ').slice(0, 2).join(' '));
}

it('is answered when it asks for nothing of the cloud', async () => {
  await using bench = await converged('web');
  bench.change('ns/web', withAnnotations({ touched: 'yes' }));
  await bench.settle();
  expect(events(bench)).toEqual(seenTo);
  expect(bench.kind.calls).toEqual(['observe service/uid-of-web']);
});

it('is all that is answered: neither a start nor a regular look nor a node', async () => {
  await using bench = await converged('web');
  await bench.pass(Duration.hours(2));
  expect(bench.kind.reads).toBeGreaterThan(1);
  expect(events(bench)).toEqual([]);
  bench.cluster.putNode(testBackend('n2'));
  await bench.settle();
  expect(events(bench)).not.toContain('Normal EnsuringLoadBalancer');
});

it('is not answered on the other Services of its group', async () => {
  await using bench = await converged('web', 'api');
  bench.change('ns/web', withAnnotations({ [groupAnnotation]: 'shared', touched: 'yes' }));
  await bench.settle();
  expect(bench.recorder.events.filter((event) => event.includes('ns/api'))).toEqual([]);
});
