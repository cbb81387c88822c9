import assert from 'node:assert/strict';
import { describe, it } from '../../harness/node-test.ts';
import { connectToServer, ownNamespace, paths } from '../wire/fixture.ts';
import { forgetHistory } from '../wire/history-control.ts';
import type { WireList, WireStatus } from '../wire/objects.ts';

describe('a past that the server has forgotten', () => {
  const server = connectToServer();

  async function forgottenPage(): Promise<{ path: string; page: WireList }> {
    const namespace = await ownNamespace(server, 'forgotten');
    const path = paths.coreEvents(namespace);
    for (const name of ['a', 'b', 'c']) {
      await server.create(path, {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name, namespace },
        involvedObject: { kind: 'Service', namespace, name: 'a' },
        reason: 'Told',
      });
    }
    const page = await server.list(path, { limit: 1 });
    await server.patch('merge', `${path}/a`, { message: 'later' });
    await server.delete(`${path}/c`);
    await forgetHistory();
    return { path, page };
  }

  it('cannot be watched from: an ERROR event with 410 Expired, or 410 itself', async () => {
    const { path, page } = await forgottenPage();
    const reply = await server.send('GET', path, {
      query: { watch: true, resourceVersion: page.metadata.resourceVersion, timeoutSeconds: 2 },
    });
    const first = (typeof reply.body === 'string' ? JSON.parse(reply.body.split('\n')[0] ?? '') : reply.body) as
      | WireStatus
      | { type: string; object: WireStatus };
    if (reply.status === 200) assert.equal('type' in first && first.type, 'ERROR');
    else assert.equal(reply.status, 410);
    const status = 'object' in first ? first.object : first;
    assert.deepEqual([status.kind, status.code, status.reason], ['Status', 410, 'Expired']);
  });

  it('cannot be listed exactly: 410 Expired', async () => {
    const { path, page } = await forgottenPage();
    const status = await server.refused(410, 'GET', path, {
      query: { resourceVersion: page.metadata.resourceVersion, resourceVersionMatch: 'Exact' },
    });
    assert.equal(status.reason, 'Expired');
  });

  it('cannot be paged through: 410 Expired, with a token to go on inconsistently', async () => {
    const { path, page } = await forgottenPage();
    const token = page.metadata.continue ?? '';
    const status = await server.refused(410, 'GET', path, { query: { limit: 1, continue: token } });
    assert.equal(status.reason, 'Expired');
    const { metadata } = status as unknown as WireList;
    assert.ok(metadata.continue);
    const rest = await server.list(path, { limit: 10, continue: metadata.continue });
    assert.deepEqual(
      rest.items.map((item) => item.metadata.name),
      ['b'],
    );
    assert.ok(BigInt(rest.metadata.resourceVersion) > BigInt(page.metadata.resourceVersion));
  });

  it('can be listed anew and watched from there', async () => {
    const { path } = await forgottenPage();
    const list = await server.list(path);
    assert.deepEqual(
      list.items.map((item) => item.metadata.name),
      ['a', 'b'],
    );
    await using watch = await server.watch(path, { resourceVersion: list.metadata.resourceVersion });
    await server.delete(`${path}/b`);
    assert.deepEqual(await watch.summary(1), ['DELETED b']);
  });
});
