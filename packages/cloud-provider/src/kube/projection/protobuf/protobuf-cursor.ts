import { MalformedWireError } from '../malformed-wire-error.ts';
import type { StringCache } from '../string-cache.ts';

const cutOff = (): MalformedWireError => new MalformedWireError('not protobuf: it ends too early', { cutOff: true });

/** Reads the protobuf wire format in place. Source: protobuf.dev/programming-guides/encoding. */
export class ProtobufCursor {
  readonly #strings: StringCache;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  /** No read goes beyond; narrowed while inside a message. */
  #end = 0;

  constructor(strings: StringCache) {
    this.#strings = strings;
  }

  reset(bytes: Buffer, start: number, end: number): void {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  get position(): number {
    return this.#at;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#end;
  }

  /** The field number and wire type that come next, as one number. */
  tag(): number {
    return this.varint();
  }

  /** An unsigned or two's complement 64-bit number; exact to 53 bits. */
  varint(): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let at = this.#at;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (at >= end) throw cutOff();
      const byte = bytes[at++] ?? 0;
      const bits = byte & 0x7f;
      if (shift < 28) {
        low |= bits << shift;
      } else if (shift === 28) {
        low |= (bits & 0x0f) << 28;
        high |= bits >> 4;
      } else {
        high |= bits << (shift - 32);
      }
      if (byte < 0x80) {
        this.#at = at;
        return high * 0x1_0000_0000 + (low >>> 0);
      }
    }
    throw new MalformedWireError('not protobuf: a number does not end');
  }

  /** A string that is likely to come again. */
  string(): string {
    const end = this.#endOfField();
    const text = this.#strings.text(this.#bytes, this.#at, end);
    this.#at = end;
    return text;
  }

  /** A string that is not. */
  uniqueString(): string {
    const end = this.#endOfField();
    const text = end === this.#at ? '' : this.#bytes.toString('utf8', this.#at, end);
    this.#at = end;
    return text;
  }

  /** Goes into a nested message; gives back what {@link leave} needs. */
  enter(): number {
    const end = this.#endOfField();
    const outer = this.#end;
    this.#end = end;
    return outer;
  }

  /** Leaves a nested message that was read to its end. */
  leave(outer: number): void {
    this.#end = outer;
  }

  /** Steps over a length-delimited field; gives back where it begins. */
  range(): number {
    const end = this.#endOfField();
    const start = this.#at;
    this.#at = end;
    return start;
  }

  /** Steps over the value of a field that nobody wants. */
  skip(tag: number): void {
    switch (tag & 7) {
      case 0:
        this.varint();
        return;
      case 1:
        this.#advance(8);
        return;
      case 2:
        this.range();
        return;
      case 5:
        this.#advance(4);
        return;
      default:
        throw new MalformedWireError(`not protobuf: wire type ${tag & 7}`);
    }
  }

  #endOfField(): number {
    const length = this.varint();
    const end = this.#at + length;
    if (length < 0 || end > this.#end) throw cutOff();
    return end;
  }

  #advance(count: number): void {
    if (this.#at + count > this.#end) throw cutOff();
    this.#at += count;
  }
}
