import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, describe, it } from '../../harness/node-test.ts';
import { readAccess } from '../../kube-apiserver/kubeconfig.ts';
import { kubeconfigVariable } from '../../kubectl/kubectl.ts';
import { Administrator, certificate, eventually } from '../running-manager.ts';
import { runToEnd } from '../side-by-side/run-to-end.ts';
import { readProgram } from './variables.ts';
import { Victim } from './victim.ts';

const group = 'rbac.authorization.k8s.io';

/** Everything that answers over HTTP. */
const endpoints = [
  '/healthz?verbose',
  '/livez?verbose',
  '/readyz?verbose',
  '/metrics',
  '/metrics/slis',
  '/configz',
  '/flagz',
  '/statusz',
  '/debug/pprof/',
  '/nothing',
];

describe('secrets in every input', () => {
  const admin = new Administrator();
  const kubeconfig = process.env[kubeconfigVariable] ?? '';
  const program = readProgram(process.env);
  const planted = new Map<string, string>();
  after(() => admin[Symbol.dispose]());

  function plant(where: string): string {
    const secret = `planted${randomBytes(12).toString('hex')}`;
    planted.set(where, secret);
    return secret;
  }

  function search(outputs: Readonly<Record<string, string>>): void {
    const found: string[] = [];
    for (const [where, secret] of planted) {
      const forms = [secret, Buffer.from(secret).toString('base64').replaceAll('=', ''), encodeURIComponent(secret)];
      for (const [output, text] of Object.entries(outputs)) {
        if (forms.some((form) => text.includes(form))) found.push(`the secret of ${where} is in ${output}`);
      }
    }
    assert.deepEqual(found, []);
  }

  for (const format of ['text', 'json']) {
    it(`are in no output of a running manager that logs ${format}`, async () => {
      const name = `secretive-${format}`;
      const token = await admin.account(name);
      planted.set('the kubeconfig', token);
      await admin.apply({
        apiVersion: `${group}/v1`,
        kind: 'ClusterRoleBinding',
        metadata: { name },
        roleRef: { apiGroup: group, kind: 'ClusterRole', name: 'cluster-admin' },
        subjects: [{ kind: 'ServiceAccount', name, namespace: 'kube-system' }],
      });
      const people = certificate('people of the test');
      const names = ['AWS_SECRET_ACCESS_KEY', 'OS_PASSWORD', 'AZURE_CLIENT_SECRET', 'API_TOKEN'];
      await using victim = await Victim.start({
        program,
        kubeconfig: admin.kubeconfig(name, token),
        flags: ['--v=9', `--logging-format=${format}`, `--client-ca-file=${admin.file('ca.crt', people.certificate)}`],
        environment: Object.fromEntries(names.map((each) => [each, plant(`the variable ${each}`)])),
      });
      await victim.isReady();
      await victim.initialisesNode(admin, name);
      const service = {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name, namespace: 'default' },
        spec: { type: 'LoadBalancer', ports: [{ port: 80 }] },
      };
      await admin.apply(service);
      await eventually('the load balancer', async () => {
        const status = await admin.kubectl.run(['get', 'service', name, '-o', 'jsonpath={.status.loadBalancer}']);
        return status.includes('ingress');
      });
      const outputs: Record<string, string> = {};
      const client = certificate(plant('a certificate'), { issuer: people });
      for (const path of endpoints) {
        for (const [who, headers] of Object.entries({
          'the administrator': { authorization: `Bearer ${token}` },
          'a wrong token': { authorization: `Bearer ${plant('a wrong token')}` },
          'a password': { authorization: `Basic ${plant('a password')}` },
          'a cookie': { cookie: `session=${plant('a cookie')}`, 'x-remote-extra-secret': plant('a header') },
        })) {
          const query = `${path.includes('?') ? '&' : '?'}token=${plant('a query')}`;
          const { status, body } = await victim.ask(`${path}${query}`, { headers });
          assert.ok(status < 500, `${path} by ${who}: ${status}`);
          outputs[`${path} by ${who}`] = body;
        }
      }
      // A name that somebody goes by is no secret, and refusals say it; the key is one.
      planted.delete('a certificate');
      planted.set('the key of a certificate', client.key.split('\n').slice(1, 3).join(''));
      outputs['/metrics by a certificate'] = (await victim.ask('/metrics', { certificate: client })).body;
      outputs['Events'] = await admin.kubectl.run(['get', 'events', '-A', '-o', 'json']);
      outputs['Services'] = await admin.kubectl.run(['get', 'services', '-A', '-o', 'json']);
      outputs['Nodes'] = await admin.kubectl.run(['get', 'nodes', '-o', 'json']);
      outputs['Leases'] = await admin.kubectl.run(['get', 'leases', '-A', '-o', 'json']);
      assert.equal(await victim.stop(), 0);
      outputs['the log'] = victim.log;
      assert.ok(victim.log.length > 1000 && Object.values(outputs).join('').length > 10_000);
      search(outputs);
    });
  }

  it('are in no message about what can not be used', async () => {
    const access = readAccess(readFileSync(kubeconfig, 'utf8'));
    const cloud = admin.file('cloud.conf', JSON.stringify({ endpoint: 'http://127.0.0.1:9' }));
    const host = access.url.replace('https://', '');
    const cases: readonly (readonly [string, readonly string[]])[] = [
      ['an address with a password', [`--master=https://jane:${plant('--master')}@${host}`]],
      ['an address of nothing', [`--master=https://jane:${plant('--master of nothing')}@127.0.0.1:9`]],
      ['a cloud-config', [`--cloud-config=${admin.file('a', `password=${plant('a cloud-config')}`)}`]],
      [
        'a cloud-config of other fields',
        [`--cloud-config=${admin.file('b', JSON.stringify({ password: plant('a field of a cloud-config') }))}`],
      ],
      ['a kubeconfig', [`--kubeconfig=${admin.file('c', `token: ${plant('a broken kubeconfig')}: {`)}`]],
      ['a --config', [`--config=${admin.file('d', `token: ${plant('a --config')}\n`)}`]],
      [
        'a key as a certificate',
        [`--tls-cert-file=${admin.file('e', pem(plant('a key')))}`, '--tls-private-key-file=x'],
      ],
      ['a key as an authority', [`--client-ca-file=${admin.file('f', pem(plant('an authority')))}`]],
    ];
    for (const [what, flags] of cases) {
      const base = ['--secure-port=0', '--leader-elect=false', `--kubeconfig=${kubeconfig}`, `--cloud-config=${cloud}`];
      const served = flags.some((flag) => flag.startsWith('--tls') || flag.startsWith('--client-ca'));
      const args = [program, ...base, ...(served ? ['--secure-port=40259', '--bind-address=127.0.0.1'] : []), ...flags];
      const end = await runToEnd(process.execPath, args, { seconds: what.startsWith('an address') ? 5 : 30 });
      assert.notEqual(end.code, 0, what);
      search({ [`the messages about ${what}`]: `${end.stdout}${end.stderr}` });
    }
  });
});

function pem(secret: string): string {
  return `-----BEGIN PRIVATE KEY-----\n${Buffer.from(secret).toString('base64')}\n-----END PRIVATE KEY-----\n`;
}
