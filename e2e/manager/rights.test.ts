import assert from 'node:assert/strict';
import { builtInControllers, type RbacObject, rbacObjects, type RbacOptions } from '@ccm-ts/cloud-provider';
import { memorySubject } from '@ccm-ts/cloud-provider/conformance';
import { after, describe, it } from '../harness/node-test.ts';
import { ClusterLife } from './cluster-life.ts';
import { Administrator, RunningManager } from './running-manager.ts';
import { granted, requestsOf } from './used-rights.ts';

/** These servers stream lists: what informers alone list is not listed. */
const lists = {
  nodes: '/nodes list',
  services: '/services list',
  endpointSlices: 'discovery.k8s.io/endpointslices list',
};
/** The Events of Services alone repeat here. */
const patchEvents = 'events.k8s.io/events patch';

/** Everything runs, and soon. */
const flags = [
  '--controllers=*,nodeipam',
  '--allocate-node-cidrs',
  '--cluster-cidr=10.200.0.0/16',
  '--manage-nodes=!somebody-elses',
  '--node-status-update-frequency=2s',
  '--node-monitor-period=1s',
  '--node-deletion-minimum-age=0s',
  '--node-deletion-confirm-after=1s',
  '--orphan-sweep-period=1m',
  '--orphan-minimum-age=0s',
  '--orphan-confirm-after=1s',
];

function optionsFor(name: string): RbacOptions {
  return {
    name,
    subject: { kind: 'ServiceAccount', name, namespace: 'kube-system' },
    controllers: builtInControllers,
    lease: { namespace: 'kube-system', name },
  };
}

/** Nothing that an account asked for was refused, and nothing that it may do was never done. */
function judge(account: string, objects: readonly RbacObject[], exceptions: readonly string[] = []): void {
  const { refused, used } = requestsOf(account);
  assert.deepEqual(refused, [], `requests of ${account} that were refused`);
  const unused = granted(objects).filter((right) => !used.has(right));
  assert.deepEqual(unused, exceptions, `rights of ${account} that were never used`);
}

/** The manager asked its cloud for nothing that its provider does not declare. */
function judgeCalls({ cloud }: RunningManager): void {
  const sent = Object.keys(cloud.log.counts());
  assert.ok(sent.length > 10, `only ${sent.join(', ')} were sent`);
  const undeclared = sent.filter((operation) => !Object.hasOwn(memorySubject.permissions, operation));
  assert.deepEqual(undeclared, [], 'operations of the cloud that are sent and not declared');
}

describe('rights of the manager', () => {
  const admin = new Administrator();
  after(() => admin[Symbol.dispose]());

  /** Runs a manager as the account, with what else it is given, through all that can happen in a cluster. */
  async function live(account: string, more: readonly string[], policy: 'report' | 'delete'): Promise<void> {
    const token = await admin.account(account);
    const manager = await RunningManager.start(
      admin.kubeconfig(account, token),
      [...flags, `--leader-elect-resource-name=${account}`, `--orphan-policy=${policy}`, ...more],
      { backends: 'endpoints' },
    );
    try {
      const life = new ClusterLife(admin, manager, account);
      await life.serviceComesAndGoes();
      const orphan = await life.leaveOrphans();
      const { name, machine } = await life.nodeJoins();
      await life.routeIsInTheWay();
      await life.labelIsLeftOver(name);
      await life.strangerLooks();
      await life.machineGoes(name, machine);
      await life.orphansAreFound(orphan, policy);
      judgeCalls(manager);
    } catch (error) {
      const log = manager.log.split('\n').slice(-30).join('\n');
      throw new Error(`${String(error)}\nthe end of the log of the manager:\n${log}`, { cause: error });
    } finally {
      assert.equal(await manager.stop(), 0);
    }
  }

  it('suffice for all controllers, and none of them is idle', async () => {
    const options = optionsFor('rights');
    const objects = rbacObjects(options);
    await admin.apply(...objects);
    await live(options.name, [], 'delete');
    judge(options.name, objects, [lists.endpointSlices]);
  });

  it('suffice while a cluster migrates, when two locks are held', async () => {
    const migration = {
      leaderName: 'migrating-rights',
      resourceLock: 'leases',
      controllerLeaders: [
        { name: 'service-lb-controller', component: '*' },
        { name: 'node-route-controller', component: 'cloud-controller-manager' },
      ],
    } as const;
    const file = { apiVersion: 'controllermanager.config.k8s.io/v1beta1', kind: 'LeaderMigrationConfiguration' };
    const path = admin.file('migration.json', JSON.stringify({ ...file, ...migration }));
    const options = { ...optionsFor('migration'), migration };
    const objects = rbacObjects(options);
    await admin.apply(...objects);
    await live(options.name, ['--enable-leader-migration', `--leader-migration-config=${path}`], 'delete');
    judge(options.name, objects, [lists.endpointSlices]);
  });

  it('are to one node for its agent', async () => {
    const [node] = builtInControllers;
    assert.ok(node);
    const [name, mine, other] = ['agent', 'agent-of-this', 'agent-of-another'];
    const options = { ...optionsFor(name), controllers: [node], lease: undefined, nodeName: mine };
    const objects = rbacObjects(options);
    const token = await admin.account(name);
    await admin.apply(...objects);
    const agent = await RunningManager.start(admin.kubeconfig(name, token), [
      `--node-name=${mine}`,
      '--node-status-update-frequency=2s',
    ]);
    try {
      const life = new ClusterLife(admin, agent, name);
      for (const each of [other, mine]) await life.launch(each);
      await life.nodeIsInitialized(mine);
      await life.labelIsLeftOver(mine);
      await life.strangerLooks();
      await life.nodeWaits(other);
    } finally {
      assert.equal(await agent.stop(), 0);
    }
    judge(name, objects, [patchEvents]);
    await admin.kubectl.run(['delete', 'node', mine, other]);
  });

  it('can be parted among service accounts of the controllers', async () => {
    const options = { ...optionsFor('parted'), usesServiceAccounts: 'yes' } as const;
    const manager = rbacObjects({ ...options, share: 'shared' });
    const accounts = Map.groupBy(builtInControllers, ({ serviceAccount }) => serviceAccount);
    const own = new Map(
      [...accounts].map(([name, controllers]) => [
        name,
        rbacObjects({ ...optionsFor(name), controllers, lease: undefined, serves: 'no', share: 'own' }),
      ]),
    );
    await admin.apply(...manager, ...[...own.values()].flat());
    await live(options.name, ['--use-service-account-credentials'], 'report');
    judge(options.name, manager, [lists.nodes, lists.services, lists.endpointSlices, patchEvents]);
    for (const [account, objects] of own) {
      judge(account, objects, account === 'service-controller' ? [] : [patchEvents]);
    }
  });
});
