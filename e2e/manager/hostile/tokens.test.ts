import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from '../../harness/node-test.ts';
import { readAccess } from '../../kube-apiserver/kubeconfig.ts';
import { kubeconfigVariable } from '../../kubectl/kubectl.ts';
import { Administrator, eventually } from '../running-manager.ts';
import { readProgram } from './variables.ts';
import { Victim } from './victim.ts';

const group = 'rbac.authorization.k8s.io';

describe('a manager whose token is bad', () => {
  const admin = new Administrator();
  after(() => admin[Symbol.dispose]());

  function kubeconfig(tokenFile: string): string {
    const access = readAccess(readFileSync(process.env[kubeconfigVariable] ?? '', 'utf8'));
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: 'c',
          cluster: {
            server: access.url,
            'certificate-authority-data': Buffer.from(access.certificateAuthority ?? '').toString('base64'),
          },
        },
      ],
      users: [{ name: 'u', user: { tokenFile } }],
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'c',
    };
    return admin.file('token-kubeconfig', JSON.stringify(config));
  }

  async function tokenOf(name: string): Promise<string> {
    const token = await admin.account(name);
    await admin.apply({
      apiVersion: `${group}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup: group, kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'ServiceAccount', name, namespace: 'kube-system' }],
    });
    return token;
  }

  it('stays up and says so, works when the file has a good one, and goes on when that is replaced', async () => {
    const name = 'rotated';
    const path = join(admin.folder, 'token');
    admin.file('token', 'expired-token-of-nobody');
    await using victim = await Victim.start({ program: readProgram(process.env), kubeconfig: kubeconfig(path) });
    await victim.says('401 Unauthorized');
    assert.equal((await victim.ask('/readyz')).status, 500);
    const first = await tokenOf(name);
    admin.file('token', `${first}\n`);
    await victim.isReady();
    await victim.initialisesNode(admin, 'by-the-first-token');
    // The account and with it the token end; the new account's token takes its place.
    await admin.kubectl.run(['delete', 'serviceaccount', name, '-n', 'kube-system']);
    const second = await tokenOf(name);
    admin.file('token', second);
    await eventually('the new token to be used', async () => (await victim.ask('/readyz')).status === 200);
    await victim.initialisesNode(admin, 'by-the-second-token');
    for (const token of [first, second, 'expired-token-of-nobody']) assert.ok(!victim.log.includes(token));
  });
});
