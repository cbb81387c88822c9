/** Reads one object of a projection out of bytes. Keeps no reference to the bytes. Not for concurrent use. */
export interface WireReader<T> {
  /** @throws MalformedWireError */
  read(bytes: Buffer, start: number, end: number): T;
}
