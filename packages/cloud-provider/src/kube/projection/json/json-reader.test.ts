import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { emptyList, emptyMap } from '../plan.ts';
import { MalformedWireError } from '../malformed-wire-error.ts';
import { endpointSliceProjection } from '../endpoint-slice.ts';
import { eventProjection } from '../event.ts';
import { leaseProjection } from '../lease.ts';
import { nodeProjection } from '../node.ts';
import type { Projection } from '../projection.ts';
import { serviceProjection } from '../service.ts';
import { StringCache } from '../string-cache.ts';
import type { ListMeta } from '../status.ts';
import { JsonDecoder } from './json-decoder.ts';
import { JsonReader } from './json-reader.ts';
import { bytesOf, byJsonParse, pieces, wireObject } from '../testdata/wire-objects.ts';

const strings = new StringCache();
const nodeReader = new JsonReader(nodeProjection, strings);
const serviceReader = new JsonReader(serviceProjection, strings);

function readsAsDeclared<T>(projection: Projection<T>): void {
  const reader = new JsonReader(projection, strings);
  fc.assert(
    fc.property(wireObject(projection), fc.constantFrom(undefined, 1), (object, indent) => {
      const bytes = bytesOf(object, indent);
      expect(reader.read(bytes, 0, bytes.length)).toEqual(byJsonParse(projection, bytes));
    }),
    { numRuns: 200 },
  );
}

const readNode = (text: string) => {
  const bytes = Buffer.from(text);
  return nodeReader.read(bytes, 0, bytes.length);
};

describe('JsonReader', () => {
  it.each([
    ['nodes', () => readsAsDeclared(nodeProjection)],
    ['services', () => readsAsDeclared(serviceProjection)],
    ['events', () => readsAsDeclared(eventProjection)],
    ['leases', () => readsAsDeclared(leaseProjection)],
    ['endpoint slices', () => readsAsDeclared(endpointSliceProjection)],
  ])('reads of %s what JSON.parse and the declaration say', (_name, check) => check());

  it('gives zero values for what is absent or null', () => {
    const node = readNode('{"metadata":null,"spec":{"taints":null,"podCIDRs":[]},"unknown":[{"a":"]}"}]}');
    expect(node.metadata.name).toBe('');
    expect(node.metadata.labels).toBe(emptyMap);
    expect(node.spec.taints).toBe(emptyList);
    expect(node.spec.podCIDRs).toBe(emptyList);
    expect(node.status.conditions).toBe(emptyList);
    expect(Object.isFrozen(emptyList) && Object.isFrozen(emptyMap)).toBe(true);
  });

  it('keeps the order of fields whatever the order on the wire', () => {
    const one = readNode('{"metadata":{"name":"a","uid":"b"},"spec":{"providerID":"p"}}');
    const other = readNode('{"spec":{"providerID":"p"},"metadata":{"uid":"b","name":"a"}}');
    expect(JSON.stringify(one)).toBe(JSON.stringify(other));
    expect(Object.keys(one)).toEqual(['metadata', 'spec', 'status']);
  });

  it('reads fields that stand deeper, and numbers or names as text', () => {
    const service =
      '{"spec":{"sessionAffinityConfig":{"clientIP":{"timeoutSeconds":10800}},"ports":[{"targetPort":8080},{"targetPort":"http"}]}}';
    const read = serviceReader.read(Buffer.from(service), 0, service.length);
    expect(read.spec.sessionAffinityTimeout).toBe(10800);
    expect(read.spec.ports.map((port) => port.targetPort)).toEqual(['8080', 'http']);
  });

  it.each([
    '',
    '{',
    '{"metadata":{"name":"a"}',
    '{"metadata":{"name":"a}}',
    '{"metadata":{"name":1}}',
    '{"metadata":{"labels":{"a":1}}}',
    '{"metadata":[]}',
    '{"metadata":{}} x',
    '{"metadata":{} "spec":{}}',
    '{"metadata":{"name":"\\x"}}',
    '{"x":tru}',
    '{"x":}',
    'null',
    '[]',
  ])('refuses %j', (text) => {
    expect(() => readNode(text)).toThrow(MalformedWireError);
  });
});

