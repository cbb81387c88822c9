import { describe, expect, it } from '@jest/globals';
import { defaultLeaderMigration } from '../config/leader-migration.ts';
import { builtInControllers } from './controller-registry.ts';
import { rarelyUsed, type RbacObject, rbacObjects, type RbacOptions } from './rbac.ts';

const options: RbacOptions = {
  name: 'ccm',
  subject: { kind: 'ServiceAccount', name: 'ccm', namespace: 'kube-system' },
  controllers: builtInControllers.filter(({ name }) => name === 'service-lb-controller'),
  lease: { namespace: 'kube-system', name: 'cloud-controller-manager' },
};

/** `group/resource verb` of each right of some kind of role. */
function rights(objects: readonly RbacObject[], kind: RbacObject['kind']): readonly string[] {
  return objects
    .filter((object) => object.kind === kind)
    .flatMap((object) => object['rules'] as { apiGroups: string[]; resources: string[]; verbs: string[] }[])
    .flatMap(({ apiGroups, resources, verbs }) => verbs.map((verb) => `${apiGroups[0]}/${resources[0]} ${verb}`));
}

describe('rbacObjects', () => {
  it('grants what the enabled controllers need and nothing more', () => {
    expect(rights(rbacObjects(options), 'ClusterRole')).toEqual([
      '/namespaces get',
      '/nodes list',
      '/nodes watch',
      '/services list',
      '/services watch',
      '/services/status patch',
      'authentication.k8s.io/tokenreviews create',
      'authorization.k8s.io/subjectaccessreviews create',
      'discovery.k8s.io/endpointslices list',
      'discovery.k8s.io/endpointslices watch',
      'events.k8s.io/events create',
      'events.k8s.io/events patch',
    ]);
    expect(rights(rbacObjects(options), 'Role')).toEqual([
      '/configmaps get',
      'coordination.k8s.io/leases create',
      'coordination.k8s.io/leases get',
      'coordination.k8s.io/leases patch',
    ]);
  });

  it('leaves out what flags switch off', () => {
    const objects = rbacObjects({ ...options, lease: undefined, serves: 'no', controllers: [] });
    expect(objects.map(({ kind }) => kind)).toEqual(['ClusterRole', 'ClusterRoleBinding']);
    expect(rights(objects, 'ClusterRole')).toEqual(['/namespaces get']);
  });

  it('binds a lease in another namespace there', () => {
    const objects = rbacObjects({ ...options, lease: { namespace: 'clouds', name: 'blue' } });
    const roles = objects.filter(({ kind }) => kind === 'Role');
    expect(roles.map(({ metadata }) => metadata.namespace)).toEqual(['clouds', 'kube-system']);
  });

  it('adds the second lease and leaves out controllers that another manager runs', () => {
    const migration = {
      ...defaultLeaderMigration,
      controllerLeaders: [{ name: 'service-lb-controller', component: 'kube-controller-manager' }],
    };
    const objects = rbacObjects({ ...options, migration });
    expect(rights(objects, 'ClusterRole')).not.toContain('/services watch');
    expect(JSON.stringify(objects)).toContain(defaultLeaderMigration.leaderName);
  });

  it('parts what controllers do themselves from what is read for all of them', () => {
    const orphans = builtInControllers.filter(({ name }) => name === 'orphan-controller');
    const part = { ...options, controllers: orphans, lease: undefined, serves: 'no' } as const;
    expect(rights(rbacObjects({ ...part, share: 'shared' }), 'ClusterRole')).toEqual([
      '/namespaces get',
      '/nodes list',
      '/nodes watch',
      '/services list',
      '/services watch',
    ]);
    expect(rights(rbacObjects({ ...part, share: 'own' }), 'ClusterRole')).toEqual([
      '/nodes list',
      '/services list',
      'events.k8s.io/events create',
      'events.k8s.io/events patch',
    ]);
  });

  it('grants an agent its own node', () => {
    const [node] = builtInControllers;
    if (!node) throw new Error('there are controllers');
    const agent = { ...options, controllers: [node], lease: undefined, nodeName: 'n1' };
    const [role] = rbacObjects(agent);
    expect(role?.['rules']).toContainEqual({
      apiGroups: [''],
      resources: ['nodes'],
      verbs: ['get', 'list', 'patch', 'watch'],
      resourceNames: ['n1'],
    });
  });

  it('knows for every controller what it needs', () => {
    for (const { rbac } of builtInControllers) expect(rbac.length).toBeGreaterThan(0);
  });
});

describe('rarelyUsed', () => {
  it('names what only trouble calls for', () => {
    expect(Object.fromEntries(rarelyUsed(options))).toEqual({
      '/nodes list': 'when the server streams no lists',
      '/services list': 'when the server streams no lists',
      'discovery.k8s.io/endpointslices list': 'when the server streams no lists',
      'discovery.k8s.io/endpointslices watch': 'when a kind of load balancer goes by the readiness of pods',
      'events.k8s.io/events patch': 'when an Event repeats',
    });
  });

  it('names every case of a right', () => {
    const route = builtInControllers.filter(({ name }) => name === 'node-route-controller');
    expect(rarelyUsed({ ...options, controllers: route }).get('/nodes list')).toBe(
      'when the server streams no lists; when a route is to be deleted in a cluster with several managers',
    );
  });
});
