import type { ServerResponse } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { Duration } from '../../base/duration.ts';
import { events, leases, nodes, services } from '../resources.ts';
import {
  ApiError,
  isAborted,
  isAlreadyExists,
  isConflict,
  isExpired,
  isForbidden,
  isInvalid,
  isNotFound,
} from './api-error.ts';
import { refuse, reply, ScriptedServer } from './testdata/scripted-server.ts';
import { FencedError, isFenced } from './write-fence.ts';

const signal = new AbortController().signal;
const n1 = { namespace: '', name: 'n1' };
const node = (name: string, resourceVersion = '1') => ({
  kind: 'Node',
  apiVersion: 'v1',
  metadata: { name, resourceVersion, uid: `uid-${name}` },
});

async function errorOf(promise: Promise<unknown>): Promise<ApiError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

describe('requests', () => {
  it('reads one object', async () => {
    await using server = await ScriptedServer.start((_request, response) => reply(response, 200, node('n1')));
    const client = await server.client();
    const read = await client.get(nodes, n1, { signal });
    expect(read.metadata.name).toBe('n1');
    expect(read.spec.taints).toEqual([]);
    expect(server.requests[0]).toMatchObject({ method: 'GET', path: '/api/v1/nodes/n1' });
    expect(server.requests[0]?.headers['user-agent']).toBe('test/1.0');
  });

  it('escapes names and uses the group of the resource', async () => {
    await using server = await ScriptedServer.start((_request, response) =>
      reply(response, 200, { metadata: { name: 'x' } }),
    );
    const client = await server.client();
    await client.get(leases, { namespace: 'a b', name: 'c/d' }, { signal });
    expect(server.requests[0]?.path).toBe('/apis/coordination.k8s.io/v1/namespaces/a%20b/leases/c%2Fd');
  });

  it('puts pages together under one version', async () => {
    await using server = await ScriptedServer.start((request, response) => {
      const second = request.query.get('continue') === 'more';
      const metadata = second ? { resourceVersion: '7' } : { resourceVersion: '7', continue: 'more' };
      reply(response, 200, { kind: 'NodeList', apiVersion: 'v1', metadata, items: [node(second ? 'n2' : 'n1')] });
    });
    const client = await server.client();
    const list = await client.list(nodes, { signal, pageSize: 1, labelSelector: 'a=b', resourceVersion: '5' });
    expect(list.items.map((item) => item.metadata.name)).toEqual(['n1', 'n2']);
    expect(list.resourceVersion).toBe('7');
    const [first, second] = server.requests.map((request) => Object.fromEntries(request.query));
    expect(first).toEqual({
      limit: '1',
      labelSelector: 'a=b',
      resourceVersion: '5',
      resourceVersionMatch: 'NotOlderThan',
    });
    expect(second).toEqual({ limit: '1', labelSelector: 'a=b', continue: 'more' });
  });

  it('creates with kind, version and field manager', async () => {
    await using server = await ScriptedServer.start((_request, response) =>
      reply(response, 201, { metadata: { name: 'e', namespace: 'ns' } }),
    );
    const client = await server.client();
    await client.create(events, { metadata: { name: 'e', namespace: 'ns' }, note: 'hello' }, { signal, dryRun: true });
    expect(server.requests[0]).toMatchObject({ method: 'POST', path: '/apis/events.k8s.io/v1/namespaces/ns/events' });
    expect(Object.fromEntries(server.requests[0]!.query)).toEqual({ fieldManager: 'test', dryRun: 'All' });
    expect(JSON.parse(server.requests[0]!.body)).toEqual({
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: 'e', namespace: 'ns' },
      note: 'hello',
    });
  });

  it.each([
    ['merge', { type: 'merge', body: { a: null } }, 'application/merge-patch+json', { a: null }],
    ['strategic', { type: 'strategic', body: { a: 1 } }, 'application/strategic-merge-patch+json', { a: 1 }],
    [
      'json',
      { type: 'json', operations: [{ op: 'remove', path: '/a' }] },
      'application/json-patch+json',
      [{ op: 'remove', path: '/a' }],
    ],
    [
      'apply',
      { type: 'apply', body: { spec: { x: 1 } }, force: true },
      'application/apply-patch+yaml',
      { apiVersion: 'v1', kind: 'Service', metadata: { name: 's', namespace: 'd' }, spec: { x: 1 } },
    ],
  ] as const)('patches (%s) and keeps only the version', async (type, patch, contentType, body) => {
    await using server = await ScriptedServer.start((_request, response) =>
      reply(response, 200, { kind: 'PartialObjectMetadata', metadata: { name: 's', resourceVersion: '9' } }),
    );
    const client = await server.client();
    const result = await client.patch(services, { namespace: 'd', name: 's' }, patch, {
      signal,
      subresource: 'status',
      fieldManager: 'me',
    });
    expect(result).toEqual({ resourceVersion: '9' });
    const [request] = server.requests;
    expect(request?.path).toBe('/api/v1/namespaces/d/services/s/status');
    expect(request?.headers['content-type']).toBe(contentType);
    expect(request?.headers.accept).toContain('as=PartialObjectMetadata');
    expect(request?.query.get('fieldManager')).toBe('me');
    expect(request?.query.get('force')).toBe(type === 'apply' ? 'true' : null);
    expect(JSON.parse(request!.body)).toEqual(body);
  });

  it('deletes under preconditions', async () => {
    await using server = await ScriptedServer.start((_request, response) => reply(response, 200, { kind: 'Status' }));
    const client = await server.client();
    await client.delete(nodes, n1, { signal, preconditions: { uid: 'u', resourceVersion: '3' } });
    expect(JSON.parse(server.requests[0]!.body)).toEqual({
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      preconditions: { uid: 'u', resourceVersion: '3' },
    });
  });

  it('sends anything else raw, whatever the answer', async () => {
    await using server = await ScriptedServer.start((_request, response) => {
      response.writeHead(500, { 'content-type': 'text/plain', 'x-a': 'b' });
      response.end('[-]etcd failed');
    });
    const client = await server.client();
    const answer = await client.raw({ method: 'GET', path: ['readyz'], query: { verbose: '1' }, signal });
    expect([answer.status, answer.header('x-a'), answer.text()]).toEqual([500, 'b', '[-]etcd failed']);
    expect(() => answer.json()).toThrow(ApiError);
  });
});

