const slots = 16_384;
const longest = 56;

/**
 * Turns bytes into strings, giving the same string for the same bytes as long as it is remembered. Label keys, types and
 * reasons repeat in every object: they then cost no allocation while decoding and no memory while kept.
 *
 * Direct-mapped and bounded: a collision only forgets.
 */
export class StringCache {
  readonly #strings: string[] = new Array<string>(slots).fill('');

  /** The UTF-8 text of the range, remembered when it is short. */
  text(bytes: Buffer, start: number, end: number): string {
    const length = end - start;
    if (length === 0) return '';
    if (length > longest) return bytes.toString('utf8', start, end);
    let hash = length;
    for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + (bytes[at] ?? 0)) | 0;
    const slot = (hash ^ (hash >>> 15)) & (slots - 1);
    const known = this.#strings[slot] ?? '';
    if (known.length === length) {
      // Only ASCII text has as many characters as bytes, so equal codes mean equal text.
      let at = 0;
      while (at < length && known.charCodeAt(at) === bytes[start + at]) at++;
      if (at === length) return known;
    }
    const text = bytes.toString('utf8', start, end);
    this.#strings[slot] = text;
    return text;
  }
}
