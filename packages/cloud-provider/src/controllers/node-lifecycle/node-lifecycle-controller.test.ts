import { describe, expect, it } from '@jest/globals';
import type { Taint } from '../../api/node.ts';
import { Duration } from '../../base/duration.ts';
import { CloudError } from '../../cloud/cloud-error.ts';
import type { InstanceView } from '../../cloud/instances.ts';
import { ApiError } from '../../kube/client/api-error.ts';
import { FencedError } from '../../kube/client/write-fence.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { machineAbsentTaint, machineShutdownTaint } from './lifecycle-taints.ts';
import type { NodeLifecycleSettings } from './node-lifecycle-controller.ts';
import { LifecycleBench, type LifecycleNodeOptions, lifecycleNode, views } from './test-bench.ts';
import { countCases } from '../test-case-count.ts';

const shutdown = 'node.cloudprovider.kubernetes.io/shutdown:NoSchedule';
const otherTaint: Taint = { key: 'dedicated', value: 'yes', effect: 'NoExecute', timeAdded: '2026-01-01T00:00:00Z' };

function openBench(settings: NodeLifecycleSettings = {}): LifecycleBench {
  return new LifecycleBench(new FakeClock(), settings);
}

/** The cases of k8s.io/cloud-provider controllers/nodelifecycle, node_lifecycle_controller_test.go. */
describe('as in the Go managers', () => {
  countCases('go-cases-lifecycle');
  const byID = {};
  const byName = { providerID: '' };
  const cases: readonly [string, LifecycleNodeOptions['ready'], InstanceView, 'deleted' | 'kept'][] = [
    ['a node that is not ready and has no machine', 'False', views.absent(), 'deleted'],
    ['a node whose machine could not be asked about', 'False', views.unknown('Unknown'), 'kept'],
    ['a node that is not ready and has a machine', 'False', views.present(), 'kept'],
    ['a node that is silent and has no machine', 'Unknown', views.absent(), 'deleted'],
    ['a node that is silent and has a machine', 'Unknown', views.present(), 'kept'],
    ['a node that is ready and has no machine', 'True', views.absent(), 'kept'],
    ['a node without a condition and without a machine', 'missing', views.absent(), 'deleted'],
  ];
  describe.each([
    ['found by providerID', byID],
    ['found by name', byName],
  ])('deletion, %s', (_how, options) => {
    it.each(cases)('%s (%s)', async (_name, ready, view, fate) => {
      await using bench = openBench();
      bench.cluster.putNode(lifecycleNode('a', { ready: ready ?? 'Unknown', ...options }));
      bench.instances.views.set('a', view);
      await bench.start();
      await bench.passProbation();
      expect(bench.cluster.node('a') === undefined ? 'deleted' : 'kept').toBe(fate);
      expect(bench.deletions).toHaveLength(fate === 'deleted' ? 1 : 0);
      expect(bench.recorder.reasons('a')).toEqual(fate === 'deleted' ? ['Normal DeletingNode'] : []);
    });
  });

  it.each<[string, LifecycleNodeOptions, InstanceView, 'tainted' | 'deleted' | 'untouched']>([
    ['stopped and there', { ready: 'False' }, views.present('stopped'), 'tainted'],
    ['the same, found by name', { ready: 'False', providerID: '' }, views.present('stopped'), 'tainted'],
    ['not there, found by name', { ready: 'False', providerID: '' }, views.absent(), 'deleted'],
    ['not to be found out by name', { ready: 'False', providerID: '' }, views.unknown('Unknown'), 'untouched'],
    ['positively not found', { ready: 'False' }, views.absent('req-404'), 'deleted'],
    ['not there, whatever its power', { ready: 'Unknown' }, views.absent(), 'deleted'],
    ['not stopped and not there', { ready: 'False' }, views.absent(), 'deleted'],
    ['stopped, but ready', { ready: 'True' }, views.present('stopped'), 'untouched'],
    ['silent, stopped and not there', { ready: 'Unknown' }, views.absent(), 'deleted'],
  ])('shutdown: %s', async (_name, options, view, fate) => {
    await using bench = openBench();
    bench.cluster.putNode(lifecycleNode('a', options));
    bench.instances.views.set('a', view);
    await bench.start();
    await bench.passProbation();
    switch (fate) {
      case 'tainted':
        expect(bench.taints('a')).toEqual([shutdown]);
        expect(bench.cluster.patches).toHaveLength(1);
        break;
      case 'deleted':
        expect(bench.cluster.node('a')).toBeUndefined();
        expect(bench.cluster.patches).toEqual([]);
        break;
      case 'untouched':
        expect(bench.taints('a')).toEqual([]);
        break;
    }
  });

  it.each([
    ['its providerID', 'fake://12345', 'fake://12345'],
    ['its name alone', '', ''],
  ])('asks about a node by %s', async (_how, providerID, asked) => {
    await using bench = openBench();
    bench.cluster.putNode(lifecycleNode('a', { providerID }));
    await bench.start();
    expect(bench.instances.questions[0]?.refs).toMatchObject([{ name: 'a', uid: 'uid-of-a', providerID: asked }]);
  });
});

