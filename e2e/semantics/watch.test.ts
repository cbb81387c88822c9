import assert from 'node:assert/strict';
import { describe, it } from '../harness/node-test.ts';
import type { WireEvent } from './wire/objects.ts';
import { configMap, connectToServer, node, ownNamespace, paths, uniqueName } from './wire/fixture.ts';

function isInitialEnd(event: WireEvent): boolean {
  return event.type === 'BOOKMARK' && event.object.metadata.annotations?.['k8s.io/initial-events-end'] === 'true';
}

describe('watches', () => {
  const server = connectToServer();

  async function collection(stem: string): Promise<string> {
    return paths.configMaps(await ownNamespace(server, stem));
  }

  it('from a list: every later transition, once, in order, with the objects as written', async () => {
    const path = await collection('from-list');
    await server.create(path, configMap('before'));
    const { metadata } = await server.list(path);
    await using watch = await server.watch(path, { resourceVersion: metadata.resourceVersion });
    const written = [
      await server.create(path, configMap('a')),
      await server.patch('merge', `${path}/a`, { data: { a: '1' } }),
      await server.create(path, configMap('b')),
    ];
    await server.delete(`${path}/a`);
    const events = await watch.take(4);
    assert.deepEqual(
      events.map((event) => `${event.type} ${event.object.metadata.name}`),
      ['ADDED a', 'MODIFIED a', 'ADDED b', 'DELETED a'],
    );
    assert.deepEqual(
      events.slice(0, 3).map((event) => event.object),
      written,
    );
  });

  it('from the past: replays what happened since', async () => {
    const path = await collection('from-past');
    const first = await server.create(path, configMap('a'));
    await server.patch('merge', `${path}/a`, { data: { a: '1' } });
    await server.patch('merge', `${path}/a`, { data: { a: '2' } });
    await server.delete(`${path}/a`);
    await using watch = await server.watch(path, { resourceVersion: first.metadata.resourceVersion });
    const events = await watch.take(3);
    assert.deepEqual(
      events.map((event) => [event.type, event.object.data?.a]),
      [
        ['MODIFIED', '1'],
        ['MODIFIED', '2'],
        ['DELETED', '2'],
      ],
    );
  });

  for (const [title, query] of [
    ['without a resourceVersion', {}],
    ['with resourceVersion=0', { resourceVersion: '0' }],
  ] as const) {
    it(`${title}: first what there is as ADDED, then what happens`, async () => {
      const path = await collection('initial');
      await server.create(path, configMap('b'));
      const last = await server.create(path, configMap('a'));
      await server.list(path, { resourceVersion: last.metadata.resourceVersion });
      await using watch = await server.watch(path, query);
      assert.deepEqual((await watch.summary(2)).sort(), ['ADDED a', 'ADDED b']);
      await server.delete(`${path}/a`);
      assert.deepEqual(await watch.summary(1), ['DELETED a']);
    });
  }

  it('of one object by its name', async () => {
    const path = await collection('by-name');
    const a = await server.create(path, configMap('a'));
    await using watch = await server.watch(path, {
      resourceVersion: a.metadata.resourceVersion,
      fieldSelector: 'metadata.name=b',
    });
    await server.patch('merge', `${path}/a`, { data: { a: '1' } });
    await server.create(path, configMap('b'));
    assert.deepEqual(await watch.summary(1), ['ADDED b']);
  });

  it('over all namespaces', async () => {
    const [first, second] = [await collection('all-first'), await collection('all-second')];
    const label = uniqueName('all');
    const { metadata } = await server.list(paths.allConfigMaps);
    await using watch = await server.watch(paths.allConfigMaps, {
      resourceVersion: metadata.resourceVersion,
      labelSelector: `test=${label}`,
    });
    await server.create(second, configMap('b', {}, { labels: { test: label } }));
    await server.create(first, configMap('a', {}, { labels: { test: label } }));
    assert.deepEqual(await watch.summary(2), ['ADDED b', 'ADDED a']);
  });

  it('of one namespace shows nothing of another', async () => {
    const [mine, other] = [await collection('mine'), await collection('other')];
    const { metadata } = await server.list(mine);
    await using watch = await server.watch(mine, { resourceVersion: metadata.resourceVersion });
    await server.create(other, configMap('theirs'));
    await server.create(mine, configMap('ours'));
    assert.deepEqual(await watch.summary(1), ['ADDED ours']);
  });

  it('with a label selector: an object that comes to match is ADDED, one that ceases to is DELETED', async () => {
    const path = await collection('selector');
    const created = await server.create(path, configMap('a', { step: '0' }, { labels: { color: 'blue' } }));
    await using watch = await server.watch(path, {
      resourceVersion: created.metadata.resourceVersion,
      labelSelector: 'color=red',
    });
    await server.patch('merge', `${path}/a`, { data: { step: '1' } });
    const entering = await server.patch('merge', `${path}/a`, {
      data: { step: '2' },
      metadata: { labels: { color: 'red' } },
    });
    const inside = await server.patch('merge', `${path}/a`, { data: { step: '3' } });
    const leaving = await server.patch('merge', `${path}/a`, {
      data: { step: '4' },
      metadata: { labels: { color: 'blue' } },
    });
    await server.delete(`${path}/a`);
    await server.create(path, configMap('end', {}, { labels: { color: 'red' } }));
    const events = await watch.take(4);
    assert.deepEqual(
      events.map((event) => [event.type, event.object.metadata.name, event.object.data?.step]),
      [
        ['ADDED', 'a', '2'],
        ['MODIFIED', 'a', '3'],
        // What the watcher last saw, but at the resourceVersion of the write that took it out of sight.
        ['DELETED', 'a', '3'],
        ['ADDED', 'end', undefined],
      ],
    );
    assert.deepEqual(
      events.slice(0, 3).map((event) => event.object.metadata.resourceVersion),
      [entering, inside, leaving].map((object) => object.metadata.resourceVersion),
    );
  });

  it('with a selector from resourceVersion=0 shows only what matches', async () => {
    const path = await collection('selected-initial');
    await server.create(path, configMap('a', {}, { labels: { color: 'blue' } }));
    const last = await server.create(path, configMap('b', {}, { labels: { color: 'red' } }));
    await server.list(path, { resourceVersion: last.metadata.resourceVersion });
    await using watch = await server.watch(path, { resourceVersion: '0', labelSelector: 'color=red' });
    assert.deepEqual(await watch.summary(1), ['ADDED b']);
  });

  it('with a field selector that an update leaves', async () => {
    const name = uniqueName('uncordoned');
    const created = await server.create(paths.nodes, node(name, { spec: { unschedulable: true } }));
    await using watch = await server.watch(paths.nodes, {
      resourceVersion: created.metadata.resourceVersion,
      fieldSelector: `spec.unschedulable=true,metadata.name=${name}`,
    });
    await server.patch('merge', `${paths.nodes}/${name}`, { spec: { unschedulable: null } });
    await server.patch('merge', `${paths.nodes}/${name}`, { spec: { unschedulable: true } });
    assert.deepEqual(await watch.summary(2), [`DELETED ${name}`, `ADDED ${name}`]);
  });

  it('a status write is seen as MODIFIED', async () => {
    const name = uniqueName('status');
    const created = await server.create(paths.nodes, node(name));
    await using watch = await server.watch(paths.nodes, {
      resourceVersion: created.metadata.resourceVersion,
      fieldSelector: `metadata.name=${name}`,
    });
    await server.patch('merge', `${paths.nodes}/${name}/status`, {
      status: { addresses: [{ type: 'Hostname', address: 'h' }] },
    });
    const [event] = await watch.take(1);
    assert.equal(event?.type, 'MODIFIED');
    assert.deepEqual(event.object.status.addresses, [{ type: 'Hostname', address: 'h' }]);
  });

  it('ends by itself after timeoutSeconds', async () => {
    const path = await collection('timeout');
    const { metadata } = await server.list(path);
    const started = performance.now();
    await using watch = await server.watch(path, { resourceVersion: metadata.resourceVersion, timeoutSeconds: 1 });
    assert.deepEqual(await watch.ended(), []);
    const seconds = (performance.now() - started) / 1000;
    assert.ok(seconds > 0.8 && seconds < 8, `${seconds} s`);
  });

  it('says where it is by a bookmark at the latest when it ends', async () => {
    const path = await collection('bookmark');
    const created = await server.create(path, configMap('a'));
    await using watch = await server.watch(path, {
      resourceVersion: created.metadata.resourceVersion,
      allowWatchBookmarks: true,
      timeoutSeconds: 4,
    });
    const unrelated = await server.create(await collection('unrelated'), configMap('b'));
    const events = await watch.ended();
    const bookmark = events.find((event) => event.type === 'BOOKMARK');
    assert.ok(bookmark, 'no bookmark came');
    assert.equal(bookmark.object.kind, 'ConfigMap');
    assert.equal(bookmark.object.apiVersion, 'v1');
    assert.ok(BigInt(bookmark.object.metadata.resourceVersion) >= BigInt(unrelated.metadata.resourceVersion));
  });

  it('continues without gap or repetition from the resourceVersion of a bookmark', async () => {
    const path = await collection('resumed');
    await server.create(path, configMap('a'));
    let resourceVersion = '';
    {
      await using watch = await server.watch(path, {
        resourceVersion: '0',
        resourceVersionMatch: 'NotOlderThan',
        sendInitialEvents: true,
        allowWatchBookmarks: true,
      });
      const initial = await watch.until(isInitialEnd);
      resourceVersion = initial.at(-1)?.object.metadata.resourceVersion ?? '';
    }
    const listed = (await server.list(path)).items.length;
    await server.create(path, configMap('b'));
    await using watch = await server.watch(path, { resourceVersion });
    assert.equal(listed, 1);
    assert.equal((await watch.summary(1)).at(-1), 'ADDED b');
  });

  it('streams a list: what there is, then a bookmark that ends it, then what happens', async () => {
    const path = await collection('streamed');
    for (const name of ['c', 'a', 'b']) await server.create(path, configMap(name));
    const { metadata } = await server.list(path);
    await using watch = await server.watch(path, {
      sendInitialEvents: true,
      resourceVersionMatch: 'NotOlderThan',
      allowWatchBookmarks: true,
    });
    const initial = await watch.until(isInitialEnd);
    assert.deepEqual(
      initial.slice(0, -1).map((event) => `${event.type} ${event.object.metadata.name}`),
      ['ADDED a', 'ADDED b', 'ADDED c'],
    );
    const end = initial.at(-1)?.object.metadata.resourceVersion ?? '0';
    assert.ok(BigInt(end) >= BigInt(metadata.resourceVersion), `${end} is older than ${metadata.resourceVersion}`);
    const patched = await server.patch('merge', `${path}/a`, { data: { a: '1' } });
    const [event] = await watch.take(1);
    assert.equal(event?.type, 'MODIFIED');
    assert.deepEqual(event.object, patched);
  });

  it('streams an empty list', async () => {
    const path = await collection('streamed-empty');
    await using watch = await server.watch(path, {
      sendInitialEvents: true,
      resourceVersionMatch: 'NotOlderThan',
      allowWatchBookmarks: true,
    });
    const initial = await watch.until(isInitialEnd);
    assert.equal(initial.length, 1);
  });

  it('streams a list that is at least as new as the resourceVersion asked for', async () => {
    const path = await collection('streamed-new');
    const created = await server.create(path, configMap('a'));
    await using watch = await server.watch(path, {
      sendInitialEvents: true,
      resourceVersionMatch: 'NotOlderThan',
      resourceVersion: created.metadata.resourceVersion,
      allowWatchBookmarks: true,
    });
    const initial = await watch.until(isInitialEnd);
    assert.deepEqual(
      initial.slice(0, -1).map((event) => event.object),
      [created],
    );
  });

  it('refuses a streaming list without resourceVersionMatch', async () => {
    const status = await server.refused(422, 'GET', paths.nodes, {
      query: { watch: true, sendInitialEvents: true, allowWatchBookmarks: true },
    });
    assert.equal(status.reason, 'Invalid');
    assert.equal(status.details?.causes?.[0]?.field, 'resourceVersionMatch');
  });

  it('with sendInitialEvents=false from now sends only what happens', async () => {
    const path = await collection('from-now');
    await server.create(path, configMap('a'));
    await using watch = await server.watch(path, {
      sendInitialEvents: false,
      resourceVersionMatch: 'NotOlderThan',
      allowWatchBookmarks: true,
    });
    await server.create(path, configMap('b'));
    assert.deepEqual(await watch.summary(1), ['ADDED b']);
  });

  it('refuses resourceVersionMatch on a watch without sendInitialEvents', async () => {
    const status = await server.refused(422, 'GET', paths.nodes, {
      query: { watch: true, resourceVersion: '0', resourceVersionMatch: 'NotOlderThan' },
    });
    assert.equal(status.reason, 'Invalid');
  });

  it('shows a thousand writes to two watchers alike, each once and in order', async () => {
    const path = await collection('many');
    const { metadata } = await server.list(path);
    const query = { resourceVersion: metadata.resourceVersion };
    await using one = await server.watch(path, query);
    await using two = await server.watch(path, { ...query, allowWatchBookmarks: true });
    const objects = 20;
    const writes = 50;
    await Promise.all(
      Array.from({ length: objects }, async (_, index) => {
        const name = `object-${index}`;
        await server.create(path, configMap(name, { write: '1' }));
        for (let write = 2; write < writes; write++) {
          await server.patch('merge', `${path}/${name}`, { data: { write: String(write) } });
        }
        await server.delete(`${path}/${name}`);
      }),
    );
    const [first, second] = [await one.take(objects * writes), await two.take(objects * writes)];
    assert.deepEqual(first, second);
    const versions = first.map((event) => BigInt(event.object.metadata.resourceVersion));
    assert.ok(versions.every((version, index) => index === 0 || version > (versions[index - 1] ?? 0n)));
    for (let index = 0; index < objects; index++) {
      const own = first.filter((event) => event.object.metadata.name === `object-${index}`);
      assert.deepEqual(
        own.map((event) => event.object.data?.write),
        [...Array.from({ length: writes - 1 }, (_, write) => String(write + 1)), String(writes - 1)],
      );
      assert.equal(own[0]?.type, 'ADDED');
      assert.equal(own.at(-1)?.type, 'DELETED');
    }
  });
});
