import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { KubernetesObject } from '../../api/object-meta.ts';
import type { WatchEvent } from '../client/kube-client.ts';
import { endpointSlices, events, leases, namespaces, nodes, type Resource, services } from '../resources.ts';
import { JsonDecoder } from './json/json-decoder.ts';
import { JsonReader } from './json/json-reader.ts';
import { ProtobufDecoder, readProtobufStatus } from './protobuf/protobuf-decoder.ts';
import { statusProjection } from './status.ts';
import { StringCache } from './string-cache.ts';
import { byJsonParse } from './testdata/wire-objects.ts';
import type { ResourceDecoder } from './wire-decoder.ts';

const strings = new StringCache();
const recorded = (name: string): Buffer => readFileSync(new URL(`testdata/recorded/${name}`, import.meta.url));

function agrees<T extends KubernetesObject>(name: string, resource: Resource<T>): void {
  const fromJson = readAll(name, 'json', new JsonDecoder(resource.projection, strings));
  const fromProtobuf = readAll(name, 'pb', new ProtobufDecoder(resource.projection, strings));
  expect(fromJson.object).toEqual(byJsonParse(resource.projection, recorded(`${name}.json`)));
  expect(fromProtobuf).toEqual(fromJson);
  expect(fromJson.items).toEqual([fromJson.object]);
  expect(fromJson.watched).toEqual([{ type: 'added', object: fromJson.object }, 'the end of the initial events']);
}

function readAll<T>(name: string, extension: string, decoder: ResourceDecoder<T>) {
  const items: T[] = [];
  const list = decoder.list((item) => items.push(item));
  list.push(recorded(`${name}-list.${extension}`));
  list.finish();
  const watched: unknown[] = [];
  const watch = decoder.watch({
    onEvent: (event: WatchEvent<T>) =>
      watched.push(event.type === 'bookmark' && event.initialEventsEnd ? 'the end of the initial events' : event),
    onStatus: (status) => watched.push(status),
  });
  watch.push(recorded(`${name}-watch.${extension}`));
  watch.finish();
  return { object: decoder.object(recorded(`${name}.${extension}`)), items, watched };
}

describe('what a real kube-apiserver (1.36.3) sent in both encodings', () => {
  it.each([
    ['node', () => agrees('node', nodes)],
    ['service', () => agrees('service', services)],
    ['lease', () => agrees('lease', leases)],
    ['event', () => agrees('event', events)],
    ['endpoint-slice', () => agrees('endpoint-slice', endpointSlices)],
    ['namespace', () => agrees('namespace', namespaces)],
  ])('is read as the same %s', (_name, check) => check());

  it('is read as the same refusal', () => {
    const json = recorded('status.json');
    const status = new JsonReader(statusProjection, strings).read(json, 0, json.length);
    expect(status).toMatchObject({ code: 422, reason: 'Invalid', details: { name: 'Bad Name', kind: 'Node' } });
    expect(status.details.causes).toMatchObject([{ field: 'metadata.name', reason: 'FieldValueInvalid' }]);
    expect(readProtobufStatus(recorded('status.pb'), strings)).toEqual(status);
  });

  it('is read as the same version of a patched object', () => {
    const version = new JsonDecoder(nodes.projection, strings).resourceVersion(recorded('metadata.json'));
    expect(version).toMatch(/^\d+$/);
    expect(new ProtobufDecoder(nodes.projection, strings).resourceVersion(recorded('metadata.pb'))).toBe(version);
  });
});