describe('what the cloud is asked', () => {
  it('is one question about all nodes that are not ready, and none about the others', async () => {
    await using bench = openBench();
    for (let index = 0; index < 80; index++) {
      bench.cluster.putNode(lifecycleNode(`dead-${index}`));
      bench.cluster.putNode(lifecycleNode(`ready-${index}`, { ready: 'True' }));
      bench.instances.views.set(`dead-${index}`, views.present('stopped'));
      bench.instances.views.set(`ready-${index}`, views.absent());
    }
    await bench.start();
    expect(bench.instances.questions).toHaveLength(1);
    expect(bench.instances.questions[0]).toMatchObject({
      need: 'power',
      priority: 'delete',
      freshness: { maxAge: Duration.seconds(5) },
    });
    expect(bench.instances.asked.filter((name) => name.startsWith('ready'))).toEqual([]);
    await bench.pass(20);
    expect(bench.instances.questions).toHaveLength(5);
    await bench.passProbation();
    expect(bench.deletions).toEqual([]);
  });

  it('is cut into as many batches as the cloud needs', async () => {
    await using bench = openBench();
    bench.instances.maxBatch = 30;
    for (let index = 0; index < 80; index++) bench.cluster.putNode(lifecycleNode(`dead-${index}`));
    await bench.start();
    expect(bench.instances.questions.map(({ refs }) => refs.length)).toEqual([30, 30, 20]);
  });

  it('is asked at once when a node stops being ready, and again after the monitor period', async () => {
    await using bench = openBench();
    bench.cluster.putNode(lifecycleNode('a', { ready: 'True' }));
    await bench.start();
    await bench.pass(60);
    expect(bench.instances.questions).toEqual([]);
    bench.instances.views.set('a', views.present('stopped'));
    bench.cluster.putNode(lifecycleNode('a', { ready: 'Unknown' }));
    await bench.settle();
    expect(bench.taints('a')).toEqual([shutdown]);
    const asked = bench.instances.questions.length;
    await bench.pass(10);
    expect(bench.instances.questions.length - asked).toBe(2);
  });

  it('is asked together about what changes within a second', async () => {
    await using bench = openBench({ monitorPeriod: Duration.minutes(10) });
    await bench.start();
    for (let index = 0; index < 50; index++) bench.cluster.putNode(lifecycleNode(`dead-${index}`));
    await bench.settle();
    for (let index = 50; index < 100; index++) bench.cluster.putNode(lifecycleNode(`dead-${index}`));
    await bench.pass(2);
    expect(bench.instances.questions.map(({ refs }) => refs.length)).toEqual([50, 50]);
  });

  it('is asked live, without any cache, once it is about a deletion', async () => {
    await using bench = openBench();
    bench.cluster.putNode(lifecycleNode('a'));
    bench.instances.views.set('a', views.absent());
    await bench.start();
    await bench.passProbation();
    const last = bench.instances.questions.at(-1);
    expect(last?.freshness).toBe('live');
    expect(bench.cluster.node('a')).toBeUndefined();
  });

  it('is shown where it leaves questions open', async () => {
    await using bench = openBench();
    bench.cluster.putNode(lifecycleNode('a'));
    bench.instances.views.set('a', views.unknown('Denied'));
    await bench.start();
    expect(bench.controller.status().facts['unanswered']).toBe('Denied: the cloud would not say');
    bench.instances.views.set('a', views.present());
    await bench.pass(6);
    expect(bench.controller.status().facts['unanswered']).toBe('');
  });

  it('does not stop anything when it fails', async () => {
    await using bench = openBench();
    bench.cluster.putNode(lifecycleNode('a'));
    bench.instances.views.set('a', views.absent());
    bench.instances.before = () => Promise.reject(new Error('a defect of the provider'));
    await bench.start();
    await bench.passProbation();
    expect(bench.deletions).toEqual([]);
    bench.instances.before = () => Promise.resolve();
    await bench.pass(20);
    expect(bench.cluster.node('a')).toBeUndefined();
  });
});

