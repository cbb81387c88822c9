/** Bytes that are not what their media type promises: garbage, or a message that was cut off. */
export class MalformedWireError extends Error {
  readonly code = 'MalformedWire';

  /** Whether more bytes could make it whole. */
  readonly cutOff: boolean;

  constructor(message: string, options?: ErrorOptions & { readonly cutOff?: boolean }) {
    super(message, options);
    this.name = 'MalformedWireError';
    this.cutOff = options?.cutOff ?? false;
  }
}
