import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AnnotationFinding, type PolicyObject, annotationPolicies } from '@ccm-ts/cloud-provider';
import { awsCloudProvider } from '@ccm-ts/cloud-provider-aws';
import { after, describe, it } from '../../harness/node-test.ts';
import { Connection, kubeconfigVariable, type Reply } from '../../semantics/wire/connection.ts';
import { corpus, type Writing, type Written } from './corpus.ts';

const { annotations: registry } = awsCloudProvider;
if (registry === undefined) throw new Error('the provider declares no annotations');
const keyOf = (name: string): string => registry.keyOf(name);
const prefix = registry.definition.prefix;
const policies = annotationPolicies(registry);
const services = '/api/v1/namespaces/default/services';
const admission = '/apis/admissionregistration.k8s.io/v1';
const unknownText = 'has no effect, as there is no such annotation';
const elsewhereText = registry.definition.elsewhere?.fix ?? '';

describe('admission policies of annotations', () => {
  const connection = new Connection(process.env[kubeconfigVariable] ?? '');
  after(() => connection.close());

  it('say what the parser says', async () => {
    // All are warnings here: of what is refused the API server tells but the first.
    await install(connection, (action) => (action === 'Deny' ? ['Warn'] : [action]));
    const writings = corpus(registry, 800);
    const counts = { creates: 0, edits: 0, refused: 0, warned: 0, findings: 0 };
    const kinds = new Set<string>();
    await make(connection, 'edited', {});
    for (const writing of writings) {
      const told = await verdicts(connection, writing);
      const found = registry.judge(writing.now, writing.former);
      assert.deepEqual(told, messages(found), JSON.stringify(writing));
      counts[writing.former === undefined ? 'creates' : 'edits']++;
      counts.findings += found.length;
      if (found.some(({ effect }) => effect === 'refused')) counts.refused++;
      else if (found.length > 0) counts.warned++;
      for (const { kind, effect } of found) kinds.add(`${effect} ${kind}`);
    }
    assert.ok(writings.length >= 500 && counts.creates >= 150 && counts.edits >= 150, JSON.stringify(counts));
    const expected = ['refused contradictory', 'refused invalid', 'refused unsupported', 'warned ignored'];
    const others = ['warned invalid', 'warned late', 'warned unknown', 'warned unsupported'];
    assert.deepEqual([...kinds].toSorted(), [...expected, ...others].toSorted());
    console.log(JSON.stringify({ proof: 'annotation-policies', points: writings.length, ...counts }));
    await connection.send('DELETE', `${services}/edited`);
  });

  it('refuse what can not be had, and leave everything else about a Service alone', async () => {
    await uninstall(connection);
    const bad = { [keyOf('proxy-protocol')]: 'v2', [`${prefix}intrnal`]: 'true' };
    await make(connection, 'before', bad);
    await install(connection, (action) => [action]);

    const refused = await create(connection, 'new', { annotations: bad });
    assert.equal(refused.status, 422);
    const { message } = refused.body as { message: string };
    assert.match(message, /aws-load-balancer-proxy-protocol: write \* for all ports, or remove the annotation$/);

    // Nobody should have to mend an annotation to be rid of a finalizer, or to be told an address.
    const metadata = { labels: { a: 'b' }, finalizers: ['example.com/x'], annotations: { 'example.com/x': 'y' } };
    const ports = [{ port: 80 }, { name: 'more', port: 81 }].map((port, index) => ({ name: `p${index}`, ...port }));
    for (const change of [{ metadata }, { spec: { ports } }, { metadata: { finalizers: null } }]) {
      const edited = await patch(connection, 'before', change);
      assert.deepEqual([edited.status, warnings(edited)], [200, []], JSON.stringify(edited.body));
    }
    const status = { loadBalancer: { ingress: [{ hostname: 'x.example.com' }] } };
    const told = await patch(connection, 'before/status', {
      status,
      metadata: { annotations: { [keyOf('internal')]: 'x' } },
    });
    assert.deepEqual([told.status, warnings(told)], [200, []]);
    const worse = await patch(connection, 'before', { metadata: { annotations: { [keyOf('subnets')]: ',' } } });
    assert.equal(worse.status, 422);

    const otherClass = { spec: { loadBalancerClass: 'example.com/other' }, annotations: bad };
    assert.deepEqual([(await create(connection, 'classy', otherClass)).status], [201]);
    assert.deepEqual(
      [(await create(connection, 'inside', { spec: { type: 'ClusterIP' }, annotations: bad })).status],
      [201],
    );
    const left = { ...bad, [keyOf('type')]: 'external' };
    assert.deepEqual([(await create(connection, 'left', { annotations: left })).status], [201]);

    const odd = await create(connection, 'odd', { annotations: { [`${prefix}intrnal`]: 'true' } });
    assert.deepEqual([odd.status, warnings(odd)], [201, [`${prefix}intrnal: ${unknownText}`]]);

    await patch(connection, 'before', { metadata: { finalizers: ['example.com/x'] } });
    await connection.send('DELETE', `${services}/before`);
    const dying = { metadata: { finalizers: null, annotations: { [keyOf('subnets')]: ',' } } };
    assert.equal((await patch(connection, 'before', dying)).status, 200);
  });

  it('pass what costs more than a policy is granted', async () => {
    const annotations = Object.fromEntries(Array.from({ length: 4000 }, (_, index) => [`${prefix}x${index}`, '1']));
    const many = await create(connection, 'many', { annotations: { ...annotations, [keyOf('proxy-protocol')]: '*' } });
    assert.equal(many.status, 201, JSON.stringify(many.body).slice(0, 500));
    const huge = await create(connection, 'huge', {
      annotations: { [keyOf('security-groups')]: 'sg-1,'.repeat(40_000) },
    });
    assert.equal(huge.status, 201, JSON.stringify(huge.body).slice(0, 500));
  });
});