describe('deletion', () => {
  it('comes within two minutes, ten seconds and a monitor period after a node has joined and died', async () => {
    await using bench = openBench();
    await bench.start();
    await bench.pass(33);
    const joined = bench.now;
    bench.cluster.putNode(lifecycleNode('a', { creationTimestamp: bench.clock.now().toISOString() }));
    bench.instances.views.set('a', views.absent());
    await bench.pass(140);
    const [deletion] = bench.deletions;
    expect((deletion?.at ?? 0) - joined).toBeGreaterThanOrEqual(120);
    expect((deletion?.at ?? 0) - joined).toBeLessThanOrEqual(135);
  });

  it('comes within ten seconds and a monitor period when an old node dies', async () => {
    await using bench = openBench();
    bench.cluster.putNode(lifecycleNode('a', { ready: 'True' }));
    await bench.start();
    await bench.pass(200);
    const died = bench.now;
    bench.instances.views.set('a', views.absent());
    bench.cluster.putNode(lifecycleNode('a'));
    await bench.pass(20);
    expect((bench.deletions[0]?.at ?? 0) - died).toBeGreaterThanOrEqual(10);
    expect((bench.deletions[0]?.at ?? 0) - died).toBeLessThanOrEqual(15);
  });

  it('is bound to the Node that was judged', async () => {
    await using bench = openBench();
    const node = bench.cluster.putNode(lifecycleNode('a'));
    bench.instances.views.set('a', views.absent());
    await bench.start();
    await bench.passProbation();
    expect(bench.deletions.map(({ options }) => options.preconditions)).toEqual([
      { uid: 'uid-of-a', resourceVersion: node.metadata.resourceVersion },
    ]);
  });

  it('tells both proofs and the requests of the cloud that they came from', async () => {
    await using bench = openBench();
    bench.cluster.putNode(lifecycleNode('a'));
    let count = 0;
    bench.instances.before = () => {
      bench.instances.views.set('a', views.absent(`req-${++count}`));
      return Promise.resolve();
    };
    await bench.start();
    await bench.passProbation();
    expect(bench.recorder.events).toEqual([
      'Normal DeletingNode a: Deleting node a because it does not exist in the cloud: ' +
        `there is no such machine (GetInstance, request req-${count}); ` +
        'first seen 2m0s before: there is no such machine (GetInstance, request req-1)',
    ]);
  });

  it('does not hit a Node that became ready while the cloud was asked', async () => {
    await using bench = openBench();
    bench.cluster.putNode(lifecycleNode('a'));
    bench.instances.views.set('a', views.absent());
    await bench.start();
    await bench.pass(119);
    bench.instances.before = () => {
      if (bench.now >= 120) bench.cluster.putNode(lifecycleNode('a', { ready: 'True' }));
      return Promise.resolve();
    };
    await bench.pass(300);
    expect(bench.deletions).toEqual([]);
  });

  it('begins anew when the Node was ready for a moment, even unseen', async () => {
    await using bench = openBench();
    bench.cluster.putNode(lifecycleNode('a'));
    bench.instances.views.set('a', views.absent());
    await bench.start();
    await bench.pass(118);
    bench.cluster.putNode(lifecycleNode('a', { lastTransitionTime: 'later' }));
    await bench.pass(9);
    expect(bench.deletions).toEqual([]);
    await bench.pass(10);
    expect(bench.deletions).toHaveLength(1);
  });

  it('begins anew for a Node that was made again under the name', async () => {
    await using bench = openBench();
    bench.cluster.putNode(lifecycleNode('a'));
    bench.instances.views.set('a', views.absent());
    await bench.start();
    await bench.pass(118);
    bench.cluster.putNode(lifecycleNode('a', { uid: 'another', creationTimestamp: bench.clock.now().toISOString() }));
    await bench.pass(119);
    expect(bench.deletions).toEqual([]);
    await bench.pass(16);
    expect(bench.deletions.map(({ options }) => options.preconditions?.uid)).toEqual(['another']);
  });

  it('begins anew when the providerID changed', async () => {
    await using bench = openBench();
    bench.cluster.putNode(lifecycleNode('a', { providerID: '', creationTimestamp: '2026-01-01T00:00:00Z' }));
    bench.instances.views.set('a', views.absent());
    await bench.start();
    await bench.pass(118);
    bench.cluster.putNode(lifecycleNode('a', { providerID: 'fake://a' }));
    await bench.pass(9);
    expect(bench.deletions).toEqual([]);
  });

  it('takes no answer for one about a machine that the Node got while the cloud was asked', async () => {
    await using bench = openBench();
    bench.cluster.putNode(lifecycleNode('a', { providerID: '' }));
    bench.instances.views.set('a', views.absent());
    bench.instances.before = () => {
      bench.cluster.putNode(lifecycleNode('a', { providerID: 'fake://a' }));
      return Promise.resolve();
    };
    await bench.start();
    expect(bench.instances.questions).toHaveLength(1);
    expect(bench.controller.status().items).toEqual([]);
  });

  it('waits two minutes also where clocks disagree', async () => {
    await using bench = openBench();
    await bench.start();
    // Made long ago by one clock, in the future by another; both joined now.
    bench.cluster.putNode(lifecycleNode('past', { creationTimestamp: '2025-01-01T00:00:00Z' }));
    bench.cluster.putNode(lifecycleNode('future', { creationTimestamp: '2026-01-01T05:00:00Z' }));
    bench.cluster.putNode(lifecycleNode('garbage', { creationTimestamp: 'no time' }));
    for (const name of ['past', 'future', 'garbage']) bench.instances.views.set(name, views.absent());
    await bench.pass(60);
    bench.clock.jumpWallClock(Duration.hours(3));
    await bench.pass(59);
    expect(bench.deletions).toEqual([]);
    await bench.pass(16);
    expect(bench.deletions.map(({ name }) => name).sort()).toEqual(['future', 'garbage', 'past']);
  });

  it('leaves alone a Node that is being deleted already', async () => {
    await using bench = openBench();
    bench.cluster.putNode(lifecycleNode('a', { deletionTimestamp: '2026-01-01T00:00:00Z' }));
    bench.instances.views.set('a', views.absent());
    await bench.start();
    await bench.passProbation();
    expect(bench.instances.questions).toEqual([]);
  });

  it('is tried again after a conflict, by the new version, without a Warning', async () => {
    await using bench = openBench();
    bench.cluster.putNode(lifecycleNode('a'));
    bench.instances.views.set('a', views.absent());
    bench.beforeDelete = () => {
      bench.beforeDelete = () => {};
      bench.cluster.putNode(lifecycleNode('a', { taints: [otherTaint] }));
    };
    await bench.start();
    await bench.passProbation();
    await bench.pass(10);
    expect(bench.deletions).toHaveLength(2);
    expect(bench.cluster.node('a')).toBeUndefined();
    expect(bench.recorder.reasons('a').filter((reason) => reason.startsWith('Warning'))).toEqual([]);
  });

  it('tells when it fails, and goes on trying', async () => {
    await using bench = openBench();
    bench.cluster.putNode(lifecycleNode('a'));
    bench.cluster.putNode(lifecycleNode('b'));
    for (const name of ['a', 'b']) bench.instances.views.set(name, views.absent());
    bench.beforeDelete = (name) => {
      if (name === 'a') throw new ApiError('nodes "a" is forbidden', { kind: 'forbidden', status: 403 });
    };
    await bench.start();
    await bench.passProbation();
    await bench.pass(30);
    expect(bench.cluster.node('b')).toBeUndefined();
    expect(bench.deletions.filter(({ name }) => name === 'a').length).toBeGreaterThan(2);
    expect(new Set(bench.recorder.reasons('a'))).toEqual(
      new Set(['Normal DeletingNode', 'Warning DeletingNodeFailed']),
    );
    expect(bench.recorder.reasons('a').filter((reason) => reason === 'Normal DeletingNode')).toHaveLength(1);
    expect(bench.recorder.events).toContain(
      'Warning DeletingNodeFailed a: Unable to delete node a, will try again: nodes "a" is forbidden',
    );
  });

  it('is no failure when the lease is lost', async () => {
    await using bench = openBench();
    bench.cluster.putNode(lifecycleNode('a'));
    bench.instances.views.set('a', views.absent());
    bench.beforeDelete = () => {
      throw new FencedError('the lease is lost');
    };
    await bench.start();
    await bench.passProbation();
    expect(bench.deletions.length).toBeGreaterThan(0);
    expect(bench.recorder.reasons('a')).toEqual(['Normal DeletingNode']);
  });

  it.each<[string, (bench: LifecycleBench) => void]>([
    ['throttled', (bench) => bench.instances.views.set('a', views.unknown('Throttled'))],
    ['denied', (bench) => bench.instances.views.set('a', views.unknown('Denied'))],
    ['unreachable', (bench) => bench.instances.views.set('a', views.unknown('Unavailable'))],
    ['not found as a failure', (bench) => bench.instances.views.set('a', views.unknown('NotFound'))],
    ['missing from a partial list', (bench) => bench.instances.views.delete('a')],
    ['foreign', (bench) => bench.instances.views.set('a', { kind: 'foreign' })],
    ['ambiguous', (bench) => bench.instances.views.set('a', { kind: 'ambiguous', ids: ['1', '2'] })],
    ['replaced', (bench) => bench.instances.views.set('a', { kind: 'replaced', providerID: 'fake://2' })],
    ['being terminated', (bench) => bench.instances.views.set('a', views.present('terminating'))],
    [
      'not answered at all',
      (bench) => {
        bench.instances.before = () => Promise.reject(new CloudError('Denied', 'no'));
      },
    ],
  ])('never follows from an answer that is %s, not even after a proof', async (_name, arrange) => {
    await using bench = openBench();
    bench.cluster.putNode(lifecycleNode('a'));
    bench.instances.views.set('a', views.absent());
    await bench.start();
    await bench.pass(100);
    arrange(bench);
    await bench.pass(400);
    expect(bench.deletions).toEqual([]);
    expect(bench.taints('a')).toEqual([]);
    expect(bench.recorder.events).toEqual([]);
  });
});

