import { expect, it } from '@jest/globals';
import { Duration } from '../../base/duration.ts';
import { testBackend } from './test-backend.ts';
import { Bench, withAnnotations } from './test-bench.ts';
import { refuseAnnotation, remarkAnnotation, testService } from './test-kind.ts';

async function converged(annotations: Readonly<Record<string, string>>): Promise<Bench> {
  const bench = new Bench();
  bench.cluster.putNode(testBackend('n1'));
  bench.cluster.putService(testService('web', { annotations }));
  await bench.start();
  return bench;
}

const remarks = (bench: Bench): readonly string[] =>
  bench.recorder.events.filter((event) => event.startsWith('Warning AcceptedWithRemarks'));
const message = (bench: Bench): string | undefined =>
  bench.cluster.service('ns/web')?.status.conditions.find(({ type }) => type === 'ccm-ts/Accepted')?.message;

it('is told by Event and condition, beside the address', async () => {
  await using bench = await converged({ [remarkAnnotation]: 'x' });
  expect(remarks(bench)).toEqual([expect.stringContaining('x has no effect')]);
  expect(bench.conditions('ns/web')).toEqual({ Accepted: 'True AcceptedWithRemarks' });
  expect(message(bench)).toBe('x has no effect');
  expect(bench.cluster.service('ns/web')?.status.loadBalancer.ingress).toHaveLength(1);
});

it('is told once, whatever happens beside it', async () => {
  await using bench = await converged({ [remarkAnnotation]: 'x' });
  bench.forget();
  await bench.pass(Duration.hours(3));
  bench.change('ns/web', withAnnotations({ [remarkAnnotation]: 'x', touched: 'yes' }));
  bench.cluster.putNode(testBackend('n2'));
  await bench.pass(Duration.minutes(1));
  expect(remarks(bench)).toEqual([]);
  expect(bench.cluster.patches).toEqual([]);
});

it('is not told again by a manager that has just begun', async () => {
  await using first = await converged({ [remarkAnnotation]: 'x' });
  const told = first.cluster.service('ns/web');
  await using second = new Bench();
  second.cluster.putNode(testBackend('n1'));
  if (told) second.cluster.putService(told);
  await second.start();
  expect(second.conditions('ns/web')).toEqual({ Accepted: 'True AcceptedWithRemarks' });
  expect(remarks(second)).toEqual([]);
  expect(second.cluster.patches).toEqual([]);
});

it('is told anew when it changes, and taken back when it is mended', async () => {
  await using bench = await converged({ [remarkAnnotation]: 'x' });
  bench.forget();
  bench.change('ns/web', withAnnotations({ [remarkAnnotation]: 'y' }));
  await bench.settle();
  expect(remarks(bench)).toEqual([expect.stringContaining('y has no effect')]);
  expect(message(bench)).toBe('y has no effect');
  bench.forget();
  bench.change('ns/web', withAnnotations({ touched: 'yes' }));
  await bench.settle();
  expect(bench.conditions('ns/web')).toEqual({ Accepted: 'True Accepted' });
  expect(remarks(bench)).toEqual([]);
  expect(bench.cluster.patches).toHaveLength(1);
});

it('gives way to a refusal, and comes back after it', async () => {
  await using bench = await converged({ [remarkAnnotation]: 'x' });
  bench.change('ns/web', withAnnotations({ [remarkAnnotation]: 'x', [refuseAnnotation]: 'z' }));
  await bench.settle();
  expect(bench.conditions('ns/web')).toMatchObject({ Accepted: 'False BadAnnotation' });
  bench.change('ns/web', withAnnotations({ [remarkAnnotation]: 'x' }));
  await bench.settle();
  expect(bench.conditions('ns/web')).toMatchObject({ Accepted: 'True AcceptedWithRemarks' });
});

it('is nothing that a Service without any shows', async () => {
  await using bench = await converged({});
  expect(bench.conditions('ns/web')).toEqual({});
});

it('is told of annotations that are meant for the library too', async () => {
  await using bench = await converged({ 'ccm-ts/protec': 'true', [remarkAnnotation]: 'x' });
  expect(message(bench)).toContain(
    'x has no effect; ccm-ts/protec: "true" has no effect, as there is no such annotation: did you mean ccm-ts/protect?',
  );
  expect(remarks(bench)).toHaveLength(1);
});
