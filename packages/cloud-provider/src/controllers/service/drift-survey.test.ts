import { describe, expect, it } from '@jest/globals';
import { Duration } from '../../base/duration.ts';
import type { CallContext } from '../../cloud/call-context.ts';
import { CloudError } from '../../cloud/cloud-error.ts';
import { Bench } from './test-bench.ts';
import { TestKind, groupAnnotation, refuseAnnotation, testService } from './test-kind.ts';

/** Its lists tell of every load balancer with everything in it. */
class ListingKind extends TestKind {
  readonly listPriorities: string[] = [];
  /** What the next lists leave out. */
  unlisted: ReadonlySet<string> = new Set();

  async listUnchanged(groups: ReadonlyMap<string, unknown>, call: CallContext): Promise<ReadonlySet<string>> {
    this.calls.push('list');
    this.listPriorities.push(call.priority);
    await this.onCall('list');
    const isUnchanged = (key: string, observed: unknown): boolean => {
      const { loadBalancer } = observed as { loadBalancer?: { listeners: ReadonlyMap<string, unknown> } };
      const present = this.cloud.get(key);
      if (!present || !loadBalancer || this.unlisted.has(key)) return false;
      return JSON.stringify([...present.listeners]) === JSON.stringify([...loadBalancer.listeners]);
    };
    return new Set([...groups].filter(([key, observed]) => isUnchanged(key, observed)).map(([key]) => key));
  }
}

async function start(kind: ListingKind, names: readonly string[]): Promise<Bench> {
  const bench = new Bench({ kinds: [kind] });
  for (const name of names) bench.cluster.putService(testService(name));
  await bench.start();
  kind.calls.length = 0;
  bench.cluster.patches.length = 0;
  return bench;
}

describe('the slow look for drift of a kind that lists', () => {
  it('is one list pass an hour for all that is at rest, behind everything else', async () => {
    const kind = new ListingKind();
    await using bench = await start(kind, ['a', 'b', 'c']);
    for (let hour = 0; hour < 5; hour++) await bench.pass(Duration.hours(1));
    expect(kind.calls).toEqual(['list', 'list', 'list', 'list', 'list']);
    expect(new Set(kind.listPriorities)).toEqual(new Set(['sweep']));
    expect(bench.cluster.patches).toEqual([]);
  });

  it('looks at what changed by itself, and repairs that alone', async () => {
    const kind = new ListingKind();
    await using bench = await start(kind, ['a', 'b', 'c']);
    kind.cloud.get('service/uid-of-b')?.listeners.clear();
    kind.cloud.delete('service/uid-of-c');
    await bench.pass(Duration.hours(1));
    expect(kind.calls[0]).toBe('list');
    expect(kind.calls.slice(1).sort()).toEqual([
      'create Listener uid-of-b',
      'create Listener uid-of-c',
      'create LoadBalancer service/uid-of-c',
      'observe service/uid-of-b',
      'observe service/uid-of-c',
    ]);
    expect(kind.priorities.at(-1)).toBe('upkeep');
    kind.calls.length = 0;
    await bench.pass(Duration.hours(1));
    expect(kind.calls).toEqual(['list']);
  });

  it('believes nothing gone that a list leaves out', async () => {
    const kind = new ListingKind();
    await using bench = await start(kind, ['a', 'b']);
    kind.unlisted = new Set(['service/uid-of-a']);
    await bench.pass(Duration.hours(1));
    expect(kind.calls).toEqual(['list', 'observe service/uid-of-a']);
  });

  it('sees facts that changed', async () => {
    const kind = new ListingKind();
    await using bench = new Bench({ kinds: [kind] });
    bench.cluster.putService(testService('web'));
    const waiting = testService('waiting', {
      annotations: { [refuseAnnotation]: 'until facts change', [groupAnnotation]: 'shared' },
    });
    bench.cluster.putService(waiting);
    await bench.start();
    expect(kind.cloud.has('shared')).toBe(false);
    kind.facts_ = 2;
    await bench.pass(Duration.hours(1));
    expect(kind.cloud.has('shared')).toBe(true);
  });

  it('leaves a list that fails to the next hour, and everything else as it is', async () => {
    const kind = new ListingKind();
    await using bench = await start(kind, ['a']);
    kind.cloud.get('service/uid-of-a')?.listeners.clear();
    kind.onCall = (call) => {
      if (call === 'list') throw new CloudError('Throttled', 'slow down');
    };
    await bench.pass(Duration.hours(1));
    expect(kind.calls).toEqual(['list']);
    expect(bench.controller.status().items).toMatchObject([{ state: 'converged' }]);
    kind.onCall = () => {};
    await bench.pass(Duration.hours(1));
    expect(kind.writes).toEqual(['create Listener uid-of-a']);
  });
});
