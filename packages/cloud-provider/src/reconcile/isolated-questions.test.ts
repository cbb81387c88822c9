import { describe, expect, it } from '@jest/globals';
import { Duration } from '../base/duration.ts';
import { CloudError } from '../cloud/cloud-error.ts';
import type { NodeRef } from '../cloud/instances.ts';
import { ProviderDefectError } from '../cloud/provider-defect.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { IsolatedQuestions } from './isolated-questions.ts';

function refOf(name: string): NodeRef {
  return { name, uid: `uid-of-${name}`, providerID: '', labels: {}, annotations: {} };
}

/** A cloud that refuses every question with a node in it whose name begins with `bad`. */
class Bench {
  readonly clock = new FakeClock();
  readonly asked: string[] = [];
  readonly questions = new IsolatedQuestions<string>({
    clock: this.clock,
    unknown: () => 'unknown',
    defectOf: (mistake) => new ProviderDefectError('describe', mistake),
  });

  ask(...names: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return this.questions.ask(names.map(refOf), async (nodes) => {
      this.asked.push(...nodes.map(({ name }) => name));
      if (nodes.some(({ name }) => name.startsWith('bad'))) throw new CloudError('Invalid', 'no such id');
      return new Map(nodes.map(({ name }) => [name, 'present']));
    });
  }

  /** Asks about everybody once a minute. */
  async pass(time: Duration, ...names: readonly string[]): Promise<void> {
    for (let minute = 0; minute < time.milliseconds / 60_000; minute++) {
      await this.clock.advance(Duration.minutes(1));
      await this.ask(...names);
    }
  }
}

describe('nodes that questions fail with', () => {
  it('are forgotten when they are gone', async () => {
    const bench = new Bench();
    for (let node = 0; node < 20; node++) await bench.ask('good', `bad-${node}`);
    expect(bench.questions.setAside).toBe(20);
    await bench.pass(Duration.hours(2), 'good');
    expect(bench.questions.setAside).toBe(0);
  });

  it('are kept while they are there, and asked about ever more seldom', async () => {
    const bench = new Bench();
    await bench.pass(Duration.hours(12), 'good', 'bad');
    expect(bench.questions.setAside).toBe(1);
    bench.asked.length = 0;
    await bench.pass(Duration.hours(3), 'good', 'bad');
    // Once with the others, once alone.
    expect(bench.asked.filter((name) => name === 'bad')).toHaveLength(3 * 2);
  });

  it('are forgotten when they are answered', async () => {
    const bench = new Bench();
    await bench.ask('good', 'bad');
    await bench.questions.ask([{ ...refOf('bad'), providerID: 'right' }], async () => new Map([['bad', 'present']]));
    expect(bench.questions.setAside).toBe(0);
  });
});
