import type { AnyProjection, Field, Projection, Wire } from '../projection.ts';

/** Writes what a declaration says of a JSON object as protobuf, in the order of the declaration, with fields nobody declared. */
export function encodeProtobuf<T>(projection: Projection<T>, object: unknown): Buffer {
  return message(projection as unknown as AnyProjection, object as Record<string, unknown>);
}

/** The envelope that every object of the API server comes in. */
export function enveloped(object: Buffer): Buffer {
  const typeMeta = Buffer.concat([bytes(1, Buffer.from('v1')), bytes(2, Buffer.from('Kind'))]);
  return Buffer.concat([Buffer.from('k8s\0'), bytes(1, typeMeta), bytes(2, object), bytes(3, Buffer.alloc(0)), bytes(4, Buffer.alloc(0))]);
}

export function watchFrame(type: string, object: Buffer): Buffer {
  const event = Buffer.concat([bytes(1, Buffer.from(type)), bytes(2, bytes(1, enveloped(object)))]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(event.length);
  return Buffer.concat([length, event]);
}

export function bytes(number: number, content: Buffer): Buffer {
  return Buffer.concat([varint(BigInt(number * 8 + 2)), varint(BigInt(content.length)), content]);
}

export function integer(number: number, value: bigint): Buffer {
  return Buffer.concat([varint(BigInt(number * 8)), varint(BigInt.asUintN(64, value))]);
}

function varint(value: bigint): Buffer {
  const out: number[] = [];
  let rest = value;
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    out.push(rest === 0n ? low : low | 0x80);
  } while (rest !== 0n);
  return Buffer.from(out);
}

function message(projection: AnyProjection, object: Record<string, unknown>): Buffer {
  const parts: Buffer[] = [integer(1000, -1n), bytes(1001, Buffer.from([0xff, 0xff]))];
  for (const [key, field] of Object.entries(projection.fields)) {
    const value = (field.names ?? [key]).reduce<unknown>((at, name) => (at as Record<string, unknown> | null | undefined)?.[name], object);
    if (value === undefined || value === null) continue;
    parts.push(nested(field, value));
  }
  return Buffer.concat(parts);
}

function nested(field: Field<never>, value: unknown): Buffer {
  const [innermost = 0, ...outer] = field.numbers.toReversed();
  return outer.reduce((inner, number) => bytes(number, inner), encode(innermost, field.wire, value));
}

function encode(number: number, wire: Wire, value: unknown): Buffer {
  switch (wire.form) {
    case 'int':
      return integer(number, BigInt(value as number));
    case 'bool':
    case 'optionalBool':
      return integer(number, value === true ? 1n : 0n);
    case 'time':
    case 'microTime':
      return bytes(number, time(value as string));
    case 'intOrString':
      return bytes(
        number,
        typeof value === 'number'
          ? Buffer.concat([integer(1, 0n), integer(2, BigInt(value)), bytes(3, Buffer.alloc(0))])
          : Buffer.concat([integer(1, 1n), integer(2, 0n), bytes(3, Buffer.from(String(value)))]),
      );
    case 'stringMap':
      return Buffer.concat(
        Object.entries(value as Record<string, string>).map(([key, text]) =>
          bytes(number, Buffer.concat([bytes(1, Buffer.from(key)), bytes(2, Buffer.from(text))])),
        ),
      );
    case 'message':
      return bytes(number, message(wire.message, value as Record<string, unknown>));
    case 'list':
      return Buffer.concat((value as unknown[]).map((item) => encode(number, wire.of, item)));
    default:
      return bytes(number, Buffer.from(value as string));
  }
}

function time(text: string): Buffer {
  const seconds = BigInt(Math.floor(Date.parse(text) / 1000));
  const micros = BigInt(/\.(\d{6})/.exec(text)?.[1] ?? '0');
  return Buffer.concat([integer(1, seconds), integer(2, micros * 1000n)]);
}
