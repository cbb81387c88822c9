const initialSize = 16 * 1024;

/**
 * Writes protobuf from the end to the front: the length of a message is known when its content is written, so nothing is
 * measured twice and nothing is moved.
 */
export class BackwardWriter {
  #buffer = Buffer.allocUnsafe(initialSize);
  /** Where the content begins. */
  #start = initialSize;

  /** How much is written so far. */
  get size(): number {
    return this.#buffer.length - this.#start;
  }

  /** The content; the writer must not be used afterwards. */
  finish(): Buffer {
    return this.#buffer.subarray(this.#start);
  }

  /** A varint. Negative numbers take ten bytes, as protobuf wants. */
  varint(value: number): void {
    if (value < 0 || value > Number.MAX_SAFE_INTEGER) {
      this.#bigVarint(BigInt.asUintN(64, BigInt(value)));
      return;
    }
    this.#reserve(8);
    const bytes: number[] = [];
    let rest = value;
    while (rest > 127) {
      bytes.push((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    bytes.push(rest);
    this.#start -= bytes.length;
    for (const [index, byte] of bytes.entries()) this.#buffer[this.#start + index] = byte;
  }

  bytes(content: Uint8Array): void {
    this.#reserve(content.length);
    this.#start -= content.length;
    this.#buffer.set(content, this.#start);
  }

  text(content: string): void {
    const size = Buffer.byteLength(content);
    this.#reserve(size);
    this.#start -= size;
    this.#buffer.write(content, this.#start, size, 'utf8');
  }

  /** Closes a length-delimited field: what was written since `sizeBefore` is its content. */
  delimited(field: number, sizeBefore: number): void {
    this.varint(this.size - sizeBefore);
    this.varint(field * 8 + 2);
  }

  #bigVarint(value: bigint): void {
    const bytes: number[] = [];
    let rest = value;
    while (rest > 127n) {
      bytes.push(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    bytes.push(Number(rest));
    this.bytes(Uint8Array.from(bytes));
  }

  #reserve(size: number): void {
    if (this.#start >= size) return;
    const used = this.size;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, used + size));
    this.#buffer.copy(larger, larger.length - used, this.#start);
    this.#buffer = larger;
    this.#start = larger.length - used;
  }
}
