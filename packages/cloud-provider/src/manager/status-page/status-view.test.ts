import { describe, expect, it } from '@jest/globals';
import type { ItemStatus } from '../../controllers/controller.ts';
import type { OperationRecord } from '../../reconcile/operation-log.ts';
import type { ManagerStatus } from '../manager-status.ts';
import { parseStatusQuestion, viewStatus } from './status-view.ts';

const now = '2026-01-02T03:04:05.000Z';

function item(kind: string, key: string, state: string): ItemStatus {
  return {
    kind,
    key,
    state,
    reason: '',
    message: '',
    since: now,
    nextAttempt: '',
    plan: [`create LoadBalancer of-${key}`],
  };
}

function operation(sequence: number, phase: OperationRecord['phase']): OperationRecord {
  return {
    sequence,
    time: now,
    group: 'service/1',
    verb: 'create',
    kind: 'LoadBalancer',
    name: `a${sequence}`,
    phase,
    text: `create LoadBalancer a${sequence}`,
    changes: [],
    message: '',
  };
}

function status(parts: {
  readonly nodes: readonly ItemStatus[];
  readonly services: readonly ItemStatus[];
  readonly operations?: readonly OperationRecord[];
}): ManagerStatus {
  return {
    version: '1.36.0',
    provider: 'sample',
    cluster: undefined,
    startedAt: now,
    now,
    leadership: { state: 'off', identity: 'one', leader: '' },
    notReady: [],
    controllers: [
      { name: 'cloud-node-controller', queues: [], facts: {}, items: parts.nodes },
      { name: 'service-lb-controller', queues: [], facts: {}, items: parts.services },
      { name: 'sample-controller', queues: [], facts: {}, items: [] },
    ],
    budgets: [],
    operations: parts.operations ?? [],
    process: { residentBytes: 0, eventLoopDelay: { p50: '0s', p99: '0s', max: '0s' } },
  };
}

const small = status({
  nodes: [item('Node', 'one', 'waiting'), item('Node', 'two', 'initialised')],
  services: [item('Service', 'default/web', 'converged'), item('Service', 'default/db', 'refused')],
  operations: [operation(1, 'applied'), operation(2, 'failed'), operation(3, 'refused'), operation(4, 'pending')],
});

function shown(query: string, of = small): readonly string[] {
  return viewStatus(of, parseStatusQuestion(new URLSearchParams(query))).items.shown.map(({ key }) => key);
}

describe('what the status page shows', () => {
  it.each([
    ['', ['default/db', 'one', 'two', 'default/web']],
    ['show=attention', ['default/db', 'one']],
    ['show=cloud-node-controller', ['one', 'two']],
    ['show=sample-controller', []],
    ['show=nonsense&page=-1', ['default/db', 'one', 'two', 'default/web']],
    ['page=7&page=x', ['default/db', 'one', 'two', 'default/web']],
    ['words=NODE%20wait', ['one']],
    ['words=of-default/web', ['default/web']],
    ['words=nothing', []],
  ])('of the objects, asked "%s"', (query, expected) => {
    expect(shown(query)).toEqual(expected);
  });

  it('offers what there is, with its number', () => {
    expect(viewStatus(small, parseStatusQuestion(new URLSearchParams())).choices).toEqual([
      { show: 'all', label: 'Everything', count: 4 },
      { show: 'attention', label: 'Not as it should be', count: 2 },
      { show: 'cloud-node-controller', label: 'Nodes', count: 2 },
      { show: 'service-lb-controller', label: 'Services', count: 2 },
    ]);
  });

  it.each([
    ['', [4, 3, 2, 1]],
    ['operations=unsuccessful', [3, 2]],
  ])('of the operations, latest first, asked "%s"', (query, expected) => {
    const { operations } = viewStatus(small, parseStatusQuestion(new URLSearchParams(query)));
    expect(operations.shown.map(({ sequence }) => sequence)).toEqual(expected);
    expect([operations.total, operations.unsuccessful]).toEqual([4, 2]);
  });

  it('tells of an operation once, when it is known what became of it', () => {
    const again = { ...operation(5, 'planned'), text: operation(2, 'failed').text };
    const planned = [
      { ...operation(1, 'planned'), text: again.text },
      operation(2, 'failed'),
      again,
      operation(6, 'planned'),
    ];
    const { operations } = viewStatus({ ...small, operations: planned }, parseStatusQuestion(new URLSearchParams()));
    expect(operations.shown.map(({ phase, sequence }) => [sequence, phase])).toEqual([
      [6, 'planned'],
      [5, 'planned'],
      [2, 'failed'],
    ]);
  });

  it('is no larger for a large cluster than for a small one', () => {
    const nodes = Array.from({ length: 5000 }, (_, index) => item('Node', `node-${index}`, 'waiting'));
    const services = Array.from({ length: 2000 }, (_, index) => item('Service', `default/web-${index}`, 'converged'));
    const operations = Array.from({ length: 1000 }, (_, index) => operation(index, 'applied'));
    const large = status({ nodes, services, operations });
    const last = viewStatus(large, parseStatusQuestion(new URLSearchParams('page=69')));
    expect(last.items).toMatchObject({ matching: 7000, page: 69, pages: 70 });
    expect(last.items.shown.at(-1)?.key).toBe('default/web-1999');
    expect(viewStatus(large, parseStatusQuestion(new URLSearchParams('page=999'))).items.page).toBe(69);
    expect(JSON.stringify(last).length).toBeLessThan(60_000);
  });
});