/** What the API server says of it, without doing it. */
async function verdicts(connection: Connection, { now, former }: Writing): Promise<readonly string[]> {
  if (former === undefined) {
    const made = await create(connection, 'dry', { annotations: now, dryRun: 'All' });
    assert.equal(made.status, 201, `${JSON.stringify(now)}: ${JSON.stringify(made.body)}`);
    return warnings(made);
  }
  const before = await replaceAnnotations(connection, former);
  assert.equal(before.status, 200, `${JSON.stringify(former)}: ${JSON.stringify(before.body)}`);
  const edited = await replaceAnnotations(connection, now, 'All');
  assert.equal(edited.status, 200, `${JSON.stringify(now)}: ${JSON.stringify(edited.body)}`);
  return warnings(edited);
}

function replaceAnnotations(connection: Connection, annotations: Written, dryRun?: 'All'): Promise<Reply> {
  const body = [{ op: 'add', path: '/metadata/annotations', value: annotations }];
  return connection.send('PATCH', `${services}/edited`, {
    body,
    contentType: 'application/json-patch+json',
    query: dryRun === undefined ? {} : { dryRun },
  });
}

interface ServiceText {
  readonly annotations?: Written;
  readonly spec?: object;
  readonly dryRun?: 'All';
}

function create(
  connection: Connection,
  name: string,
  { annotations = {}, spec = {}, dryRun }: ServiceText,
): Promise<Reply> {
  const body = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, annotations },
    spec: { type: 'LoadBalancer', ports: [{ name: 'p0', port: 80 }], ...spec },
  };
  return connection.send('POST', services, { body, query: dryRun === undefined ? {} : { dryRun } });
}

async function make(connection: Connection, name: string, annotations: Written): Promise<void> {
  const made = await create(connection, name, { annotations });
  assert.equal(made.status, 201, JSON.stringify(made.body));
}

function patch(connection: Connection, path: string, body: object): Promise<Reply> {
  return connection.send('PATCH', `${services}/${path}`, { body, contentType: 'application/merge-patch+json' });
}

/** What the policies said, in order of the alphabet, each key that nobody knows by itself. */
function warnings({ headers }: Reply): readonly string[] {
  const { warning = [] } = headers;
  // Several may share a line.
  const quoted = [warning].flat().flatMap((line) => [...line.matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)]);
  const texts = quoted.map(([, text = '']) => text.replaceAll(/\\(.)/g, '$1'));
  return texts
    .filter((text) => text.startsWith('Validation failed'))
    .flatMap((text) => {
      const message = text.slice(text.indexOf("': ") + 3);
      const shared = [unknownText, elsewhereText].find((each) => message.endsWith(`: ${each}`));
      if (shared === undefined) return [message];
      const keys = message.slice(0, -shared.length - 2).split(', ');
      return keys.map((key) => `${key}: ${shared}`);
    })
    .toSorted();
}

function messages(findings: readonly AnnotationFinding[]): readonly string[] {
  const texts = findings.map(({ kind, annotation, fix }) => `${annotation}: ${kind === 'unknown' ? unknownText : fix}`);
  return texts.toSorted();
}

/** Waits until the API server goes by them. */
async function install(connection: Connection, actionsFor: (action: string) => readonly string[]): Promise<void> {
  for (const object of policies) {
    const spec = object.spec as { validationActions?: readonly string[] };
    const changed = spec.validationActions && { validationActions: actionsFor(spec.validationActions[0] ?? '') };
    const made = await connection.send('POST', pathOf(object, 'all'), {
      body: { ...object, spec: { ...spec, ...changed } },
    });
    assert.equal(made.status, 201, JSON.stringify(made.body).slice(0, 4000));
  }
  const [refusing, odd] = [{ [keyOf('subnets')]: ',' }, { [`${prefix}x`]: '1' }];
  await until(async () => {
    const refused = await create(connection, 'probe', { annotations: refusing, dryRun: 'All' });
    const told = await create(connection, 'probe', { annotations: odd, dryRun: 'All' });
    return (refused.status === 422 || warnings(refused).length > 0) && warnings(told).length > 0;
  });
}

async function uninstall(connection: Connection): Promise<void> {
  for (const object of policies) await connection.send('DELETE', pathOf(object, 'one'));
  await until(async () => {
    const reply = await create(connection, 'probe', {
      annotations: { [keyOf('subnets')]: ',', [`${prefix}x`]: '1' },
      dryRun: 'All',
    });
    return reply.status === 201 && warnings(reply).length === 0;
  });
}

function pathOf(object: PolicyObject, of: 'all' | 'one'): string {
  const plural =
    object.kind === 'ValidatingAdmissionPolicy' ? 'validatingadmissionpolicies' : 'validatingadmissionpolicybindings';
  return `${admission}/${plural}${of === 'one' ? `/${object.metadata.name}` : ''}`;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt++) {
    if (await isSo()) return;
    await sleep(100);
  }
  assert.fail('the API server does not go by the policies');
}
