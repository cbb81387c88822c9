import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { endpointSliceProjection } from '../endpoint-slice.ts';
import { eventProjection } from '../event.ts';
import { leaseProjection } from '../lease.ts';
import { MalformedWireError } from '../malformed-wire-error.ts';
import { nodeProjection } from '../node.ts';
import { conditionProjection } from '../object-meta.ts';
import type { Projection } from '../projection.ts';
import { serviceProjection } from '../service.ts';
import { listMetaProjection } from '../status.ts';
import { StringCache } from '../string-cache.ts';
import { bytes, encodeProtobuf, enveloped, integer, watchFrame } from '../testdata/encode-protobuf.ts';
import { byJsonParse, bytesOf, pieces, wireObject } from '../testdata/wire-objects.ts';
import { ProtobufDecoder } from './protobuf-decoder.ts';
import { ProtobufReader } from './protobuf-reader.ts';

const strings = new StringCache();
const chunkSizes = fc.infiniteStream(fc.integer({ min: 1, max: 200 }));

function readsAsJson<T>(projection: Projection<T>): void {
  const reader = new ProtobufReader(projection, strings);
  fc.assert(
    fc.property(wireObject(projection), (object) => {
      const encoded = encodeProtobuf(projection, object);
      expect(reader.read(encoded, 0, encoded.length)).toEqual(byJsonParse(projection, bytesOf(object)));
    }),
    { numRuns: 200 },
  );
}

describe('ProtobufReader', () => {
  it.each([
    ['nodes', () => readsAsJson(nodeProjection)],
    ['services', () => readsAsJson(serviceProjection)],
    ['events', () => readsAsJson(eventProjection)],
    ['leases', () => readsAsJson(leaseProjection)],
    ['endpoint slices', () => readsAsJson(endpointSliceProjection)],
  ])('reads of %s what the JSON form says', (_name, check) => check());

  it.each([0n, 1n, -1n, 127n, 128n, 2n ** 31n, -(2n ** 31n), 2n ** 53n - 1n, -(2n ** 53n) + 1n])(
    'reads the number %s',
    (value) => {
      const encoded = integer(3, value);
      const read = new ProtobufReader(conditionProjection, strings).read(encoded, 0, encoded.length);
      expect(read.observedGeneration).toBe(Number(value));
    },
  );

  it('reads times before the epoch, and the zero time as absent', () => {
    const reader = new ProtobufReader(conditionProjection, strings);
    const early = bytes(4, Buffer.concat([integer(1, -1n), integer(2, 0n)]));
    expect(reader.read(early, 0, early.length).lastTransitionTime).toBe('1969-12-31T23:59:59Z');
    const zero = bytes(4, Buffer.alloc(0));
    expect(reader.read(zero, 0, zero.length).lastTransitionTime).toBe('');
  });

  it('takes later occurrences of a message as a whole new one, and of a list as more items', () => {
    const encoded = Buffer.concat([bytes(2, bytes(7, Buffer.from('a'))), bytes(2, bytes(7, Buffer.from('b')))]);
    const read = new ProtobufReader(nodeProjection, strings).read(encoded, 0, encoded.length);
    expect(read.spec.podCIDRs).toEqual(['b']);
    const list = bytes(2, Buffer.concat([bytes(7, Buffer.from('a')), bytes(7, Buffer.from('b'))]));
    expect(new ProtobufReader(nodeProjection, strings).read(list, 0, list.length).spec.podCIDRs).toEqual(['a', 'b']);
  });

  it.each([
    ['a field of another wire type', integer(1, 1n)],
    ['a group', Buffer.from([0x0b])],
    [
      'a number that does not end',
      Buffer.from([0x98, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
    ],
    ['a length beyond the end', Buffer.from([0x0a, 0x05, 0x01])],
    ['a nested length beyond its message', bytes(1, Buffer.from([0x0a, 0x05, 0x01]))],
    ['an impossible time', bytes(1, bytes(8, integer(1, 2n ** 60n)))],
  ])('refuses %s', (_name, encoded) => {
    expect(() => new ProtobufReader(nodeProjection, strings).read(encoded, 0, encoded.length)).toThrow(
      MalformedWireError,
    );
  });

  it('never fails in another way, whatever the bytes', () => {
    const reader = new ProtobufReader(nodeProjection, strings);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (array) => {
        try {
          reader.read(Buffer.from(array), 0, array.length);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedWireError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('ProtobufDecoder', () => {
  const decoder = new ProtobufDecoder(nodeProjection, strings);
  const encodedList = (objects: readonly unknown[]): Buffer => {
    const meta = bytes(1, encodeProtobuf(listMetaProjection, { resourceVersion: '12', continue: 'more' }));
    return enveloped(
      Buffer.concat([meta, ...objects.map((object) => bytes(2, encodeProtobuf(nodeProjection, object)))]),
    );
  };

  it('reads a list however it is cut into chunks', () => {
    fc.assert(
      fc.property(fc.array(wireObject(nodeProjection), { maxLength: 6 }), chunkSizes, (objects, sizes) => {
        const seen: unknown[] = [];
        const reading = decoder.list((item) => seen.push(item));
        for (const piece of pieces(encodedList(objects), sizes)) reading.push(piece);
        expect(reading.finish()).toEqual({ resourceVersion: '12', continue: 'more' });
        expect(seen).toEqual(objects.map((object) => byJsonParse(nodeProjection, bytesOf(object))));
      }),
      { numRuns: 200 },
    );
  });

  it('refuses a list that was cut off', () => {
    // The envelope ends with two empty fields that nobody needs.
    const whole = encodedList([{ metadata: { name: 'a' } }]).subarray(0, -4);
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
      fc.property(fc.array(wireObject(nodeProjection), { maxLength: 6 }), chunkSizes, (objects, sizes) => {
        const seen: unknown[] = [];
        const reading = decoder.watch({ onEvent: (event) => seen.push(event), onStatus: () => {} });
        const frames = objects.map((object) => watchFrame('DELETED', encodeProtobuf(nodeProjection, object)));
        for (const piece of pieces(Buffer.concat(frames), sizes)) reading.push(piece);
        reading.finish();
        expect(seen).toEqual(
          objects.map((object) => ({ type: 'deleted', object: byJsonParse(nodeProjection, bytesOf(object)) })),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('refuses a watch that was cut off or is something else', () => {
    const frame = watchFrame('ADDED', Buffer.alloc(0));
    for (const broken of [
      frame.subarray(0, -1),
      frame.subarray(0, 3),
      Buffer.from('<html>'),
      watchFrame('WHAT', Buffer.alloc(0)),
    ]) {
      const reading = decoder.watch({ onEvent: () => {}, onStatus: () => {} });
      expect(() => {
        reading.push(broken);
        reading.finish();
      }).toThrow(MalformedWireError);
    }
  });
});