describe('a restart', () => {
  it('delays the deletion of a Node by no more than its confirmation', async () => {
    await using bench = openBench();
    bench.cluster.putNode(lifecycleNode('a', { creationTimestamp: '2025-12-31T00:00:00Z' }));
    bench.instances.views.set('a', views.absent());
    await bench.start();
    await bench.pass(20);
    expect(bench.cluster.node('a')).toBeUndefined();
  });

  it('lets a Node that the cloud knows by its name alone be old first', async () => {
    await using bench = openBench();
    bench.cluster.putNode(lifecycleNode('a', { providerID: '', creationTimestamp: '2025-12-31T23:45:00Z' }));
    bench.instances.views.set('a', views.absent());
    await bench.start();
    await bench.pass(10 * 60);
    expect(bench.controller.status().items).toMatchObject([{ reason: 'NodeTooYoung' }]);
    await bench.pass(7 * 60);
    expect(bench.cluster.node('a')).toBeUndefined();
  });
});

describe('the breaker', () => {
  async function massAbsence(bench: LifecycleBench): Promise<void> {
    for (let index = 0; index < 100; index++) {
      const isDead = index < 40;
      bench.cluster.putNode(lifecycleNode(`n${index}`, { ready: isDead ? 'Unknown' : 'True' }));
      if (isDead) bench.instances.views.set(`n${index}`, views.absent(`req-${index}`));
    }
    await bench.start();
  }

  it('opens on 40 of 100 nodes, says so, and lets 20 a minute go when it has closed', async () => {
    await using bench = openBench();
    await massAbsence(bench);
    expect(bench.recorder.events).toEqual([
      'Warning NodeDeletionSuspended kube-system: No node is deleted: the machines of 40 of 100 nodes were found absent ' +
        'within 5m0s, more than 30. Deletion goes on when the cloud has said the same for 10m0s. For example ' +
        'n0: there is no such machine (GetInstance, request req-0); n1: there is no such machine (GetInstance, request ' +
        'req-1); n2: there is no such machine (GetInstance, request req-2)',
    ]);
    expect(await bench.metrics.render()).toContain('ccm_node_deletion_breaker_open 1');
    await bench.pass(595);
    expect(bench.deletions).toEqual([]);
    expect(bench.controller.status().facts).toMatchObject({
      deletionBreaker: 'open since 2026-01-01T00:00:00.000Z: 40 of 100 nodes were absent',
      machinesAbsent: 40,
    });
    expect(bench.controller.status().items[0]).toMatchObject({ state: 'blocked', reason: 'DeletionSuspended' });
    await bench.pass(60);
    expect(bench.deletions).toHaveLength(20);
    expect(bench.recorder.reasons('kube-system')).toEqual([
      'Warning NodeDeletionSuspended',
      'Normal NodeDeletionResumed',
    ]);
    expect(await bench.metrics.render()).toContain('ccm_node_deletion_breaker_open 0');
    await bench.pass(60);
    expect(bench.deletions).toHaveLength(40);
    expect(await bench.metrics.render()).toContain('ccm_node_deletions_total{outcome="deleted"} 40');
  });

  it('does not count Nodes of other clouds for the whole', async () => {
    await using bench = openBench();
    for (let index = 0; index < 200; index++) {
      bench.cluster.putNode(lifecycleNode(`edge${index}`, { ready: 'True', providerID: `metal://${index}` }));
    }
    await massAbsence(bench);
    expect(bench.controller.status().facts['deletionBreaker']).toContain('40 of 100 nodes');
  });

  it('closes although nothing is left to ask about', async () => {
    await using bench = openBench();
    await massAbsence(bench);
    for (let index = 0; index < 40; index++) bench.cluster.putNode(lifecycleNode(`n${index}`, { ready: 'True' }));
    await bench.pass(700);
    expect(bench.controller.status().facts['deletionBreaker']).toBe('closed');
    expect(bench.deletions).toEqual([]);
  });
});

