import { MalformedWireError } from '../malformed-wire-error.ts';
import type { ProtobufCursor } from './protobuf-cursor.ts';

/** `k8s\0`, before every object. Source: k8s.io/apimachinery runtime/serializer/protobuf. */
export const magicLength = 4;
/** `raw` of runtime.Unknown, which holds the object. */
export const rawTag = 0x12;

export function checkMagic(bytes: Buffer, start: number): void {
  if (bytes.length - start < magicLength || bytes.readUInt32BE(start) !== 0x6b_38_73_00) {
    throw new MalformedWireError('not Kubernetes protobuf: it does not begin with k8s');
  }
}

export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Where the object stands inside its envelope. */
export function objectRange(cursor: ProtobufCursor, bytes: Buffer, whole: Range): Range {
  checkMagic(bytes, whole.start);
  cursor.reset(bytes, whole.start + magicLength, whole.end);
  let range: Range = { start: whole.end, end: whole.end };
  while (!cursor.isAtEnd) {
    const tag = cursor.tag();
    if (tag === rawTag) range = { start: cursor.range(), end: cursor.position };
    else cursor.skip(tag);
  }
  return range;
}
