import assert from 'node:assert/strict';
import { describe, it } from '../harness/node-test.ts';
import { connectToServer, lease, ownNamespace, paths } from './wire/fixture.ts';

describe('leases', () => {
  const server = connectToServer();

  it('keeps microseconds of the times', async () => {
    const collection = paths.leases(await ownNamespace(server, 'times'));
    const spec = {
      holderIdentity: 'one',
      leaseDurationSeconds: 15,
      acquireTime: '2026-01-02T03:04:05.678901Z',
      renewTime: '2026-01-02T03:04:06.000000Z',
      leaseTransitions: 0,
    };
    const created = await server.create(collection, lease('a', spec));
    assert.deepEqual(created.spec, spec);
    assert.equal(created.apiVersion, 'coordination.k8s.io/v1');
  });

  it('lets only one of two candidates create it', async () => {
    const collection = paths.leases(await ownNamespace(server, 'race'));
    const replies = await Promise.all(
      ['one', 'two'].map((holderIdentity) => server.send('POST', collection, { body: lease('a', { holderIdentity }) })),
    );
    assert.deepEqual(replies.map((reply) => reply.status).sort(), [201, 409]);
  });

  it('lets only one of many candidates take it over', async () => {
    const collection = paths.leases(await ownNamespace(server, 'takeover'));
    const held = await server.create(collection, lease('a', { holderIdentity: 'old', leaseTransitions: 3 }));
    const replies = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        server.send('PUT', `${collection}/a`, {
          body: { ...held, spec: { holderIdentity: `candidate-${index}`, leaseTransitions: 4 } },
        }),
      ),
    );
    assert.deepEqual(replies.map((reply) => reply.status).sort(), [200, 409, 409, 409, 409, 409, 409, 409]);
    const winner = replies.findIndex((reply) => reply.status === 200);
    assert.equal((await server.get(`${collection}/a`)).spec.holderIdentity, `candidate-${winner}`);
  });

  it('lets a holder renew with the answer to its last write, and nobody else in between', async () => {
    const collection = paths.leases(await ownNamespace(server, 'renew'));
    const first = await server.create(collection, lease('a', { holderIdentity: 'one' }));
    const second = await server.update(`${collection}/a`, {
      ...first,
      spec: { ...first.spec, renewTime: '2026-01-01T00:00:01.000000Z' },
    });
    await server.update(`${collection}/a`, {
      ...second,
      spec: { ...second.spec, renewTime: '2026-01-01T00:00:02.000000Z' },
    });
    await server.refused(409, 'PUT', `${collection}/a`, { body: { ...second, spec: { holderIdentity: 'two' } } });
  });

  it('can be released with an empty holder', async () => {
    const collection = paths.leases(await ownNamespace(server, 'release'));
    const held = await server.create(collection, lease('a', { holderIdentity: 'one', leaseDurationSeconds: 15 }));
    const released = await server.update(`${collection}/a`, {
      ...held,
      spec: { holderIdentity: '', leaseDurationSeconds: 1, leaseTransitions: 0 },
    });
    assert.equal(released.spec.holderIdentity ?? '', '');
  });

  it('shows renewals to a watcher', async () => {
    const collection = paths.leases(await ownNamespace(server, 'watched'));
    const created = await server.create(collection, lease('a', { holderIdentity: 'one' }));
    await using watch = await server.watch(collection, { resourceVersion: created.metadata.resourceVersion });
    await server.patch('merge', `${collection}/a`, { spec: { renewTime: '2026-01-01T00:00:01.000000Z' } });
    const [event] = await watch.take(1);
    assert.equal(event?.type, 'MODIFIED');
    assert.equal(event.object.spec.renewTime, '2026-01-01T00:00:01.000000Z');
  });

  it('refuses a duration that is not positive', async () => {
    const collection = paths.leases(await ownNamespace(server, 'invalid'));
    const status = await server.refused(422, 'POST', collection, {
      body: lease('a', { holderIdentity: 'one', leaseDurationSeconds: 0 }),
    });
    assert.equal(status.details?.causes?.[0]?.field, 'spec.leaseDurationSeconds');
  });
});