describe('--node-deletion-policy', () => {
  it('taint: taints instead, once, and takes the taint back when the machine is there', async () => {
    await using bench = openBench({ deletionPolicy: 'taint' });
    bench.cluster.putNode(lifecycleNode('a', { taints: [otherTaint] }));
    bench.instances.views.set('a', views.absent());
    await bench.start();
    await bench.pass(300);
    expect(bench.deletions).toEqual([]);
    expect(bench.taints('a')).toEqual(['dedicated:NoExecute', 'ccm-ts/machine-absent:NoSchedule']);
    expect(bench.cluster.patches).toHaveLength(1);
    expect(bench.recorder.reasons('a')).toEqual(['Normal TaintingNode']);
    bench.instances.views.set('a', views.present());
    await bench.pass(10);
    expect(bench.taints('a')).toEqual(['dedicated:NoExecute']);
  });

  it('observe: only says so, once', async () => {
    await using bench = openBench({ deletionPolicy: 'observe' });
    bench.cluster.putNode(lifecycleNode('a'));
    bench.instances.views.set('a', views.absent());
    await bench.start();
    await bench.pass(600);
    expect(bench.deletions).toEqual([]);
    expect(bench.cluster.patches).toEqual([]);
    expect(bench.recorder.reasons('a')).toEqual(['Normal NodeDeletionWithheld']);
  });
});

