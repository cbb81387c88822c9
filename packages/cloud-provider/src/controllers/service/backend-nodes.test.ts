import { describe, expect, it } from '@jest/globals';
import type { Node, Taint } from '../../api/node.ts';
import { Duration } from '../../base/duration.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { TestCluster } from '../test-cluster.ts';
import { BackendNodes, isBackend, isSameBackend } from './backend-nodes.ts';
import { testBackend } from './test-backend.ts';

const exclusion = 'node.kubernetes.io/exclude-from-external-load-balancers';
const base = testBackend('a');

function withLabels(labels: Readonly<Record<string, string>>): Node {
  return { ...base, metadata: { ...base.metadata, labels } };
}

function withTaint(key: string): Node {
  const taint: Taint = { key, value: '', effect: 'NoSchedule', timeAdded: '' };
  return { ...base, spec: { ...base.spec, taints: [taint] } };
}

function withReady(status: string): Node {
  const ready = { type: 'Ready', status, reason: '', lastTransitionTime: '' };
  return { ...base, status: { ...base.status, conditions: [ready] } };
}

const deleting: Node = { ...base, metadata: { ...base.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
const nameless: Node = { ...base, spec: { ...base.spec, providerID: '' } };

describe('isBackend', () => {
  const rows: readonly (readonly [string, Node, boolean])[] = [
    ['plain', base, true],
    ['ready', withReady('True'), true],
    ['not ready', withReady('False'), true],
    ['cordoned', { ...base, spec: { ...base.spec, unschedulable: true } }, true],
    ['without providerID', nameless, false],
    ['excluded with an empty value', withLabels({ [exclusion]: '' }), false],
    ['excluded: false', withLabels({ [exclusion]: 'false' }), true],
    ['excluded: F', withLabels({ [exclusion]: 'F' }), true],
    ['excluded: 0', withLabels({ [exclusion]: '0' }), true],
    ['excluded: true', withLabels({ [exclusion]: 'true' }), false],
    ['excluded: foo', withLabels({ [exclusion]: 'foo' }), false],
    ['about to be removed by the autoscaler', withTaint('ToBeDeletedByClusterAutoscaler'), false],
    ['another taint', withTaint('node.kubernetes.io/unreachable'), true],
    ['being deleted', deleting, false],
  ];
  it.each(rows)('%s', (_name, node, expected) => {
    expect(isBackend(node)).toBe(expected);
  });
});

describe('isSameBackend', () => {
  const rows: readonly (readonly [string, Node, Node, boolean])[] = [
    ['a heartbeat', withReady('True'), withReady('Unknown'), true],
    ['an unrelated taint', base, withTaint('x'), true],
    ['a providerID comes', nameless, base, false],
    ['a providerID changes', base, { ...base, spec: { ...base.spec, providerID: 'fake://other' } }, false],
    ['the autoscaler marks it', base, withTaint('ToBeDeletedByClusterAutoscaler'), false],
    ['it is excluded', base, withLabels({ [exclusion]: '' }), false],
    ['deletion begins', base, deleting, false],
    ['a label', base, withLabels({ role: 'edge' }), false],
    [
      'a label of one that is no backend',
      nameless,
      { ...nameless, metadata: withLabels({ role: 'edge' }).metadata },
      true,
    ],
    [
      'an address',
      base,
      { ...base, status: { ...base.status, addresses: [{ type: 'InternalIP', address: '10.0.0.1' }] } },
      false,
    ],
  ];
  it.each(rows)('%s', (_name, old, next, expected) => {
    expect(isSameBackend(old, next)).toBe(expected);
    expect(isSameBackend(next, old)).toBe(expected);
  });
});

describe('BackendNodes', () => {
  it('tells of one change after the settle time', async () => {
    const clock = new FakeClock();
    const cluster = new TestCluster();
    const told: number[] = [];
    const backends = new BackendNodes({
      clock,
      store: cluster.nodes.store,
      settleTime: Duration.seconds(1),
      onChange: () => told.push(clock.monotonic()),
    });
    cluster.nodes.addHandler(backends.handler());
    cluster.putNode(testBackend('n1'));
    await clock.advance(Duration.milliseconds(999));
    expect(told).toEqual([]);
    await clock.advance(Duration.seconds(10));
    expect(told).toEqual([1000]);
  });

  it('waits for nodes that are about to be backends, and for nobody when nothing changed', async () => {
    const clock = new FakeClock();
    const cluster = new TestCluster();
    const told: number[] = [];
    const backends = new BackendNodes({
      clock,
      store: cluster.nodes.store,
      settleTime: Duration.seconds(1),
      onChange: () => told.push(clock.monotonic()),
    });
    cluster.nodes.addHandler(backends.handler());
    const joining = { ...testBackend('n2'), spec: { ...testBackend('n2').spec, providerID: '' } };
    cluster.putNode(joining);
    await clock.advance(Duration.seconds(10));
    expect(told).toEqual([]);
    cluster.putNode(testBackend('n1'));
    await clock.advance(Duration.milliseconds(800));
    cluster.putNode({ ...joining, metadata: { ...joining.metadata, name: 'n3', uid: 'n3' } });
    await clock.advance(Duration.milliseconds(800));
    cluster.putNode(testBackend('n3'));
    await clock.advance(Duration.seconds(10));
    expect(told).toEqual([12_600]);
  });

  it('tells once of many changes, also when they never end', async () => {
    const clock = new FakeClock();
    const cluster = new TestCluster();
    let told = 0;
    const backends = new BackendNodes({
      clock,
      store: cluster.nodes.store,
      settleTime: Duration.seconds(1),
      onChange: () => told++,
    });
    cluster.nodes.addHandler(backends.handler());
    for (let index = 0; index < 10; index++) {
      cluster.putNode(testBackend(`n${9 - index}`));
      await clock.advance(Duration.milliseconds(900));
    }
    expect(told).toBe(1);
    await clock.advance(Duration.seconds(5));
    expect(told).toBe(2);
    expect(backends.current().map(({ name }) => name)).toEqual(Array.from({ length: 10 }, (_, index) => `n${index}`));
    expect(backends.current()).toBe(backends.current());
    cluster.removeNode('n3');
    expect(backends.current()).toHaveLength(9);
  });
});
