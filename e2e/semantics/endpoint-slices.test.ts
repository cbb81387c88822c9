import assert from 'node:assert/strict';
import { describe, it } from '../harness/node-test.ts';
import { connectToServer, ownNamespace, paths } from './wire/fixture.ts';

describe('endpoint slices', () => {
  const server = connectToServer();

  function slice(name: string, of: string, address: string) {
    return {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name, labels: { 'kubernetes.io/service-name': of } },
      addressType: 'IPv4',
      endpoints: [{ addresses: [address], conditions: { ready: true }, nodeName: 'n' }],
      ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
    };
  }

  it('are found by the Service that they belong to', async () => {
    const collection = paths.endpointSlices(await ownNamespace(server, 'slices'));
    await server.create(collection, slice('one', 'a', '10.1.0.1'));
    await server.create(collection, slice('two', 'b', '10.1.0.2'));
    const list = await server.list(collection, { labelSelector: 'kubernetes.io/service-name=a' });
    assert.deepEqual(
      list.items.map((item) => item.metadata.name),
      ['one'],
    );
    assert.deepEqual(list.items[0]?.endpoints, [
      { addresses: ['10.1.0.1'], conditions: { ready: true }, nodeName: 'n' },
    ]);
  });

  it('are watched like everything else', async () => {
    const collection = paths.endpointSlices(await ownNamespace(server, 'slices'));
    const created = await server.create(collection, slice('one', 'a', '10.1.0.1'));
    await using watch = await server.watch(collection, { resourceVersion: created.metadata.resourceVersion });
    await server.patch('merge', `${collection}/one`, { endpoints: [] });
    await server.delete(`${collection}/one`);
    assert.deepEqual(await watch.summary(2), ['MODIFIED one', 'DELETED one']);
  });

  it('do not change their address type', async () => {
    const collection = paths.endpointSlices(await ownNamespace(server, 'slices'));
    await server.create(collection, slice('one', 'a', '10.1.0.1'));
    const status = await server.refusedPatch(422, 'merge', {
      path: `${collection}/one`,
      body: { addressType: 'IPv6', endpoints: [] },
    });
    assert.equal(status.reason, 'Invalid');
  });
});
