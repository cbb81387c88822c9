import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { builtInControllers, rarelyUsed, type RbacObject, rbacObjects, type RbacOptions } from '@ccm-ts/cloud-provider';
import { after, describe, it } from '../harness/node-test.ts';
import { Administrator, eventually, RunningManager } from './running-manager.ts';
import { auditLogVariable } from './variables.ts';

/** What the test reads of an audit event. */
interface AuditEvent {
  readonly user: { readonly username: string };
  readonly verb: string;
  readonly objectRef?: { readonly apiGroup?: string; readonly resource?: string; readonly subresource?: string };
  readonly responseStatus?: { readonly code?: number };
  readonly requestURI: string;
}

const uninitialized = { key: 'node.cloudprovider.kubernetes.io/uninitialized', value: 'true', effect: 'NoSchedule' };

function requestsOf(username: string): readonly AuditEvent[] {
  const lines = readFileSync(process.env[auditLogVariable] ?? '', 'utf8').split('\n');
  return lines
    .filter((line) => line.includes(username))
    .map((line) => JSON.parse(line) as AuditEvent)
    .filter(({ user }) => user.username === username);
}

function rightOf({ objectRef, verb }: AuditEvent): string {
  const { apiGroup = '', resource = '', subresource } = objectRef ?? {};
  return `${apiGroup}/${resource}${subresource === undefined ? '' : `/${subresource}`} ${verb}`;
}

function granted(objects: readonly RbacObject[]): readonly string[] {
  return objects
    .filter(({ kind }) => kind === 'ClusterRole' || kind === 'Role')
    .flatMap((object) => object['rules'] as { apiGroups: string[]; resources: string[]; verbs: string[] }[])
    .flatMap(({ apiGroups, resources, verbs }) =>
      verbs.map((verb) => `${apiGroups[0] ?? ''}/${resources[0] ?? ''} ${verb}`),
    );
}

describe('rights of the manager', () => {
  const admin = new Administrator();
  after(() => admin[Symbol.dispose]());

  async function initialized(name: string): Promise<boolean> {
    const node = JSON.parse(await admin.kubectl.run(['get', 'node', name, '-o', 'json'])) as {
      spec: { taints?: { key: string }[] };
    };
    return !(node.spec.taints ?? []).some(({ key }) => key === uninitialized.key);
  }

  /** Nodes and a Service come and go; somebody looks at the metrics. */
  async function live(manager: RunningManager, prefix: string): Promise<void> {
    const [node, service] = [`${prefix}-node`, `${prefix}-web`];
    manager.cloud.operator.launch({ name: node, zone: 'memory-1a' });
    await admin.apply({ apiVersion: 'v1', kind: 'Node', metadata: { name: node }, spec: { taints: [uninitialized] } });
    await eventually('the node to be initialised', () => initialized(node));
    await admin.apply({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: service, namespace: 'default' },
      spec: { type: 'LoadBalancer', selector: { app: service }, ports: [{ port: 80 }] },
    });
    const address = ['get', 'service', service, '-o', 'jsonpath={.status.loadBalancer.ingress}'];
    await eventually('the Service to have an address', async () => (await admin.kubectl.run(address)) !== '');
    await admin.kubectl.run(['delete', 'service', service, '--wait=true', '--timeout=25s']);
    await eventually('the load balancer to be gone', () => manager.cloud.snapshot().loadBalancers.length === 0);
    const viewer = await admin.account(`${prefix}-viewer`);
    assert.equal((await manager.ask('/metrics', { token: viewer })).status, 403);
    await admin.kubectl.run(['delete', 'node', node]);
  }

  function optionsFor(name: string, usesServiceAccounts: 'yes' | 'no'): RbacOptions {
    return {
      name,
      subject: { kind: 'ServiceAccount', name, namespace: 'kube-system' },
      controllers: builtInControllers.filter(({ name: each }) =>
        ['cloud-node-controller', 'service-lb-controller'].includes(each),
      ),
      lease: { namespace: 'kube-system', name },
      usesServiceAccounts,
    };
  }

  function judge(names: readonly string[], objects: readonly RbacObject[], rare: ReadonlyMap<string, string>): void {
    const requests = names.flatMap((name) => requestsOf(`system:serviceaccount:kube-system:${name}`));
    const refused = requests.filter(({ responseStatus }) => responseStatus?.code === 403);
    assert.deepEqual(refused.map(rightOf), [], 'requests that were refused');
    const used = new Set(requests.map(rightOf));
    const unused = granted(objects).filter((right) => !used.has(right) && !rare.has(right));
    assert.deepEqual(unused, [], 'rights that were never used');
  }

  it('suffice for nodes and Services, and none of them is idle', async () => {
    const options = optionsFor('manager-rights', 'no');
    const token = await admin.account(options.name);
    const objects = rbacObjects(options);
    await admin.apply(...objects);
    const manager = await RunningManager.start(admin.kubeconfig('rights', token), [
      `--leader-elect-resource-name=${options.name}`,
      '--controllers=cloud-node,service',
    ]);
    try {
      await live(manager, 'rights');
    } finally {
      assert.equal(await manager.stop(), 0);
    }
    judge([options.name], objects, rarelyUsed(options));
  });

  it('can be parted among service accounts of the controllers', async () => {
    const options = optionsFor('manager-accounts', 'yes');
    const token = await admin.account(options.name);
    const [node, service] = options.controllers;
    assert.ok(node && service);
    const objects = rbacObjects({ ...options, controllers: [] });
    // The informers are shared by all controllers, and read as the manager itself.
    const shared = {
      name: 'informers',
      rbac: [{ apiGroup: '', resources: ['nodes', 'services'], verbs: ['list', 'watch'] }],
    };
    const parts = [
      rbacObjects({ ...options, controllers: [shared] }),
      ...[
        { account: 'node-controller', part: node },
        { account: 'service-controller', part: service },
      ].map(({ account, part }) =>
        rbacObjects({
          ...options,
          name: account,
          subject: { kind: 'ServiceAccount', name: account, namespace: 'kube-system' },
          controllers: [part],
          lease: undefined,
          serves: 'no',
          usesServiceAccounts: 'no',
        }),
      ),
    ];
    await admin.apply(...parts.flat());
    const manager = await RunningManager.start(admin.kubeconfig('accounts', token), [
      `--leader-elect-resource-name=${options.name}`,
      '--controllers=cloud-node,service',
      '--use-service-account-credentials',
    ]);
    try {
      await live(manager, 'accounts');
    } finally {
      assert.equal(await manager.stop(), 0);
    }
    judge(
      [options.name, 'node-controller', 'service-controller'],
      objects,
      rarelyUsed({ ...options, controllers: [] }),
    );
    const nodeWrites = requestsOf('system:serviceaccount:kube-system:node-controller').map(rightOf);
    assert.ok(nodeWrites.includes('/nodes patch') && nodeWrites.includes('/nodes/status patch'));
  });
});
