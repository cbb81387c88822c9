import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { type CertificateAndKey, issueCertificate } from '@ccm-ts/cloud-provider/testing';
import { freePorts } from '../../kube-apiserver/free-ports.ts';
import { after, describe, it } from '../../harness/node-test.ts';
import { kubeconfigVariable } from '../../kubectl/kubectl.ts';
import { Administrator, eventually } from '../running-manager.ts';
import { runToEnd } from '../side-by-side/run-to-end.ts';
import { readProgram } from './variables.ts';
import { Victim } from './victim.ts';

const day = 86_400_000;

function serving(name: string, from = -day, to = day): CertificateAndKey {
  return issueCertificate({
    subject: { commonName: name, organizations: [] },
    validFrom: new Date(Date.now() + from),
    validTo: new Date(Date.now() + to),
    usage: 'server',
    isAuthority: true,
  });
}

describe('a manager with bad certificates', () => {
  const admin = new Administrator();
  const kubeconfig = process.env[kubeconfigVariable] ?? '';
  const program = readProgram(process.env);
  const [one, other] = [serving('one'), serving('other')];
  const file = (name: string, text: string): string => admin.file(name, text);
  after(() => admin[Symbol.dispose]());

  const good = { certificate: file('good.crt', one.certificate), key: file('good.key', one.key) };
  const folder = join(admin.folder, 'a-folder');
  mkdirSync(folder);
  const nothing = join(admin.folder, 'nothing');
  const pairs: readonly (readonly [string, { certificate: string; key: string }, string])[] = [
    ['a certificate that is not there', { ...good, certificate: nothing }, '--tls-cert-file'],
    ['a key that is not there', { ...good, key: nothing }, '--tls-private-key-file'],
    ['a certificate that is a folder', { ...good, certificate: folder }, '--tls-cert-file'],
    ['an empty certificate', { ...good, certificate: file('empty.crt', '') }, '--tls-cert-file'],
    ['an empty key', { ...good, key: file('empty.key', '') }, '--tls-private-key-file'],
    ['a certificate and its key swapped', { certificate: good.key, key: good.certificate }, '--tls-cert-file'],
    ['the key of another', { ...good, key: file('other.key', other.key) }, '--tls-private-key-file'],
    [
      'a certificate that is cut off',
      { ...good, certificate: file('cut.crt', one.certificate.slice(0, 200)) },
      '--tls-cert-file',
    ],
    ['a key that is cut off', { ...good, key: file('cut.key', one.key.slice(0, 80)) }, '--tls-private-key-file'],
    [
      'a certificate of garbage',
      { ...good, certificate: file('bad.crt', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n') },
      '--tls-cert-file',
    ],
  ];

  it('does not start with such that can not be served, and says which file and why', async () => {
    for (const [what, { certificate, key }, flag] of pairs) {
      const [port = 0] = await freePorts(1);
      const flags = [
        `--kubeconfig=${kubeconfig}`,
        '--bind-address=127.0.0.1',
        `--secure-port=${port}`,
        '--leader-elect=false',
        `--tls-cert-file=${certificate}`,
        `--tls-private-key-file=${key}`,
      ];
      const cloud = file('cloud.conf', JSON.stringify({ endpoint: 'http://127.0.0.1:9' }));
      const end = await runToEnd(process.execPath, [program, ...flags, `--cloud-config=${cloud}`], { seconds: 60 });
      assert.equal(end.code, 1, `${what}: ${end.stderr}`);
      const line = end.stderr.split('\n').find((each) => each.includes(`${flag}:`)) ?? '';
      const path = flag === '--tls-cert-file' ? certificate : key;
      assert.ok(line.includes(path), `${what}: ${end.stderr}`);
      assert.ok(!end.stderr.includes('    at '), `${what}: ${end.stderr}`);
    }
  });

  it('keeps its certificate when the files turn bad, says and counts so, and takes the next good one', async () => {
    const pair = { certificate: file('running.crt', one.certificate), key: file('running.key', one.key) };
    await using victim = await Victim.start({
      program,
      kubeconfig,
      flags: [
        `--tls-cert-file=${pair.certificate}`,
        `--tls-private-key-file=${pair.key}`,
        '--authorization-always-allow-paths=/metrics,/readyz,/livez,/healthz',
      ],
    });
    await victim.isReady();
    const served = (): Promise<string> => servedName(victim.port);
    const reloads = async (outcome: string): Promise<number> => {
      const { body } = await victim.ask('/metrics');
      const series = new RegExp(`^ccm_certificate_reloads_total\\{use="serving",outcome="${outcome}"\\} (\\d+)$`, 'm');
      return Number(series.exec(body)?.[1] ?? 0);
    };
    assert.equal(await served(), 'one');
    file('running.crt', serving('mismatched').certificate);
    await eventually('the mismatching certificate to be refused', async () => (await reloads('refused')) > 0);
    assert.equal(await served(), 'one');
    await victim.says("The serving certificates can't be read; the former ones stay");
    const next = serving('expired', -2 * day, -day);
    file('running.key', next.key);
    file('running.crt', next.certificate);
    await eventually('the new certificate to be served', async () => (await served()) === 'expired');
    assert.ok((await reloads('taken')) > 0);
    await victim.says('The serving certificate is not valid at this time');
    assert.equal(await victim.stop(), 0);
  });
});

/** The common name of the certificate that is served. */
function servedName(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      const { CN } = socket.getPeerCertificate().subject;
      socket.destroy();
      resolve(String(CN));
    });
    socket.on('error', reject);
  });
}
