import { describe, expect, it } from '@jest/globals';
import { Duration } from '../../base/duration.ts';
import type { ResourceValue } from '../api-server/resources/resource-types.ts';
import { kubeletNode } from '../scenario/manifests.ts';
import { type LifeStep, join, life } from './life.ts';
import { live } from './live.ts';
import { printReport } from './print-report.ts';
import { type Message, type ProofWorld, keyOf } from './world.ts';

/** An object as the path of a request names it. */
interface Named {
  readonly kind: 'nodes' | 'services';
  readonly name: string;
}

function objectOf({ label }: Message): Named | undefined {
  const [, kind, name] =
    /^(?:PATCH|PUT|DELETE) \/api\/v1\/(?:namespaces\/default\/)?(nodes|services)\/([^/]+)/.exec(label) ?? [];
  if (name === undefined || (kind !== 'nodes' && kind !== 'services')) return undefined;
  return { kind, name };
}

const mark = (point: number): string => `example.org/mark-${point}`;

/** Somebody else writes the same object a moment before the manager does. */
function interfere({ server }: ProofWorld, { kind, name }: Named, point: number): void {
  if (kind === 'services') {
    server.store.patch('services', name, { metadata: { annotations: { [mark(point)]: 'here' } } });
    return;
  }
  server.store.update('nodes', { name }, (node) => ({
    ...node,
    metadata: { ...node.metadata, annotations: { ...node.metadata.annotations, [mark(point)]: 'here' } },
    spec: {
      ...node.spec,
      taints: [...(node.spec.taints ?? []), { key: mark(point), effect: 'NoSchedule' as const }],
    },
  }));
}

function bears(object: ResourceValue<'nodes'> | ResourceValue<'services'>, point: number): boolean {
  const hasAnnotation = object.metadata.annotations?.[mark(point)] === 'here';
  const isNode = 'taints' in object.spec || 'podCIDRs' in object.spec || 'providerID' in object.spec;
  if (!isNode) return hasAnnotation;
  return hasAnnotation && ((object as ResourceValue<'nodes'>).spec.taints ?? []).some(({ key }) => key === mark(point));
}

async function liveWithRivals(keys: readonly string[]) {
  const marked = new Map<number, { readonly named: Named; readonly uid: string }>();
  const lost: string[] = [];
  let world: ProofWorld | undefined;
  const report = await live({
    tap: {
      onArrival(message, here) {
        world = here;
        const named = objectOf(message);
        if (!named || message.label.startsWith('DELETE') || !keys.includes(keyOf(message))) return;
        const object = here.server.store.get(named.kind, named.name);
        if (!object) return;
        const point = marked.size + 1;
        marked.set(point, { named, uid: object.metadata.uid ?? '' });
        interfere(here, named, point);
      },
    },
  });
  for (const [point, { named, uid }] of marked) {
    const object = world?.server.store.get(named.kind, named.name);
    if (object?.metadata.uid === uid && !bears(object, point)) lost.push(`${named.kind}/${named.name}`);
  }
  return { faults: report.faults, lost, struck: marked.size };
}

describe('a rival that writes the same object a moment earlier', () => {
  it('loses nothing to a manager', async () => {
    const heights = new Map<string, string[]>();
    await live({
      tap: {
        onArrival(message) {
          if (!objectOf(message) || message.label.startsWith('DELETE')) return;
          const keys = heights.get(message.step) ?? [];
          heights.set(message.step, [...keys, keyOf(message)]);
        },
      },
    });
    const plans = Math.max(...[...heights.values()].map((keys) => keys.length));
    let points = 0;
    for (let plan = 0; plan < plans; plan++) {
      const keys = [...heights.values()].flatMap((some) => some[plan] ?? []);
      const { faults, lost, struck } = await liveWithRivals(keys);
      points += struck;
      expect({ plan, faults, lost }).toEqual({ plan, faults: [], lost: [] });
    }
    expect(points).toBeGreaterThan(30);
    printReport({ proof: 'races', points, failures: [] });
  }, 1_200_000);

  it('keeps a Node that took the name of the one that is being deleted', async () => {
    let newcomer = '';
    const index = life.findIndex(({ name }) => name === 'a machine is terminated');
    const quiet: LifeStep = { name: 'quiet', act: () => undefined, rest: Duration.minutes(5) };
    let world: ProofWorld | undefined;
    const report = await live({
      steps: [...life.slice(0, index + 1), quiet],
      tap: {
        onArrival({ label }, here) {
          world = here;
          if (label !== 'DELETE /api/v1/nodes/c' || newcomer !== '') return;
          here.server.store.delete('nodes', 'c');
          join(here, 'c', 'memory-1b');
          newcomer = here.server.store.get('nodes', 'c')?.metadata.uid ?? '';
        },
      },
    });
    expect(report.faults).toEqual([]);
    expect(newcomer).not.toBe('');
    expect(world?.server.store.get('nodes', 'c')?.metadata.uid).toBe(newcomer);
  });

  it('writes nothing onto a Node that took the name of the one that is meant', async () => {
    const isMeant = (message: Message): boolean => objectOf(message)?.name === 'b';
    let writes = 0;
    await live({ steps: life.slice(0, 1), tap: { onArrival: (message) => void (isMeant(message) && writes++) } });
    expect(writes).toBeGreaterThan(2);
    for (let nth = 1; nth <= writes; nth++) {
      let seen = 0;
      let planted = '';
      let left = '';
      const versionIn = ({ server }: ProofWorld): string =>
        server.store.get('nodes', 'b')?.metadata.resourceVersion ?? '';
      const report = await live({
        steps: life.slice(0, 1),
        tap: {
          onArrival(message, world) {
            if (!isMeant(message) || ++seen !== nth) return;
            const { clock, server } = world;
            server.store.delete('nodes', 'b');
            server.store.create('nodes', kubeletNode('b', clock.now()));
            planted = versionIn(world);
          },
          onReply(message, world) {
            if (isMeant(message) && seen === nth && left === '') left = versionIn(world);
          },
        },
      });
      expect(report.faults).toEqual([]);
      expect([nth, left]).toEqual([nth, planted]);
    }
  });
});