describe('taints', () => {
  it('of a node that is ready again are removed without asking the cloud; others stay as they are', async () => {
    await using bench = openBench();
    bench.cluster.putNode(
      lifecycleNode('a', { ready: 'True', taints: [otherTaint, machineShutdownTaint, machineAbsentTaint] }),
    );
    await bench.start();
    expect(bench.cluster.node('a')?.spec.taints).toEqual([otherTaint]);
    expect(bench.instances.questions).toEqual([]);
    await bench.pass(20);
    expect(bench.cluster.patches).toHaveLength(1);
  });

  it('are removed as soon as the node is ready, and not before, though its machine runs', async () => {
    await using bench = openBench();
    bench.cluster.putNode(lifecycleNode('a'));
    bench.instances.views.set('a', views.present('stopped'));
    await bench.start();
    bench.instances.views.set('a', views.present());
    await bench.pass(30);
    expect(bench.taints('a')).toEqual([shutdown]);
    bench.cluster.putNode(lifecycleNode('a', { ready: 'True', taints: bench.cluster.node('a')?.spec.taints ?? [] }));
    await bench.pass(1);
    expect(bench.taints('a')).toEqual([]);
  });

  it('are written once', async () => {
    await using bench = openBench();
    bench.cluster.putNode(lifecycleNode('a', { taints: [machineShutdownTaint] }));
    bench.instances.views.set('a', views.present('stopped'));
    await bench.start();
    await bench.pass(60);
    expect(bench.cluster.patches).toEqual([]);
  });

  it('that others write meanwhile are kept', async () => {
    await using bench = openBench();
    bench.cluster.putNode(lifecycleNode('a'));
    bench.instances.views.set('a', views.present('stopped'));
    const release = bench.cluster.holdInformers();
    bench.cluster.putNode(lifecycleNode('a', { taints: [otherTaint] }));
    await bench.start();
    expect(bench.cluster.patches.map(({ outcome }) => outcome)).toEqual(['conflict', 'done']);
    expect(bench.taints('a')).toEqual(['dedicated:NoExecute', shutdown]);
    release();
  });

  it('are not put onto a node that turned out to be ready', async () => {
    await using bench = openBench();
    bench.cluster.putNode(lifecycleNode('a'));
    bench.instances.views.set('a', views.present('stopped'));
    const release = bench.cluster.holdInformers();
    bench.cluster.putNode(lifecycleNode('a', { ready: 'True' }));
    await bench.start();
    expect(bench.cluster.patches.map(({ outcome }) => outcome)).toEqual(['conflict']);
    expect(bench.taints('a')).toEqual([]);
    release();
  });

  it('that can not be written are tried again', async () => {
    await using bench = openBench();
    bench.cluster.putNode(lifecycleNode('a'));
    bench.instances.views.set('a', views.present('stopped'));
    bench.cluster.beforePatch = () => {
      throw new ApiError('no', { kind: 'unavailable', status: 503 });
    };
    await bench.start();
    bench.cluster.beforePatch = () => {};
    await bench.pass(6);
    expect(bench.taints('a')).toEqual([shutdown]);
  });
});

describe('status', () => {
  it('shows why a Node is still there', async () => {
    await using bench = openBench();
    bench.cluster.putNode(lifecycleNode('a'));
    bench.instances.views.set('a', views.absent());
    await bench.start();
    expect(bench.controller.status()).toMatchObject({
      queues: [{ name: 'NodeLifecycle', depth: 0 }],
      items: [{ kind: 'Node', key: 'a', state: 'waiting', reason: 'DeletionUnconfirmed' }],
      facts: { nodes: 1, watched: 1, deletionPolicy: 'delete', deleted: 0, deletionBreaker: 'closed' },
    });
    await bench.pass(30);
    expect(bench.controller.status().items).toMatchObject([{ reason: 'NodeTooYoung' }]);
    expect(bench.controller.health()).toEqual({ kind: 'healthy' });
  });
});