describe('JsonDecoder', () => {
  const decoder = new JsonDecoder(nodeProjection, strings);

  it('reads a list however it is cut into chunks', () => {
    fc.assert(
      fc.property(
        fc.array(wireObject(nodeProjection), { maxLength: 6 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 400 })),
        (objects, sizes) => {
          const list = {
            kind: 'NodeList',
            apiVersion: 'v1',
            metadata: { resourceVersion: '12', continue: 'c"]}' },
            items: objects,
          };
          const seen: unknown[] = [];
          const reading = decoder.list((item) => seen.push(item));
          for (const piece of pieces(bytesOf(list), sizes)) reading.push(piece);
          const meta: ListMeta = reading.finish();
          expect(meta).toEqual({ resourceVersion: '12', continue: 'c"]}' });
          expect(seen).toEqual(objects.map((object) => byJsonParse(nodeProjection, bytesOf(object))));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('reads a list whose metadata comes last and whose items are null', () => {
    for (const [text, count] of [
      ['{"items":[{"metadata":{"name":"a"}},{}],"metadata":{"resourceVersion":"3"}}', 2],
      ['{"metadata":{"resourceVersion":"3"},"items":null}', 0],
      ['{"metadata":{"resourceVersion":"3"},"items":[]}', 0],
    ] as const) {
      let seen = 0;
      const reading = decoder.list(() => seen++);
      for (const byte of Buffer.from(text)) reading.push(Buffer.from([byte]));
      expect(reading.finish().resourceVersion).toBe('3');
      expect(seen).toBe(count);
    }
  });

  it('refuses a list that was cut off', () => {
    const whole = Buffer.from('{"metadata":{"resourceVersion":"3"},"items":[{"metadata":{"name":"a"}}]}');
    for (let length = 0; length < whole.length; length++) {
      const reading = decoder.list(() => {});
      expect(() => {
        reading.push(whole.subarray(0, length));
        reading.finish();
      }).toThrow(MalformedWireError);
    }
  });

  it('reads a watch however it is cut into chunks', () => {
    fc.assert(
      fc.property(
        fc.array(wireObject(nodeProjection), { maxLength: 6 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 400 })),
        (objects, sizes) => {
          const seen: unknown[] = [];
          const reading = decoder.watch({ onEvent: (event) => seen.push(event), onStatus: () => {} });
          const lines = objects.map((object) => `${JSON.stringify({ type: 'MODIFIED', object })}\n`).join('');
          for (const piece of pieces(Buffer.from(lines), sizes)) reading.push(piece);
          reading.finish();
          expect(seen).toEqual(
            objects.map((object) => ({ type: 'modified', object: byJsonParse(nodeProjection, bytesOf(object)) })),
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  it('tells bookmarks and errors apart from changes', () => {
    const seen: unknown[] = [];
    const reading = decoder.watch({
      onEvent: (event) => seen.push(event),
      onStatus: (status) => seen.push(status.reason),
    });
    reading.push(
      Buffer.from(
        '{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"5","annotations":{"k8s.io/initial-events-end":"true"}}}}\n',
      ),
    );
    reading.push(Buffer.from('{"object":{"metadata":{"resourceVersion":"6"}},"type":"BOOKMARK"}\r\n\n'));
    reading.push(Buffer.from('{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}\n'));
    expect(seen).toEqual([
      { type: 'bookmark', resourceVersion: '5', initialEventsEnd: true },
      { type: 'bookmark', resourceVersion: '6', initialEventsEnd: false },
      'Expired',
    ]);
  });

  it.each([
    'garbage\n',
    '{"type":"ADDED"}\n',
    '{"type":"WHAT","object":{}}\n',
    '{"type":"ADDED","object":{"metadata":{"na\n',
    '<html>',
  ])('refuses the line %j', (line) => {
    const reading = decoder.watch({ onEvent: () => {}, onStatus: () => {} });
    expect(() => {
      reading.push(Buffer.from(line));
      reading.finish();
    }).toThrow(MalformedWireError);
  });
});
