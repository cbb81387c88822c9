import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { redactTold } from './output/redact-told.ts';
import { type Bench, addBalancer, addService, serviceManifest, setUpBench, writeIn } from './test-bench.ts';
import { kubeletNode } from '../testing/scenario/manifests.ts';

/** The forms that secrets come in; each holds the word that must never be seen again. */
const forms: Readonly<Record<string, string>> = {
  'a URL with a password': 'https://me:planted-url@h.example/x',
  'a bearer token': 'Authorization: Bearer planted-bearer',
  'a basic authorization': 'authorization: Basic planted+basic==',
  'a query': 'https://h.example/?X-Amz-Security-Token=planted-query&x=y',
  'an environment': 'ACME_SECRET_ACCESS_KEY=planted-variable',
  'a web token': 'eyJplanted1.eyJplanted2.planted3',
  'a key': '-----BEGIN RSA PRIVATE KEY-----\nplanted-key\n-----END RSA PRIVATE KEY-----',
  'a key that is cut off': '-----BEGIN PRIVATE KEY-----\nplanted-half',
};
const everything = Object.values(forms).join(' ; ');

/** Names that speak of a secret, whatever their value looks like. */
const named = Object.fromEntries(
  ['api-token', 'password', 'clientSecret', 'private-key', 'credentials', 'api_key', 'cookie'].map((name, index) => [
    `example.com/${name}`,
    `planted ${index}`,
  ]),
);

describe('secrets', () => {
  it.each(Object.entries(forms))('are seen by their form: %s', (_title, text) => {
    expect(redactTold(`before ${text}`)).toMatch(/^before /);
    expect(redactTold(`before ${text}`)).not.toContain('planted');
  });

  it.each([
    'KubernetesClusterTag=c1',
    'token: none is given',
    'arn:acme:balancing:eu-west-1:1:loadbalancer/net/a/b',
    'https://h.example:6443/x@y',
    'the basic rules of a bearer',
  ])('are not taken for more than they are: %s', (text) => {
    expect(redactTold(text)).toBe(text);
  });

  describe('planted wherever somebody can write', () => {
    let bench: Bench;
    let config = '';

    beforeEach(async () => {
      bench = await setUpBench();
      const annotations = { ...named, 'example.com/note': everything };
      const tags = { ...named, note: everything };
      for (const name of ['n1', 'n2']) bench.cloud.operator.launch({ name, zone: 'memory-1a', tags });
      const node = kubeletNode('n1', new Date()) as { readonly metadata: object };
      bench.api.store.create('nodes', { ...node, metadata: { ...node.metadata, annotations } });
      addService(bench, 'web', {
        annotations: {
          ...annotations,
          'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ spec: 'planted copy' }),
          'service.beta.kubernetes.io/memory-lb-internal': everything,
        },
      });
      addService(bench, 'mail', { annotations });
      bench.api.store.create('events', {
        metadata: { namespace: 'default', name: 'web.1' },
        eventTime: '2026-01-02T03:04:05.000000Z',
        type: 'Warning',
        reason: 'Failed',
        message: everything,
        action: 'Sync',
        reportingComponent: 'x',
        reportingInstance: 'y',
        involvedObject: { apiVersion: 'v1', kind: 'Service', name: 'web', namespace: 'default' },
      });
      const condition = {
        type: 'x.io/y',
        status: 'False',
        reason: 'No',
        message: everything,
        lastTransitionTime: '2026-01-02T03:04:05Z',
      };
      bench.api.store.patch(
        'services',
        { name: 'web', namespace: 'default', subresource: 'status' },
        { status: { conditions: [condition] } },
      );
      addBalancer(bench, { name: 'somebody', by: 'somebody', tags });
      config = await writeIn(
        bench,
        'cloud.conf',
        JSON.stringify({ endpoint: 'http://me:planted-endpoint@127.0.0.1:1' }),
      );
    }, 60_000);

    afterEach(async () => {
      await bench[Symbol.asyncDispose]();
    }, 60_000);

    const asking = [
      ['plan'],
      ['explain', 'service/web'],
      ['explain', 'service/mail'],
      ['explain', 'node/n1'],
      ['doctor'],
      ['orphans', 'list'],
      ['audit'],
      ['migrate', 'check'],
      ['plan', '-f', 'FILE'],
      ['lint', '-f', 'FILE'],
      ['orphans', 'adopt', 'password=planted-id', '--service', 'web'],
    ];

    it.each(['text', 'json', 'yaml', 'markdown'])(
      'are in nothing that is printed as %s',
      async (form) => {
        const annotations = { ...named, 'service.beta.kubernetes.io/memory-lb-internal': everything };
        const file = await writeIn(bench, 'new.yaml', JSON.stringify(serviceManifest('new', { annotations })));
        for (const words of asking) {
          const argv = words.map((word) => (word === 'FILE' ? file : word));
          const { err, out } = await bench.run(...argv, '-o', form, '--cloud-config', config);
          expect(`${words.join(' ')}: ${/.{0,200}planted.{0,80}/.exec(out + err)?.[0] ?? 'nothing'}`).toBe(
            `${words.join(' ')}: nothing`,
          );
          if (form === 'json') expect(() => JSON.parse(out) as unknown).not.toThrow();
        }
      },
      240_000,
    );

    it('are in no capture, which is replayed all the same', async () => {
      const capture = `${bench.folder}/capture.json`;
      expect((await bench.run('capture', '--file', capture, '--cloud-config', config)).code).toBe(0);
      expect(/.{0,200}planted.{0,80}/.exec(readFileSync(capture, 'utf8'))?.[0]).toBeUndefined();
      expect((await bench.run('replay', capture)).first).toContain('the same plan');
    }, 240_000);

    it('are in no failure', async () => {
      const user = JSON.stringify({
        clusters: [{ name: 'k', cluster: { server: 'http://me:planted-user@127.0.0.1:1' } }],
      });
      const kubeconfig = await writeIn(bench, 'nowhere', user);
      for (const words of [
        ['plan', '--kubeconfig', kubeconfig],
        ['plan', '-f', 'https://me:planted@h/x'],
        ['explain', 'password=planted'],
        ['plan', '--tokn=password=planted'],
      ]) {
        for (const form of ['text', 'json']) {
          const { code, err, out } = await bench.run(...words, '-o', form);
          expect([words, code === 0, `${out}${err}`.includes('planted')]).toEqual([words, false, false]);
        }
      }
    }, 60_000);
  });
});
