import assert from 'node:assert/strict';
import { after, describe, it } from '../harness/node-test.ts';
import { Administrator, type Asker, certificate, RunningManager } from './running-manager.ts';

const group = 'rbac.authorization.k8s.io';

describe('access to the manager', () => {
  const admin = new Administrator();
  const people = certificate('people of the test');
  const proxies = certificate('proxies of the test');
  let started: Promise<{ manager: RunningManager; viewer: string; stranger: string }> | undefined;
  after(async () => {
    await (await started)?.manager.stop();
    admin[Symbol.dispose]();
  });

  async function start(): Promise<{ manager: RunningManager; viewer: string; stranger: string }> {
    const viewer = await admin.account('viewer');
    const stranger = await admin.account('stranger');
    const metadata = { name: 'manager-metrics' };
    await admin.apply(
      {
        apiVersion: `${group}/v1`,
        kind: 'ClusterRole',
        metadata,
        rules: [{ nonResourceURLs: ['/metrics', '/configz'], verbs: ['get'] }],
      },
      {
        apiVersion: `${group}/v1`,
        kind: 'ClusterRoleBinding',
        metadata,
        roleRef: { apiGroup: group, kind: 'ClusterRole', name: metadata.name },
        subjects: [
          { kind: 'ServiceAccount', name: 'viewer', namespace: 'kube-system' },
          { apiGroup: group, kind: 'User', name: 'jane' },
          { apiGroup: group, kind: 'Group', name: 'watchers' },
        ],
      },
    );
    const token = await admin.account('everything');
    await admin.apply({
      apiVersion: `${group}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: 'manager-everything' },
      roleRef: { apiGroup: group, kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'ServiceAccount', name: 'everything', namespace: 'kube-system' }],
    });
    const manager = await RunningManager.start(admin.kubeconfig('everything', token), [
      '--leader-elect-resource-name=access',
      '--controllers=-cloud-node,-cloud-node-lifecycle,-service,-route',
      `--client-ca-file=${admin.file('people.crt', people.certificate)}`,
      `--requestheader-client-ca-file=${admin.file('proxies.crt', proxies.certificate)}`,
      '--requestheader-allowed-names=front-proxy',
    ]);
    return { manager, viewer, stranger };
  }

  async function statusFor(
    asker: (tokens: { viewer: string; stranger: string }) => Asker,
    path = '/metrics',
  ): Promise<number> {
    started ??= start();
    const { manager, ...tokens } = await started;
    return (await manager.ask(path, asker(tokens))).status;
  }

  const user = (commonName: string, ...organizations: string[]): Asker => ({
    certificate: certificate(commonName, { organizations, issuer: people }),
  });
  const proxied = (name: string, proxy: string, ...groups: string[]): Asker => ({
    certificate: certificate(proxy, { issuer: proxies }),
    headers: { 'x-remote-user': name, ...(groups.length > 0 && { 'x-remote-group': groups.join(',') }) },
  });

  const cases: readonly (readonly [string, (tokens: { viewer: string; stranger: string }) => Asker, number])[] = [
    ['nobody in particular', () => ({}), 403],
    ['a token of a user who may', ({ viewer }) => ({ token: viewer }), 200],
    ['a token of a user who may not', ({ stranger }) => ({ token: stranger }), 403],
    ['a token that is none', () => ({ token: 'nonsense' }), 401],
    ['a token with another signature', ({ viewer }) => ({ token: `${viewer.slice(0, -8)}AAAAAAAA` }), 401],
    ['a certificate of a user who may', () => user('jane'), 200],
    ['a certificate of a group that may', () => user('joe', 'watchers'), 200],
    ['a certificate of a user who may not', () => user('joe'), 403],
    ['a certificate of system:masters', () => user('joe', 'system:masters'), 200],
    ['a certificate of its own authority', () => ({ certificate: certificate('jane') }), 401],
    ['a proxy for a user who may', () => proxied('jane', 'front-proxy'), 200],
    ['a proxy for a group that may', () => proxied('joe', 'front-proxy', 'watchers'), 200],
    ['a proxy for a user who may not', () => proxied('joe', 'front-proxy'), 403],
    ['a proxy that is not allowed', () => proxied('jane', 'back-door'), 401],
    ['headers of a proxy without its certificate', () => ({ headers: { 'x-remote-user': 'jane' } }), 403],
    [
      "headers of a proxy with a user's certificate",
      () => ({ ...user('joe'), headers: { 'x-remote-user': 'jane' } }),
      403,
    ],
  ];
  for (const [what, asker, status] of cases) {
    it(`${what} gets ${status}`, async () => assert.equal(await statusFor(asker), status));
  }

  it('needs no rights for health', async () => {
    for (const path of ['/healthz', '/livez', '/readyz?verbose'])
      assert.equal(await statusFor(() => ({}), path), 200, path);
  });

  it('is granted path by path', async () => {
    assert.equal(await statusFor(({ viewer }) => ({ token: viewer }), '/configz'), 200);
    assert.equal(await statusFor(({ viewer }) => ({ token: viewer }), '/debug/pprof/'), 403);
    assert.equal(await statusFor(({ viewer }) => ({ token: viewer }), '/metrics/../configz'), 403);
    assert.equal(await statusFor(({ viewer }) => ({ token: viewer }), '/metrics/../flagz'), 403);
  });
});
