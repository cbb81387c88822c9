import assert from 'node:assert/strict';
import { describe, it } from '../harness/node-test.ts';
import type { Query } from './wire/connection.ts';
import { connectToServer, node, paths, uniqueName } from './wire/fixture.ts';
import type { WireManagedFields, WireObject, WireStatus } from './wire/objects.ts';

const contentType = 'application/apply-patch+yaml';
const zone = 'topology.kubernetes.io/zone';

interface Apply {
  readonly path: string;
  readonly manager: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly more?: Readonly<Record<string, unknown>>;
  readonly query?: Query;
}

describe('server-side apply', () => {
  const server = connectToServer();

  async function newNode(
    meta: Readonly<Record<string, unknown>> = {},
    more: Readonly<Record<string, unknown>> = {},
  ): Promise<{ path: string; created: WireObject }> {
    const name = uniqueName('applied');
    const query = { fieldManager: 'maker' };
    return { path: `${paths.nodes}/${name}`, created: await server.create(paths.nodes, node(name, more, meta), query) };
  }

  function request(apply: Apply) {
    const name = apply.path.split('/')[4] ?? '';
    return {
      query: { fieldManager: apply.manager, ...apply.query },
      contentType,
      body: node(name, apply.more ?? {}, apply.metadata ?? {}),
    };
  }

  async function apply(options: Apply): Promise<WireObject> {
    const reply = await server.send('PATCH', options.path, request(options));
    assert.equal(reply.status, 200, JSON.stringify(reply.body));
    return reply.body as WireObject;
  }

  async function refused(status: number, options: Apply): Promise<WireStatus> {
    return await server.refused(status, 'PATCH', options.path, request(options));
  }

  const labels = (of: WireObject) => of.metadata.labels ?? {};
  const entry = (of: WireObject, manager: string): WireManagedFields | undefined =>
    of.metadata.managedFields?.find((one) => one.manager === manager);

  it('sets what it says, leaves the rest, and records its manager', async () => {
    const { path } = await newNode({ labels: { kept: '1' } });
    const applied = await apply({ path, manager: 'm', metadata: { labels: { a: '1', 'example.com/b': '2' } } });
    assert.deepEqual(labels(applied), { kept: '1', a: '1', 'example.com/b': '2' });
    const { operation, apiVersion, fieldsType, fieldsV1 } = entry(applied, 'm') ?? {};
    assert.deepEqual(
      { operation, apiVersion, fieldsType, fieldsV1 },
      {
        operation: 'Apply',
        apiVersion: 'v1',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:metadata': { 'f:labels': { 'f:a': {}, 'f:example.com/b': {} } } },
      },
    );
  });

  it('records what others write as updates of theirs', async () => {
    const { path, created } = await newNode({ labels: { a: '1' } });
    const { operation, fieldsV1 } = entry(created, 'maker') ?? {};
    assert.equal(operation, 'Update');
    assert.deepEqual(fieldsV1, { 'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } } });
    const reply = await server.send('PATCH', path, {
      query: { fieldManager: 'other' },
      contentType: 'application/strategic-merge-patch+json',
      body: { metadata: { labels: { b: '2' } } },
    });
    const patched = reply.body as WireObject;
    assert.deepEqual(entry(patched, 'other')?.fieldsV1, { 'f:metadata': { 'f:labels': { 'f:b': {} } } });
  });

  it('removes what the manager applied before and no longer says', async () => {
    const { path } = await newNode({ labels: { kept: '1' } });
    await apply({ path, manager: 'm', metadata: { labels: { a: '1', b: '2' } } });
    const applied = await apply({ path, manager: 'm', metadata: { labels: { b: '2' } } });
    assert.deepEqual(labels(applied), { kept: '1', b: '2' });
    assert.deepEqual(labels(await apply({ path, manager: 'm' })), { kept: '1' });
  });

  it('leaves what it no longer says to another who says the same', async () => {
    const { path } = await newNode();
    await apply({ path, manager: 'm', metadata: { labels: { a: '1' } } });
    await apply({ path, manager: 'n', metadata: { labels: { a: '1' } } });
    const applied = await apply({ path, manager: 'm' });
    assert.deepEqual(labels(applied), { a: '1' });
    assert.equal(entry(applied, 'm'), undefined);
  });

  it('does not remove what it wrote by an update of the same name', async () => {
    const { path } = await newNode({ labels: { theirs: '1' } });
    await server.send('PATCH', path, {
      query: { fieldManager: 'm' },
      contentType: 'application/strategic-merge-patch+json',
      body: { metadata: { labels: { a: '1', b: '2' } } },
    });
    const applied = await apply({ path, manager: 'm', metadata: { labels: { b: '2' } } });
    assert.deepEqual(labels(applied), { theirs: '1', a: '1', b: '2' });
    assert.deepEqual(
      applied.metadata.managedFields?.filter(({ manager }) => manager === 'm').map(({ operation }) => operation),
      ['Apply', 'Update'],
    );
  });

  it('knows no owner of the fields of an object that was made without any, until the first apply', async () => {
    const { path, created } = await newNode();
    assert.equal(created.metadata.managedFields, undefined);
    const patched = await server.patch('merge', path, { metadata: { labels: { a: '1' } } });
    assert.equal(patched.metadata.managedFields, undefined);
    const status = await refused(409, { path, manager: 'm', metadata: { labels: { a: '2' } } });
    assert.equal(status.details?.causes?.[0]?.message, 'conflict with "before-first-apply" using v1');
    const applied = await apply({ path, manager: 'm', metadata: { labels: { b: '1' } } });
    assert.equal(entry(applied, 'before-first-apply')?.operation, 'Update');
  });

  it("refuses to change another's field, and names field and owner", async () => {
    const { path, created } = await newNode({ labels: { [zone]: 'a', other: '1' } });
    const status = await refused(409, { path, manager: 'm', metadata: { labels: { [zone]: 'b', mine: '1' } } });
    assert.equal(status.reason, 'Conflict');
    assert.deepEqual(status.details?.causes, [
      { reason: 'FieldManagerConflict', message: 'conflict with "maker" using v1', field: `.metadata.labels.${zone}` },
    ]);
    assert.match(status.message ?? '', /^Apply failed with 1 conflict: conflict with "maker" using v1: \.metadata/);
    assert.deepEqual(await server.get(path), created);
  });

  it('names every field in a refusal', async () => {
    const { path } = await newNode({ labels: { a: '1', b: '1' } });
    await apply({ path, manager: 'n', metadata: { labels: { c: '1' } } });
    const status = await refused(409, { path, manager: 'm', metadata: { labels: { a: '2', b: '2', c: '2' } } });
    assert.deepEqual(
      [...(status.details?.causes ?? [])].map(({ field, message }) => `${field ?? ''} ${message ?? ''}`).sort(),
      [
        '.metadata.labels.a conflict with "maker" using v1',
        '.metadata.labels.b conflict with "maker" using v1',
        '.metadata.labels.c conflict with "n"',
      ],
    );
  });

  it('conflicts with an update of the same name too', async () => {
    const { path } = await newNode({ labels: { a: '1' } });
    const status = await refused(409, { path, manager: 'maker', metadata: { labels: { a: '2' } } });
    assert.equal(status.details?.causes?.[0]?.message, 'conflict with "maker" using v1');
  });

  it('takes a field over when forced', async () => {
    const { path } = await newNode({ labels: { a: '1', b: '1' } });
    const query = { force: true };
    const applied = await apply({ path, manager: 'm', metadata: { labels: { a: '2' } }, query });
    assert.deepEqual(labels(applied), { a: '2', b: '1' });
    assert.deepEqual(entry(applied, 'maker')?.fieldsV1, { 'f:metadata': { 'f:labels': { '.': {}, 'f:b': {} } } });
    assert.deepEqual(labels(await apply({ path, manager: 'm' })), { b: '1' });
  });

  it('does not conflict over an equal value', async () => {
    const { path } = await newNode({ labels: { a: '1' } });
    const applied = await apply({ path, manager: 'm', metadata: { labels: { a: '1' } } });
    assert.deepEqual(
      applied.metadata.managedFields?.map(({ manager }) => manager),
      ['m', 'maker'],
    );
  });

  it('loses a field to an update of another, which may then remove it', async () => {
    const { path } = await newNode();
    await apply({ path, manager: 'm', metadata: { labels: { a: '1', b: '1' } } });
    await server.patch('merge', path, { metadata: { labels: { a: '2' } } });
    const applied = await apply({ path, manager: 'm', metadata: { labels: { b: '1' } } });
    assert.deepEqual(labels(applied), { a: '2', b: '1' });
    await server.patch('merge', path, { metadata: { labels: { b: null } } });
    assert.equal(entry(await server.get(path), 'm'), undefined);
  });

  it('changes nothing when it says the same again', async () => {
    const { path } = await newNode();
    const first = await apply({ path, manager: 'm', metadata: { labels: { a: '1' } } });
    const second = await apply({ path, manager: 'm', metadata: { labels: { a: '1' } } });
    assert.equal(second.metadata.resourceVersion, first.metadata.resourceVersion);
  });

  it('creates what is not there', async () => {
    const path = `${paths.nodes}/${uniqueName('applied')}`;
    const reply = await server.send('PATCH', path, request({ path, manager: 'm', metadata: { labels: { a: '1' } } }));
    assert.equal(reply.status, 201);
    assert.equal(entry(reply.body as WireObject, 'm')?.operation, 'Apply');
  });

  it('creates nothing when it names the uid of what it means', async () => {
    const path = `${paths.nodes}/${uniqueName('applied')}`;
    const metadata = { uid: '11111111-2222-3333-4444-555555555555', labels: { a: '1' } };
    const status = await refused(409, { path, manager: 'm', metadata });
    assert.equal(status.reason, 'Conflict');
    assert.deepEqual(status.details?.causes ?? [], []);
    assert.equal((await server.send('GET', path)).status, 404);
  });

  it('is refused when it names another uid', async () => {
    const { path } = await newNode();
    const metadata = { uid: '11111111-2222-3333-4444-555555555555', labels: { a: '1' } };
    const status = await refused(422, { path, manager: 'm', metadata });
    assert.equal(status.details?.causes?.[0]?.field, 'metadata.uid');
  });

  it('is a Conflict without causes when it names an old resourceVersion', async () => {
    const { path, created } = await newNode();
    await server.patch('merge', path, { metadata: { labels: { by: 'another' } } });
    const { resourceVersion } = created.metadata;
    const status = await refused(409, { path, manager: 'm', metadata: { resourceVersion, labels: { a: '1' } } });
    assert.equal(status.reason, 'Conflict');
    assert.equal(status.details?.causes, undefined);
  });

  it('needs a field manager', async () => {
    const { path } = await newNode();
    const body = node(path.split('/')[4] ?? '');
    const status = await server.refused(422, 'PATCH', path, { body, contentType });
    assert.equal(status.details?.causes?.[0]?.field, 'fieldManager');
  });

  it('owns taints as a whole', async () => {
    const { path } = await newNode({}, { spec: { taints: [{ key: 'theirs', effect: 'NoSchedule' }] } });
    const more = { spec: { taints: [{ key: 'ours', effect: 'NoSchedule' }] } };
    const status = await refused(409, { path, manager: 'm', more });
    assert.equal(status.details?.causes?.[0]?.field, '.spec.taints');
    const applied = await apply({ path, manager: 'm', more, query: { force: true } });
    assert.deepEqual(applied.spec.taints, [{ key: 'ours', effect: 'NoSchedule' }]);
  });

  it('owns conditions one by one, through the status', async () => {
    const condition = (type: string, status: string) => ({ type, status, reason: 'R', message: 'm' });
    const { path } = await newNode({}, { status: { conditions: [condition('Ready', 'True')] } });
    const applied = await apply({
      path: `${path}/status`,
      manager: 'm',
      more: { status: { conditions: [condition('NetworkUnavailable', 'False')] } },
    });
    const types = (of: WireObject) => (of.status.conditions as { type: string }[]).map(({ type }) => type).sort();
    assert.deepEqual(types(applied), ['NetworkUnavailable', 'Ready']);
    const { subresource, fieldsV1 } = entry(applied, 'm') ?? {};
    assert.equal(subresource, 'status');
    assert.deepEqual(fieldsV1, {
      'f:status': {
        'f:conditions': {
          'k:{"type":"NetworkUnavailable"}': {
            '.': {},
            'f:type': {},
            'f:status': {},
            'f:reason': {},
            'f:message': {},
          },
        },
      },
    });
    assert.deepEqual(types(await apply({ path: `${path}/status`, manager: 'm' })), ['Ready']);
  });

  it('does not touch the status through the object, nor the spec through the status', async () => {
    const { path } = await newNode();
    const applied = await apply({
      path: `${path}/status`,
      manager: 'm',
      more: { spec: { unschedulable: true }, status: { phase: 'Running' } },
    });
    assert.equal(applied.spec.unschedulable, undefined);
    assert.equal(applied.status.phase, 'Running');
    const other = await apply({ path, manager: 'n', more: { status: { phase: 'Pending' } } });
    assert.equal(other.status.phase, 'Running');
    assert.equal(entry(other, 'n'), undefined);
  });

  it('refuses a field that there is not, and two items of one key', async () => {
    const { path } = await newNode();
    await refused(500, { path, manager: 'm', more: { spec: { nothing: 1 } } });
    const addresses = [
      { type: 'InternalIP', address: '10.0.0.1' },
      { type: 'InternalIP', address: '10.0.0.2' },
    ];
    await refused(500, { path: `${path}/status`, manager: 'm', more: { status: { addresses } } });
  });

  it('works beside addresses that share a type', async () => {
    const addresses = [
      { type: 'InternalIP', address: '10.0.0.1' },
      { type: 'InternalIP', address: 'fd00::1' },
    ];
    const { path } = await newNode({}, { status: { addresses } });
    const applied = await apply({ path, manager: 'm', metadata: { labels: { a: '1' } } });
    assert.deepEqual(applied.status.addresses, addresses);
  });
});
