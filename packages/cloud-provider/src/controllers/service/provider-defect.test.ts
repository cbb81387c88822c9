import { describe, expect, it } from '@jest/globals';
import { Duration } from '../../base/duration.ts';
import { CloudError } from '../../cloud/cloud-error.ts';
import { Bench, withPorts } from './test-bench.ts';
import { TestKind, testService } from './test-kind.ts';

/** A kind with a mistake in one function, which shows with one Service alone. */
class FaultyKind extends TestKind {
  isMended = false;
  readonly #where: string;
  readonly #wrap: (mistake: Error) => Error;

  /** @param wrap what the code that sends requests makes of a mistake */
  constructor(where: string, wrap: (mistake: Error) => Error = (mistake) => mistake) {
    super();
    this.#where = where;
    this.#wrap = wrap;
    for (const name of ['claims', 'group', 'desire', 'plan', 'fold', 'result', 'facts', 'observe', 'apply'] as const) {
      const sound = this[name].bind(this) as (...args: unknown[]) => unknown;
      Object.defineProperty(this, name, { value: (...args: unknown[]) => this.#call(name, sound, args) });
    }
  }

  #call(name: string, sound: (...args: unknown[]) => unknown, args: unknown[]): unknown {
    const isMet = name === this.#where && !this.isMended && JSON.stringify(args, jsonOf).includes('uid-of-bad');
    if (!isMet) return sound(...args);
    const mistake = new TypeError("Cannot read properties of undefined (reading 'x')");
    if (name === 'facts' || name === 'observe' || name === 'apply') return Promise.reject(this.#wrap(mistake));
    throw mistake;
  }
}

function jsonOf(_key: string, value: unknown): unknown {
  return value instanceof Map ? [...value] : value;
}

describe('a mistake in the program of a provider', () => {
  it.each(['claims', 'group', 'desire', 'plan', 'fold', 'result', 'facts', 'observe', 'apply'])(
    'in %s is told as one, hardly retried, and keeps nothing from others',
    async (where) => {
      const kind = new FaultyKind(where);
      await using bench = new Bench({ kinds: [kind] });
      bench.cluster.putService(testService('bad'));
      bench.cluster.putService(testService('good'));
      await bench.start();
      await bench.pass(Duration.hours(3));
      expect(bench.cluster.service('ns/good')?.status.loadBalancer.ingress).toHaveLength(1);
      const told = bench.recorder.events.filter((line) => line.includes('ns/bad: Error'));
      expect(told[0]).toContain(
        `a defect of the provider, in ${where}: Cannot read properties of undefined (reading 'x'); please report it`,
      );
      // An outage would have been retried each five minutes: 36 times and more.
      expect(told.length).toBeLessThanOrEqual(7);
      // What was done without folding it is found by reading.
      const isHealed = where === 'fold';
      const conditions = bench.cluster.service('ns/bad')?.status.conditions ?? [];
      expect(conditions.filter(({ status }) => status === 'False').map(({ reason }) => reason)).toEqual(
        isHealed ? [] : ['ProviderDefect'],
      );
      expect(bench.controller.status().items.find(({ key }) => key === 'ns/bad')).toMatchObject({
        reason: isHealed ? '' : 'ProviderDefect',
      });
      expect(await bench.metrics.render()).toContain(`ccm_provider_defects_total{kind="test",function="${where}"}`);

      kind.isMended = true;
      bench.change('ns/bad', withPorts(443));
      await bench.settle();
      expect(bench.cluster.service('ns/bad')?.status.loadBalancer.ingress).toHaveLength(1);
      expect(Object.values(bench.conditions('ns/bad'))).toEqual([expect.stringMatching(/^True /)]);
    },
  );

  it.each(['Unknown', 'Unavailable'] as const)(
    'is told as one when it shows in the answer to a request that counts as %s',
    async (code) => {
      const kind = new FaultyKind('observe', (cause) => new CloudError(code, `Describe: ${cause.name}`, { cause }));
      await using bench = new Bench({ kinds: [kind] });
      bench.cluster.putService(testService('bad'));
      await bench.start();
      await bench.pass(Duration.hours(3));
      const told = bench.recorder.events.filter((line) => line.includes('ns/bad: Error'));
      expect(told[0]).toContain('a defect of the provider, in observe: Cannot read properties of undefined');
      expect(told.length).toBeLessThanOrEqual(7);
    },
  );

  it('is not seen in an answer that can not be read, or in a network that is down', async () => {
    for (const cause of [new SyntaxError('Unexpected token <'), new TypeError('fetch failed', { cause: 'reset' })]) {
      const kind = new FaultyKind('observe', () => new CloudError('Unavailable', 'no answer', { cause }));
      await using bench = new Bench({ kinds: [kind] });
      bench.cluster.putService(testService('bad'));
      await bench.start();
      await bench.pass(Duration.minutes(10));
      expect(bench.controller.status().items.find(({ key }) => key === 'ns/bad')).toMatchObject({
        reason: 'Unavailable',
      });
    }
  });
});
