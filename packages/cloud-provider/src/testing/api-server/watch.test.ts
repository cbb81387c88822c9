import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Duration } from '../../base/duration.ts';
import { FakeClock } from '../fake-clock.ts';
import { startApiServer } from './api-server.ts';
import type { ApiServer } from './api-server.ts';
import { textAt, valueAt } from './json.ts';
import { RawClient } from './raw-client.ts';
import type { RawWatch } from './raw-client.ts';

const nodes = '/api/v1/nodes';

async function take(watch: RawWatch, count: number): Promise<string[]> {
  const taken: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const event = await watch.next();
    taken.push(event === undefined ? 'end' : `${event.type} ${textAt(event.object, ['metadata', 'name'])}`.trim());
  }
  return taken;
}

describe('watches', () => {
  let clock: FakeClock;
  let server: ApiServer;
  let client: RawClient;

  beforeEach(async () => {
    clock = new FakeClock();
    server = await startApiServer({ clock });
    client = new RawClient(server);
  });
  afterEach(() => server[Symbol.asyncDispose]());

  it('tells what happens after a version, in order and once', async () => {
    const from = server.store.resourceVersion;
    server.store.create('nodes', { metadata: { name: 'a' } });
    await using watch = await client.watch(`${nodes}?resourceVersion=${from}`);
    expect(await take(watch, 1)).toEqual(['ADDED a']);
    server.store.patch('nodes', 'a', { spec: { unschedulable: true } });
    server.store.patch('nodes', 'a', { spec: { unschedulable: true } });
    server.store.delete('nodes', 'a');
    server.store.create('nodes', { metadata: { name: 'b' } });
    expect(await take(watch, 3)).toEqual(['MODIFIED a', 'DELETED a', 'ADDED b']);
  });

  it('gives a deletion its own version and the last state', async () => {
    await using watch = await client.watch(`${nodes}?resourceVersion=${server.store.resourceVersion}`);
    server.store.create('nodes', { metadata: { name: 'a', labels: { last: 'state' } } });
    server.store.delete('nodes', 'a');
    await watch.next();
    const deleted = await watch.next();
    expect(deleted?.object).toMatchObject({
      metadata: { resourceVersion: server.store.resourceVersion, labels: { last: 'state' } },
    });
  });

  it.each([[''], ['?resourceVersion=0']])('starts with what is there for %j', async (query) => {
    for (const name of ['b', 'a']) server.store.create('nodes', { metadata: { name } });
    await using watch = await client.watch(nodes + query);
    expect(await take(watch, 2)).toEqual(['ADDED a', 'ADDED b']);
  });

  it('streams a list and says where it ends', async () => {
    for (const name of ['b', 'a']) server.store.create('nodes', { metadata: { name } });
    await using watch = await client.watch(
      `${nodes}?sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`,
    );
    expect(await take(watch, 2)).toEqual(['ADDED a', 'ADDED b']);
    expect(await watch.next()).toMatchObject({
      type: 'BOOKMARK',
      object: {
        kind: 'Node',
        metadata: {
          resourceVersion: server.store.resourceVersion,
          annotations: { 'k8s.io/initial-events-end': 'true' },
        },
      },
    });
    server.store.delete('nodes', 'a');
    expect(await take(watch, 1)).toEqual(['DELETED a']);
  });

  it('starts without the past when told so', async () => {
    server.store.create('nodes', { metadata: { name: 'a' } });
    await using watch = await client.watch(`${nodes}?sendInitialEvents=false&resourceVersionMatch=NotOlderThan`);
    server.store.create('nodes', { metadata: { name: 'b' } });
    expect(await take(watch, 1)).toEqual(['ADDED b']);
  });

  it('sees objects enter and leave its selector', async () => {
    await using watch = await client.watch(
      `${nodes}?resourceVersion=${server.store.resourceVersion}&labelSelector=in%3Dyes`,
    );
    server.store.create('nodes', { metadata: { name: 'a' } });
    server.store.patch('nodes', 'a', { metadata: { labels: { in: 'yes' } } });
    server.store.patch('nodes', 'a', { metadata: { labels: { other: '1' } } });
    server.store.patch('nodes', 'a', { metadata: { labels: { in: 'no' } } });
    server.store.delete('nodes', 'a');
    server.store.create('nodes', { metadata: { name: 'b', labels: { in: 'yes' } } });
    expect(await take(watch, 2)).toEqual(['ADDED a', 'MODIFIED a']);
    const left = await watch.next();
    expect(left).toMatchObject({
      type: 'DELETED',
      object: { metadata: { name: 'a', labels: { in: 'yes', other: '1' } } },
    });
    expect(Number(valueAt(left?.object, ['metadata', 'resourceVersion']))).toBe(
      Number(server.store.resourceVersion) - 2,
    );
    expect(await take(watch, 1)).toEqual(['ADDED b']);
  });

  it('sees one namespace, or one object', async () => {
    const version = server.store.resourceVersion;
    for (const namespace of ['default', 'kube-system']) {
      for (const name of ['a', 'b']) server.store.create('configmaps', { metadata: { name, namespace } });
    }
    await using inside = await client.watch(`/api/v1/namespaces/kube-system/configmaps?resourceVersion=${version}`);
    expect(await take(inside, 2)).toEqual(['ADDED a', 'ADDED b']);
    await using one = await client.watch(
      `/api/v1/configmaps?resourceVersion=${version}&fieldSelector=metadata.name%3Db`,
    );
    expect(await take(one, 2)).toEqual(['ADDED b', 'ADDED b']);
  });

  it('ends after its time', async () => {
    await using watch = await client.watch(`${nodes}?timeoutSeconds=10`);
    await clock.advance(Duration.seconds(9));
    server.store.create('nodes', { metadata: { name: 'a' } });
    expect(await take(watch, 1)).toEqual(['ADDED a']);
    await clock.advance(Duration.seconds(1));
    expect(await take(watch, 1)).toEqual(['end']);
    expect(server.faults.openWatches()).toBe(0);
  });

  it('sends bookmarks every minute and before the end, to those who want them', async () => {
    await using watch = await client.watch(`${nodes}?allowWatchBookmarks=true&timeoutSeconds=90`);
    await using without = await client.watch(`${nodes}?timeoutSeconds=90`);
    server.store.create('configmaps', { metadata: { name: 'elsewhere' } });
    await clock.advance(Duration.seconds(60));
    const bookmark = await watch.next();
    expect(bookmark).toMatchObject({
      type: 'BOOKMARK',
      object: { metadata: { resourceVersion: server.store.resourceVersion } },
    });
    await clock.advance(Duration.seconds(28));
    expect(await take(watch, 1)).toEqual(['BOOKMARK']);
    await clock.advance(Duration.seconds(2));
    expect(await take(watch, 1)).toEqual(['end']);
    expect(await take(without, 1)).toEqual(['end']);
  });

  it('answers a version that is forgotten with an ERROR event', async () => {
    server.store.create('nodes', { metadata: { name: 'a' } });
    server.forgetHistory();
    server.store.create('nodes', { metadata: { name: 'b' } });
    await using watch = await client.watch(`${nodes}?resourceVersion=1`);
    expect(await watch.next()).toMatchObject({
      type: 'ERROR',
      object: { kind: 'Status', code: 410, reason: 'Expired' },
    });
    expect(await take(watch, 1)).toEqual(['end']);
  });

  it('waits in silence for a version of the future', async () => {
    const version = Number(server.store.resourceVersion) + 1;
    await using watch = await client.watch(`${nodes}?resourceVersion=${version}`);
    server.store.create('nodes', { metadata: { name: 'a' } });
    server.store.create('nodes', { metadata: { name: 'b' } });
    expect(await take(watch, 1)).toEqual(['ADDED b']);
  });

  it.each([
    ['sendInitialEvents=true', 422],
    ['resourceVersionMatch=NotOlderThan', 422],
    ['sendInitialEvents=true&resourceVersionMatch=Exact', 422],
    ['sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=99999', 504],
    ['resourceVersion=x', 400],
  ])('refuses %s with %d', async (query, code) => {
    await using watch = await client.watch(`${nodes}?${query}`);
    expect(watch.code).toBe(code);
  });

  it('speaks in tables and in metadata alone', async () => {
    await using rows = await client.watch(nodes, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
    await using partial = await client.watch(nodes, {
      accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
    });
    server.store.create('nodes', { metadata: { name: 'a' } });
    server.store.create('nodes', { metadata: { name: 'b' } });
    expect((await rows.next())?.object).toMatchObject({
      kind: 'Table',
      columnDefinitions: [{ name: 'Name' }, {}, {}, {}, {}, {}, {}, {}, {}, {}],
    });
    expect((await rows.next())?.object).toMatchObject({
      columnDefinitions: null,
      rows: [{ cells: expect.arrayContaining(['b']) }],
    });
    expect((await partial.next())?.object).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'a' } });
  });

  it('keeps no more history than it was told', async () => {
    await using small = await startApiServer({ historySize: 5 });
    const version = small.store.resourceVersion;
    for (let index = 0; index < 10; index += 1) small.store.create('configmaps', { metadata: { name: `c${index}` } });
    await using watch = await new RawClient(small).watch(`/api/v1/configmaps?resourceVersion=${version}`);
    expect((await watch.next())?.type).toBe('ERROR');
    await using recent = await new RawClient(small).watch(`/api/v1/configmaps?resourceVersion=${Number(version) + 6}`);
    expect(await take(recent, 1)).toEqual(['ADDED c6']);
  });
});
