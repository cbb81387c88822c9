import assert from 'node:assert/strict';
import { describe, it } from '../harness/node-test.ts';
import type { WireList } from './wire/objects.ts';
import { configMap, connectToServer, node, ownNamespace, paths, service, uniqueName } from './wire/fixture.ts';

function names(list: WireList): string[] {
  return list.items.map((item) => item.metadata.name);
}

describe('lists', () => {
  const server = connectToServer();

  async function filled(stem: string, contents: readonly string[]): Promise<string> {
    const namespace = await ownNamespace(server, stem);
    for (const name of contents) {
      await server.create(paths.configMaps(namespace), configMap(name, {}, { labels: { name, kind: 'listed' } }));
    }
    return paths.configMaps(namespace);
  }

  it('orders by name, whatever the order of creation', async () => {
    const path = await filled('ordered', ['b', 'c', 'a']);
    assert.deepEqual(names(await server.list(path)), ['a', 'b', 'c']);
  });

  it('gives an empty list an items field', async () => {
    const list = await server.list(await filled('empty', []));
    assert.equal(list.kind, 'ConfigMapList');
    assert.equal(list.apiVersion, 'v1');
    assert.deepEqual(list.items, []);
  });

  it('leaves kind and apiVersion out of the items', async () => {
    const list = await server.list(await filled('kindless', ['a']));
    assert.equal(list.items[0]?.kind, undefined);
    assert.equal(list.items[0]?.apiVersion, undefined);
  });

  it('lists over all namespaces', async () => {
    const label = uniqueName('everywhere');
    const namespaces = [await ownNamespace(server, 'first'), await ownNamespace(server, 'second')].sort();
    for (const namespace of namespaces) {
      await server.create(paths.configMaps(namespace), configMap('a', {}, { labels: { test: label } }));
    }
    const list = await server.list(paths.allConfigMaps, { labelSelector: `test=${label}` });
    assert.deepEqual(
      list.items.map((item) => item.metadata.namespace),
      namespaces,
    );
  });

  it('carries a resourceVersion that is not older than the last write', async () => {
    const path = await filled('version', ['a', 'b']);
    const newest = await server.patch('merge', `${path}/a`, { data: { a: 'b' } });
    const list = await server.list(path);
    assert.ok(BigInt(list.metadata.resourceVersion) >= BigInt(newest.metadata.resourceVersion));
  });

  it('with resourceVersion=0 answers from what it has', async () => {
    const path = await filled('any', ['a']);
    // Not the newest, maybe; but asking for something at least as new as the write settles it.
    const { metadata } = await server.get(`${path}/a`);
    await server.list(path, { resourceVersion: metadata.resourceVersion });
    assert.deepEqual(names(await server.list(path, { resourceVersion: '0' })), ['a']);
  });

  it('with a resourceVersion answers with something not older', async () => {
    const path = await filled('not-older', ['a']);
    const written = await server.patch('merge', `${path}/a`, { data: { a: 'b' } });
    for (const query of [
      { resourceVersion: written.metadata.resourceVersion },
      { resourceVersion: written.metadata.resourceVersion, resourceVersionMatch: 'NotOlderThan' },
    ]) {
      const list = await server.list(path, query);
      assert.deepEqual(list.items[0]?.data, { a: 'b' });
      assert.ok(BigInt(list.metadata.resourceVersion) >= BigInt(written.metadata.resourceVersion));
    }
  });

  it('with resourceVersionMatch=Exact answers with the past', async () => {
    const path = await filled('exact', ['a']);
    const then = (await server.get(`${path}/a`)).metadata.resourceVersion;
    await server.patch('merge', `${path}/a`, { data: { a: 'b' } });
    const list = await server.list(path, { resourceVersion: then, resourceVersionMatch: 'Exact' });
    assert.equal(list.items[0]?.data, undefined);
    assert.equal(list.metadata.resourceVersion, then);
  });

  it('refuses resourceVersionMatch without a resourceVersion', async () => {
    const status = await server.refused(422, 'GET', paths.nodes, { query: { resourceVersionMatch: 'Exact' } });
    assert.equal(status.reason, 'Invalid');
    assert.equal(status.details?.causes?.[0]?.field, 'resourceVersionMatch');
  });

  it('refuses Exact with resourceVersion=0', async () => {
    const status = await server.refused(422, 'GET', paths.nodes, {
      query: { resourceVersion: '0', resourceVersionMatch: 'Exact' },
    });
    assert.equal(status.details?.causes?.[0]?.field, 'resourceVersionMatch');
  });

  it('refuses a resourceVersion that is no number with 400', async () => {
    const reply = await server.send('GET', paths.nodes, { query: { resourceVersion: 'abc' } });
    assert.equal(reply.status, 400);
  });

  it('answers a resourceVersion from the future with 504 and a hint to retry', async () => {
    const list = await server.list(paths.nodes);
    const future = String(BigInt(list.metadata.resourceVersion) + 1_000_000n);
    const status = await server.refused(504, 'GET', paths.nodes, { query: { resourceVersion: future } });
    assert.equal(status.reason, 'Timeout');
    assert.equal(status.details?.retryAfterSeconds, 1);
    assert.equal(status.details.causes?.[0]?.reason, 'ResourceVersionTooLarge');
  });

  it('pages with limit and continue', async () => {
    const path = await filled('paged', ['a', 'b', 'c', 'd', 'e']);
    const first = await server.list(path, { limit: 2 });
    assert.deepEqual(names(first), ['a', 'b']);
    assert.equal(first.metadata.remainingItemCount, 3);
    const second = await server.list(path, { limit: 2, continue: first.metadata.continue ?? '' });
    assert.deepEqual(names(second), ['c', 'd']);
    assert.equal(second.metadata.remainingItemCount, 1);
    const third = await server.list(path, { limit: 2, continue: second.metadata.continue ?? '' });
    assert.deepEqual(names(third), ['e']);
    assert.equal(third.metadata.continue, undefined);
    assert.equal(third.metadata.remainingItemCount, undefined);
  });

  it('gives no continue token when the limit is just reached', async () => {
    const list = await server.list(await filled('just', ['a', 'b']), { limit: 2 });
    assert.deepEqual(names(list), ['a', 'b']);
    assert.equal(list.metadata.continue, undefined);
  });

  it('pages through the state as it was at the first page', async () => {
    const path = await filled('consistent', ['a', 'b', 'c', 'd']);
    const first = await server.list(path, { limit: 2 });
    await server.delete(`${path}/c`);
    await server.create(path, configMap('bb'));
    await server.patch('merge', `${path}/d`, { data: { changed: 'since' } });
    const second = await server.list(path, { limit: 10, continue: first.metadata.continue ?? '' });
    assert.deepEqual(names(second), ['c', 'd']);
    assert.equal(second.items[1]?.data, undefined);
    assert.equal(second.metadata.resourceVersion, first.metadata.resourceVersion);
  });

  it('pages through a selection without counting what remains', async () => {
    const path = await filled('selected-pages', ['a', 'b', 'c', 'd']);
    await server.patch('merge', `${path}/b`, { metadata: { labels: { kind: 'other' } } });
    const first = await server.list(path, { limit: 2, labelSelector: 'kind=listed' });
    assert.deepEqual(names(first), ['a', 'c']);
    assert.equal(first.metadata.remainingItemCount, undefined);
    const second = await server.list(path, {
      limit: 2,
      labelSelector: 'kind=listed',
      continue: first.metadata.continue ?? '',
    });
    assert.deepEqual(names(second), ['d']);
  });

  it('refuses a continue token that it did not make with 400', async () => {
    const status = await server.refused(400, 'GET', paths.nodes, { query: { limit: 1, continue: 'made-up' } });
    assert.equal(status.reason, 'BadRequest');
  });

  it('refuses a continue token together with a resourceVersion', async () => {
    const path = await filled('token-and-version', ['a', 'b']);
    const first = await server.list(path, { limit: 1 });
    const reply = await server.send('GET', path, {
      query: { limit: 1, continue: first.metadata.continue ?? '', resourceVersion: first.metadata.resourceVersion },
    });
    assert.equal(reply.status, 400);
  });

  for (const [selector, expected] of [
    ['name=a', ['a']],
    ['name==a', ['a']],
    ['name!=a', ['b', 'c']],
    ['name in (a,b)', ['a', 'b']],
    ['name notin (a,b)', ['c']],
    ['name', ['a', 'b', 'c']],
    ['!name', []],
    ['kind=listed,name!=b', ['a', 'c']],
    ['absent!=x', ['a', 'b', 'c']],
    ['absent notin (x)', ['a', 'b', 'c']],
  ] as const) {
    it(`selects by label: ${selector}`, async () => {
      const path = await filled('labels', ['a', 'b', 'c']);
      assert.deepEqual(names(await server.list(path, { labelSelector: selector })), expected);
    });
  }

  it('refuses a label selector that it cannot read with 400', async () => {
    const status = await server.refused(400, 'GET', paths.nodes, { query: { labelSelector: 'a in b' } });
    assert.equal(status.reason, 'BadRequest');
  });

  it('selects by name and namespace as fields', async () => {
    const path = await filled('fields', ['a', 'b', 'c']);
    assert.deepEqual(names(await server.list(path, { fieldSelector: 'metadata.name=b' })), ['b']);
    assert.deepEqual(names(await server.list(path, { fieldSelector: 'metadata.name!=b' })), ['a', 'c']);
    const namespace = path.split('/')[4] ?? '';
    const everywhere = { fieldSelector: `metadata.namespace=${namespace}` };
    assert.deepEqual(names(await server.list(paths.allConfigMaps, everywhere)), ['a', 'b', 'c']);
  });

  it('selects Nodes by spec.unschedulable', async () => {
    const name = uniqueName('cordoned');
    await server.create(paths.nodes, node(name, { spec: { unschedulable: true } }, { labels: { test: name } }));
    await server.create(paths.nodes, node(`${name}-not`, {}, { labels: { test: name } }));
    const query = { labelSelector: `test=${name}`, fieldSelector: 'spec.unschedulable=true' };
    assert.deepEqual(names(await server.list(paths.nodes, query)), [name]);
  });

  it('selects Services by spec.type', async () => {
    const namespace = await ownNamespace(server, 'typed');
    await server.create(paths.services(namespace), service('a', { type: 'LoadBalancer' }));
    await server.create(paths.services(namespace), service('b'));
    const list = await server.list(paths.services(namespace), { fieldSelector: 'spec.type=LoadBalancer' });
    assert.deepEqual(names(list), ['a']);
  });

  it('refuses a field that is no selectable one with 400', async () => {
    const status = await server.refused(400, 'GET', paths.nodes, { query: { fieldSelector: 'spec.providerID=x' } });
    assert.equal(status.reason, 'BadRequest');
    assert.match(status.message ?? '', /field label not supported/);
  });
});
