import { describe, expect, it } from '@jest/globals';
import { ApiError } from '../../kube/client/api-error.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { TestCluster } from '../test-cluster.ts';
import { Members } from './member-state.ts';
import { ServicePublisher } from './service-publisher.ts';
import { testService } from './test-kind.ts';

const writes = { addFinalizer: 'example.org/finalizer' };
const signal = new AbortController().signal;

function setUp() {
  const cluster = new TestCluster();
  const publisher = new ServicePublisher({
    store: cluster.services.store,
    client: cluster.client,
    fence: undefined,
    clock: new FakeClock(),
  });
  const service = cluster.putService(testService('web'));
  const member = new Members().add(service, 'wanted', '');
  const key = member.key;
  return { cluster, publisher, member, key, finalizers: () => cluster.service(key)?.metadata.finalizers };
}

/** The API server's answer when it can't merge a patch because others write faster. */
function contention(times: number): () => void {
  let left = times;
  return () => {
    if (left-- > 0) throw new ApiError('the object has been modified', { kind: 'conflict', status: 409 });
  };
}

describe('ServicePublisher', () => {
  it('writes again when others were faster, because the Service is not gone', async () => {
    const { cluster, publisher, member, finalizers } = setUp();
    cluster.beforePatch = contention(2);
    expect(await publisher.write(member, writes, signal)).toBe('written');
    expect(finalizers()).toContain('example.org/finalizer');
  });

  it('leaves it to a later attempt when there is no end to it', async () => {
    const { cluster, publisher, member } = setUp();
    cluster.beforePatch = contention(Number.POSITIVE_INFINITY);
    await expect(publisher.write(member, writes, signal)).rejects.toMatchObject({ kind: 'conflict' });
    expect(cluster.patches).toHaveLength(5);
  });

  it('knows that another Service of the name is another one', async () => {
    const { cluster, publisher, member, key, finalizers } = setUp();
    cluster.dropService(key);
    const other = testService('web');
    cluster.putService({ ...other, metadata: { ...other.metadata, uid: 'another' } });
    expect(await publisher.write(member, writes, signal)).toBe('gone');
    expect(finalizers()).toEqual([]);
  });

  it('believes no cache that lags: a replaced Service is tried until the cache knows of the other one', async () => {
    const { cluster, publisher, member, key, finalizers } = setUp();
    const tell = cluster.holdInformers();
    cluster.dropService(key);
    const other = testService('web');
    cluster.putService({ ...other, metadata: { ...other.metadata, uid: 'another' } });
    await expect(publisher.write(member, writes, signal)).rejects.toMatchObject({ kind: 'conflict' });
    tell();
    expect(await publisher.write(member, writes, signal)).toBe('gone');
    expect(finalizers()).toEqual([]);
  });

  it('knows that a Service that is not there is gone', async () => {
    const { cluster, publisher, member, key } = setUp();
    cluster.dropService(key);
    expect(await publisher.write(member, writes, signal)).toBe('gone');
  });
});
