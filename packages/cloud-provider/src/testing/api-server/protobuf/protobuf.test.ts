import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startApiServer } from '../api-server.ts';
import type { ApiServer } from '../api-server.ts';
import { decode } from '../decode.ts';
import type { JsonObject } from '../json.ts';
import { textAt } from '../json.ts';
import { RawClient } from '../raw-client.ts';
import { createResources } from '../resources/resource-table.ts';
import { fieldFault, invalid, notFound } from '../status.ts';
import { Registry } from '../registry.ts';
import { FakeClock } from '../../fake-clock.ts';
import { decodeMessage, unwrapMessage } from './decode-message.ts';
import { encodeMessage, wrapMessage } from './encode.ts';
import { protobufCodec, protobufType } from './protobuf-codec.ts';

interface Recorded {
  readonly json: JsonObject;
  readonly protobuf: string;
}

interface Recording {
  readonly objects: readonly (Recorded & { readonly resource: string })[];
  readonly list: Recorded;
  readonly watch: { readonly json: readonly JsonObject[]; readonly protobuf: string };
  readonly status: Recorded;
}

/** What a kube-apiserver 1.36.3 answered to one and the same request for JSON and for protobuf. */
const recorded = JSON.parse(
  readFileSync(new URL('testdata/kube-apiserver-1.36.3.json', import.meta.url), 'utf8'),
) as Recording;

function typeOf(name: string) {
  const [plural = '', ...group] = name.split('.');
  const candidates = createResources().filter((one) => one.plural === plural);
  const resource = candidates.find((one) => one.group === group.join('.')) ?? candidates[0]!;
  return resource.conversion?.wireType ?? resource.type;
}

describe('protobuf', () => {
  it.each(recorded.objects.map((one) => [one.resource, one] as const))(
    'of %s is byte for byte the real one',
    (resource, { json, protobuf }) => {
      const type = typeOf(resource);
      const { value, unknownFields } = decode(type, json);
      expect(unknownFields).toEqual([]);
      const kind = { apiVersion: textAt(json, ['apiVersion']), kind: textAt(json, ['kind']) };
      expect(wrapMessage(kind, encodeMessage(type, value)).toString('base64')).toBe(protobuf);
      const unwrapped = unwrapMessage(Buffer.from(protobuf, 'base64'));
      expect(unwrapped).toMatchObject(kind);
      expect({ ...kind, ...decode(type, decodeMessage(type, unwrapped.message)).value }).toEqual(json);
    },
  );

  it('of lists, watches and refusals is the real one too', () => {
    const registry = new Registry({ clock: new FakeClock(), historySize: 10, randomUUID: () => 'u', random: () => 0 });
    const codec = protobufCodec(registry);
    const leases = registry.find('coordination.k8s.io', 'v1', 'leases')!;
    const storedOf = (json: JsonObject) => ({
      key: '',
      namespace: '',
      name: '',
      object: decode(leases.type, json).value as never,
      revision: 0,
      encodings: new Map<string, Buffer>(),
    });
    const items = (recorded.list.json['items'] as JsonObject[]).map(storedOf);
    const revision = Number(textAt(recorded.list.json, ['metadata', 'resourceVersion']));
    const list = [...codec.list(leases, { items, revision, continueToken: undefined, remaining: undefined })];
    expect(Buffer.concat(list).toString('base64')).toBe(recorded.list.protobuf);
    const [added, bookmark] = recorded.watch.json;
    const events = [
      codec.event(leases, { type: 'ADDED', stored: storedOf(added?.['object'] as JsonObject), encodings: undefined }),
      codec.event(leases, {
        type: 'BOOKMARK',
        revision: Number(textAt(bookmark, ['object', 'metadata', 'resourceVersion'])),
        isInitialEventsEnd: true,
      }),
    ];
    expect(Buffer.concat(events).toString('base64')).toBe(recorded.watch.protobuf);
    const missing = notFound({ group: '', label: 'nodes' }, 'missing');
    expect(missing.toStatus()).toEqual(recorded.status.json);
    expect(codec.status(missing).toString('base64')).toBe(recorded.status.protobuf);
  });

  it('carries every part of a refusal', () => {
    const registry = new Registry({ clock: new FakeClock(), historySize: 10, randomUUID: () => 'u', random: () => 0 });
    const error = invalid({ group: 'x.io', label: 'Kind' }, 'n', [fieldFault.required('spec.a')]);
    const text = protobufCodec(registry).status(error).toString('latin1');
    for (const part of ['Failure', 'Invalid', 'x.io', 'FieldValueRequired', 'spec.a']) expect(text).toContain(part);
  });
});

describe('protobuf over HTTP', () => {
  let server: ApiServer;

  beforeEach(async () => {
    server = await startApiServer();
  });
  afterEach(() => server[Symbol.asyncDispose]());

  const send = (method: string, path: string, body?: Buffer) =>
    fetch(server.url + path, {
      method,
      headers: { accept: `${protobufType},application/json`, 'content-type': protobufType },
      ...(body === undefined ? {} : { body: new Uint8Array(body) }),
    });

  it('is read and written', async () => {
    const type = typeOf('configmaps');
    const draft = encodeMessage(type, { metadata: { name: 'c' }, data: { a: 'b' }, binaryData: { x: 'aGk=' } });
    const created = await send(
      'POST',
      '/api/v1/namespaces/default/configmaps',
      wrapMessage({ apiVersion: 'v1', kind: 'ConfigMap' }, draft),
    );
    expect(created.status).toBe(201);
    expect(created.headers.get('content-type')).toBe(protobufType);
    expect(server.store.get('configmaps', 'c')).toMatchObject({ data: { a: 'b' }, binaryData: { x: 'aGk=' } });
    const reply = unwrapMessage(Buffer.from(await created.arrayBuffer()));
    expect(decode(type, decodeMessage(type, reply.message)).value).toEqual(server.store.get('configmaps', 'c'));
  });

  it('streams watches in frames', async () => {
    server.store.create('nodes', { metadata: { name: 'n' } });
    const response = await send('GET', '/api/v1/nodes?watch=true');
    expect(response.headers.get('content-type')).toBe(`${protobufType};stream=watch`);
    const reader = response.body!.getReader();
    const first = Buffer.from((await reader.read()).value ?? []);
    expect(first.readUInt32BE(0)).toBe(first.length - 4);
    expect(first.toString('latin1')).toContain('ADDED');
    await reader.cancel();
  });

  it('falls back to JSON for Pods, whose inside it does not know', async () => {
    const pods = await send('GET', '/api/v1/namespaces/default/pods');
    expect(pods.headers.get('content-type')).toBe('application/json');
  });

  it.each([
    ['nonsense', Buffer.from('nonsense')],
    ['a torn message', Buffer.from('k8s\0\x12\x7f', 'latin1')],
  ])('refuses %s', async (_title, body) => {
    expect((await send('POST', '/api/v1/nodes', body)).status).toBe(400);
  });

  it('agrees with JSON about every object', async () => {
    server.store.create('services', {
      metadata: { name: 's' },
      spec: { type: 'LoadBalancer', ports: [{ port: 80, targetPort: 'web' }] },
    });
    const json = await new RawClient(server).get('/api/v1/namespaces/default/services/s');
    const { message, ...kind } = unwrapMessage(
      Buffer.from(await (await send('GET', '/api/v1/namespaces/default/services/s')).arrayBuffer()),
    );
    const type = typeOf('services');
    expect({ ...kind, ...decode(type, decodeMessage(type, message)).value }).toEqual(json.body);
  });
});