describe('answers that are no success', () => {
  it.each([
    [404, 'NotFound', isNotFound],
    [409, 'AlreadyExists', isAlreadyExists],
    [409, 'Conflict', isConflict],
    [410, 'Expired', isExpired],
    [410, 'Gone', isExpired],
    [422, 'Invalid', isInvalid],
    [403, 'Forbidden', isForbidden],
  ])('%i %s', async (code, reason, is) => {
    await using server = await ScriptedServer.start((_request, response) =>
      refuse(response, code, reason, {
        details: {
          kind: 'nodes',
          name: 'n1',
          causes: [{ reason: 'FieldValueInvalid', field: 'spec.x', message: 'm' }],
        },
      }),
    );
    const client = await server.client();
    const error = await errorOf(client.get(nodes, n1, { signal }));
    expect(is(error)).toBe(true);
    expect(error).toMatchObject({
      status: code,
      reason,
      outcome: 'refused',
      message: `get nodes/n1: ${code} ${reason}: it is ${reason}`,
    });
    expect(error.details).toEqual({
      group: '',
      kind: 'nodes',
      name: 'n1',
      uid: '',
      causes: [{ field: 'spec.x', reason: 'FieldValueInvalid', message: 'm' }],
    });
  });

  it('understands an answer that is no Status by its code', async () => {
    await using server = await ScriptedServer.start((_request, response) => {
      response.writeHead(413, { 'content-type': 'text/html' });
      response.end('<html>');
    });
    const client = await server.client();
    expect(await errorOf(client.get(nodes, n1, { signal }))).toMatchObject({
      kind: 'tooLarge',
      status: 413,
      reason: '',
    });
  });

  it.each(['{"metadata":{"na', '<html>', '{}{}', ''])('calls a body that is no object malformed: %j', async (body) => {
    await using server = await ScriptedServer.start((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(body);
    });
    const client = await server.client();
    expect(await errorOf(client.get(nodes, n1, { signal }))).toMatchObject({ kind: 'malformedReply' });
  });
});

describe('repeating', () => {
  it('repeats a write that was declined for load, after the time the server asked for', async () => {
    let declined = 0;
    await using server = await ScriptedServer.start((_request, response) => {
      if (declined++ < 2) refuse(response, 429, 'TooManyRequests', { headers: { 'retry-after': '0' } });
      else reply(response, 200, { metadata: { resourceVersion: '2' } });
    });
    const client = await server.client();
    const fence = { calls: 0, assertHeld: () => void fence.calls++ };
    expect(await client.patch(nodes, n1, { type: 'merge', body: {} }, { signal, fence })).toEqual({
      resourceVersion: '2',
    });
    expect(server.requests).toHaveLength(3);
    // Before the work of sending and immediately before the bytes, for each attempt.
    expect(fence.calls).toBe(6);
  });

  it('does not repeat a write whose fate is unknown', async () => {
    await using server = await ScriptedServer.start((_request, response) => void response.socket?.destroy());
    const client = await server.client();
    const error = await errorOf(client.patch(nodes, n1, { type: 'merge', body: {} }, { signal }));
    expect(error).toMatchObject({ kind: 'connectionFailed', outcome: 'unknown' });
    expect(server.requests).toHaveLength(1);
  });

  it.each([500, 503, 504])('does not repeat a write that failed with %i', async (code) => {
    await using server = await ScriptedServer.start((_request, response) =>
      refuse(response, code, '', { headers: { 'retry-after': '0' } }),
    );
    const client = await server.client();
    await errorOf(client.patch(nodes, n1, { type: 'merge', body: {} }, { signal }));
    expect(server.requests).toHaveLength(1);
  });

  it('repeats a read whose connection was lost', async () => {
    let calls = 0;
    await using server = await ScriptedServer.start((_request, response) => {
      if (calls++ === 0) response.socket?.destroy();
      else reply(response, 200, node('n1'));
    });
    const client = await server.client();
    expect((await client.get(nodes, n1, { signal })).metadata.name).toBe('n1');
  });

  it('says of a server that cannot be reached that nothing was sent', async () => {
    await using server = await ScriptedServer.start(() => {});
    const client = await server.client();
    await server.stop();
    const error = await errorOf(client.create(nodes, { metadata: { name: 'n' } }, { signal }));
    expect(error).toMatchObject({ kind: 'connectionFailed', outcome: 'notSent' });
  });

  it('asks for new credentials once when they are refused', async () => {
    await using server = await ScriptedServer.start((_request, response) => refuse(response, 401, 'Unauthorized'));
    const client = await server.client();
    expect(await errorOf(client.get(nodes, n1, { signal }))).toMatchObject({ kind: 'unauthorized' });
    expect(server.requests).toHaveLength(2);
  });
});

