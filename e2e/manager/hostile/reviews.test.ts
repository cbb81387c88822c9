import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, describe, it } from '../../harness/node-test.ts';
import { freePorts } from '../../kube-apiserver/free-ports.ts';
import { kubeconfigVariable } from '../../kubectl/kubectl.ts';
import { Administrator, eventually } from '../running-manager.ts';
import { ask } from '../side-by-side/ask.ts';
import { readProgram } from './variables.ts';
import { Victim } from './victim.ts';

const path = '/persistent-volume-labeler';
const json = { 'content-type': 'application/json' };
/** Bodies of 32 MiB at once, each as bytes, as text and as objects, until they are collected; the crowd sends ten times that. */
const growthMegabytes = 256;
const mebibyte = 1 << 20;
/** In place of a status. */
const cutOff = 0;

function review(request: unknown): string {
  return JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request });
}

function volume(more: object): object {
  const spec = { csi: { driver: 'csi.memory-cloud', volumeHandle: 'vol-none' } };
  return {
    uid: 'u-1',
    kind: { group: '', version: 'v1', kind: 'PersistentVolume' },
    resource: { group: '', version: 'v1', resource: 'persistentvolumes' },
    operation: 'CREATE',
    object: { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'a' }, spec },
    ...more,
  };
}

const deep = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`;

describe('a manager whose webhooks get reviews that are none', () => {
  const admin = new Administrator();
  const secret = `planted${randomBytes(12).toString('hex')}`;
  after(() => admin[Symbol.dispose]());

  /** By what it is, with the answers that may be given. */
  const reviews: readonly (readonly [what: string, body: string, statuses: readonly number[]])[] = [
    ['nothing', '', [400]],
    ['no JSON', `{"token":"${secret}"`, [400]],
    ['a list', '[]', [400]],
    ['null', 'null', [400]],
    ['a text', JSON.stringify(secret), [400]],
    ['another kind', JSON.stringify({ apiVersion: 'v1', kind: 'Secret', data: { token: secret } }), [400]],
    ['no request', review(undefined), [400]],
    ['a request that is a list', review([]), [400]],
    ['a request that is a text', review(secret), [400]],
    ['a request without anything', review({}), [400]],
    ['a uid that is a number', review(volume({ uid: 7 })), [400]],
    ['a uid without end', review(volume({ uid: secret.repeat(10_000) })), [200]],
    ['an operation that is none', review(volume({ operation: 'BREW' })), [400]],
    ['no object', review(volume({ object: null })), [200, 400]],
    ['an object that is a list', review(volume({ object: [secret] })), [200, 400]],
    ['an object of texts', review(volume({ object: { metadata: secret, spec: secret } })), [200, 400]],
    ['a name that is an object', review(volume({ object: { metadata: { name: {} }, spec: { csi: {} } } })), [200, 400]],
    [
      'a prototype',
      review(volume({})).replace('"metadata":', '"__proto__":{"polluted":"yes"},"metadata":'),
      [200, 400, 500],
    ],
    ['depths without end', deep, [400]],
    ['an object of depths without end', review(volume({})).replace('"name":"a"', `"name":"a","x":${deep}`), [200, 400]],
    ['bytes that are no text', '\u{fffd}\0\u{fffd}', [400]],
    ['too much', review(volume({ object: { x: 'x'.repeat(9 * mebibyte) } })), [413, cutOff]],
  ];

  it('refuses or answers each of them, keeps its memory, tells no secret and goes on', async () => {
    const [port = 0] = await freePorts(1);
    await using victim = await Victim.start({
      program: readProgram(process.env),
      kubeconfig: process.env[kubeconfigVariable] ?? '',
      flags: [
        '--feature-gates=CloudControllerManagerWebhook=true',
        '--webhooks=*',
        '--webhook-bind-address=127.0.0.1',
        `--webhook-secure-port=${port}`,
        '--v=4',
      ],
    });
    await victim.isReady();
    const send = (body: string): Promise<{ readonly status: number; readonly body: string }> =>
      ask(port, { path, method: 'POST', headers: json, body }).catch((error: NodeJS.ErrnoException) => {
        // Who goes on sending what is refused already may find the connection closed before he reads why.
        if (error.code === 'EPIPE' || error.code === 'ECONNRESET') return { status: cutOff, body: '' };
        throw error;
      });
    await eventually('the webhooks to be served', () =>
      send('').then(
        ({ status }) => status === 400,
        () => false,
      ),
    );
    const before = victim.residentMegabytes;
    const answers: string[] = [];
    for (const [what, body, statuses] of reviews) {
      const answer = await send(body);
      assert.ok(statuses.includes(answer.status), `${what}: ${answer.status} ${answer.body.slice(0, 200)}`);
      assert.ok(answer.body.length < 4096 || answer.status === 200, `${what}: ${answer.body.length} characters`);
      if (answer.status !== 200) answers.push(answer.body);
    }
    const large = review(volume({ object: { x: 'x'.repeat(7 * mebibyte) } }));
    const crowd = await Promise.all(Array.from({ length: 50 }, () => send(large).then(({ status }) => status)));
    assert.ok(
      crowd.every((status) => [200, 400, 413, 429, 503, cutOff].includes(status)),
      crowd.join(' '),
    );
    await victim.initialisesNode(admin, 'among-reviews');
    const peak = victim.residentMegabytes;
    assert.ok(peak - before < growthMegabytes, `from ${before} MB to ${peak} MB`);
    assert.equal((await ask(victim.port, { path: '/readyz' })).status, 200);
    assert.equal(await victim.stop(), 0);
    for (const text of [victim.log, ...answers]) assert.ok(!text.includes(secret), 'a secret is told');
    process.stdout.write(`${JSON.stringify({ proof: 'hostile reviews', points: reviews.length + crowd.length })}\n`);
  });
});