describe('limits', () => {
  it('ends at the deadline', async () => {
    await using server = await ScriptedServer.start(() => {});
    const client = await server.client();
    const error = await errorOf(client.get(nodes, n1, { signal, timeout: Duration.milliseconds(30) }));
    expect(error).toMatchObject({ kind: 'timeout', outcome: 'unknown' });
  });

  it('ends with the signal, before and during the request', async () => {
    await using server = await ScriptedServer.start(() => controller.abort());
    const controller = new AbortController();
    const client = await server.client();
    const during = await errorOf(client.get(nodes, n1, { signal: controller.signal }));
    expect([isAborted(during), during.outcome]).toEqual([true, 'unknown']);
    const before = await errorOf(client.get(nodes, n1, { signal: controller.signal }));
    expect([isAborted(before), before.outcome]).toEqual([true, 'notSent']);
  });

  it('keeps to the number of requests at once', async () => {
    let held: ServerResponse[] = [];
    await using server = await ScriptedServer.start((_request, response) => {
      held.push(response);
      if (held.length < 3) return;
      for (const waiting of held) reply(waiting, 200, node('n1'));
      held = [];
    });
    const client = await server.client({ maxInFlight: 3 });
    const all = Array.from({ length: 21 }, () => client.get(nodes, n1, { signal }));
    await Promise.all(all);
    expect(server.requests).toHaveLength(21);
    // Each answered three emptied the queue; a fourth at once would have been left over at the end.
    expect(held).toHaveLength(0);
  });

  it('counts the time in the queue against the deadline', async () => {
    await using server = await ScriptedServer.start(() => {});
    const client = await server.client({ maxInFlight: 1 });
    const timeout = Duration.milliseconds(30);
    const [first, second] = await Promise.all([
      errorOf(client.get(nodes, n1, { signal, timeout })),
      errorOf(client.get(nodes, n1, { signal, timeout })),
    ]);
    expect([first.kind, second.kind]).toEqual(['timeout', 'timeout']);
  });

  it('withholds a write when the fence says so', async () => {
    await using server = await ScriptedServer.start((_request, response) => reply(response, 200, node('n1')));
    const client = await server.client();
    const fence = {
      assertHeld(): void {
        throw new FencedError('the lease is lost');
      },
    };
    const failure: unknown = await client
      .patch(nodes, n1, { type: 'merge', body: {} }, { signal, fence })
      .catch((error: unknown) => error);
    expect(isFenced(failure)).toBe(true);
    expect(server.requests).toHaveLength(0);
    await client.get(nodes, n1, { signal, fence });
  });

  it('withholds reads and watches when the fence says that the right to write was lost', async () => {
    await using server = await ScriptedServer.start((_request, response) => reply(response, 200, node('n1')));
    const client = await server.client();
    const fence = {
      assertHeld: () => undefined,
      assertNotLost(): void {
        throw new FencedError('the lease is lost');
      },
    };
    const watch = { signal, fence, resourceVersion: '', timeout: Duration.seconds(1), onEvent: () => undefined };
    for (const asking of [
      client.get(nodes, n1, { signal, fence }),
      client.list(nodes, { signal, fence }),
      client.watch(nodes, watch),
      client.raw({ method: 'GET', path: ['version'], signal, fence }),
    ]) {
      await expect(asking).rejects.toBeInstanceOf(FencedError);
    }
    expect(server.requests).toHaveLength(0);
  });

  it('asks the fence again after waiting for a connection', async () => {
    await using server = await ScriptedServer.start((_request, response) => reply(response, 200, node('n1')));
    const client = await server.client();
    let asked = 0;
    const fence = {
      assertHeld(): void {
        if (asked++ > 0) throw new FencedError('the lease was lost while connecting');
      },
    };
    await expect(client.create(nodes, { metadata: { name: 'n' } }, { signal, fence })).rejects.toBeInstanceOf(
      FencedError,
    );
    expect(server.requests).toHaveLength(0);
  });
});
