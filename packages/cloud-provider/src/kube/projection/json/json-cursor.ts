import { MalformedWireError } from '../malformed-wire-error.ts';
import type { StringCache } from '../string-cache.ts';

const quote = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const comma = 0x2c;
/** Bytes that are looked at one by one before the runtime's search is called. */
const shortString = 32;

/** Reads JSON in place, so that what nobody wants is stepped over without becoming a string or an object. */
export class JsonCursor {
  readonly #strings: StringCache;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
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

  /** Goes to an earlier place of the same bytes. */
  seek(position: number): void {
    this.#at = position;
  }

  /** The next significant byte, not consumed. */
  peek(): number {
    const bytes = this.#bytes;
    let at = this.#at;
    while (at < this.#end) {
      const byte = bytes[at] ?? 0;
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) {
        this.#at = at;
        return byte;
      }
      at++;
    }
    throw this.#cutOff();
  }

  /** Requires that nothing but white space is left. */
  finish(): void {
    while (this.#at < this.#end) {
      const byte = this.#bytes[this.#at] ?? 0;
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) throw this.#unexpected('the end');
      this.#at++;
    }
  }

  /** Consumes `null` and tells whether it did. */
  skipNull(): boolean {
    if (this.peek() !== 0x6e) return false;
    this.#word('null');
    return true;
  }

  openObject(): void {
    this.#expect(openBrace, '{');
  }

  openList(): void {
    this.#expect(openBracket, '[');
  }

  /** Steps to the next member of an object; false when it ended. Call it before each member, the first included. */
  nextMember(): boolean {
    return this.#next(closeBrace, openBrace);
  }

  /** Steps to the next element of a list; false when it ended. */
  nextElement(): boolean {
    return this.#next(closeBracket, openBracket);
  }

  /** Reads a member's name and its colon. */
  name(): string {
    const name = this.string();
    this.#expect(0x3a, ':');
    return name;
  }

  /** A string that is likely to come again. */
  string(): string {
    return this.#string(true);
  }

  /** A string that is not. */
  uniqueString(): string {
    return this.#string(false);
  }

  bool(): boolean {
    const isTrue = this.peek() === 0x74;
    this.#word(isTrue ? 'true' : 'false');
    return isTrue;
  }

  number(): number {
    const start = this.#numberStart();
    const value = Number(this.#bytes.toString('latin1', start, this.#at));
    if (Number.isNaN(value)) throw this.#unexpected('a number');
    return value;
  }

  /** A number or a string, as text. */
  text(): string {
    return this.peek() === quote ? this.string() : String(this.number());
  }

  /** Steps over one value of any kind. Brackets must balance; what is inside is not looked at. */
  skip(): void {
    const first = this.peek();
    if (first === quote) {
      this.#at = this.#endOfString(this.#at + 1) + 1;
    } else if (first === openBrace || first === openBracket) {
      this.#skipNested();
    } else if (first === 0x74 || first === 0x66) {
      this.bool();
    } else if (!this.skipNull()) {
      this.#numberStart();
    }
  }

  #skipNested(): void {
    const bytes = this.#bytes;
    const end = this.#end;
    let at = this.#at;
    let depth = 0;
    while (at < end) {
      const byte = bytes[at++];
      if (byte === quote) {
        at = this.#endOfString(at) + 1;
      } else if (byte === openBrace || byte === openBracket) {
        depth++;
      } else if ((byte === closeBrace || byte === closeBracket) && --depth === 0) {
        this.#at = at;
        return;
      }
    }
    throw this.#cutOff();
  }

  #string(repeats: boolean): string {
    if (this.peek() !== quote) throw this.#unexpected('a string');
    const start = this.#at + 1;
    const end = this.#endOfString(start);
    this.#at = end + 1;
    if (this.#isEscaped(start, end)) return this.#unescape(start, end);
    if (repeats) return this.#strings.text(this.#bytes, start, end);
    return start === end ? '' : this.#bytes.toString('utf8', start, end);
  }

  /** Whether an escape stands among the first bytes of the string that was looked at last. */
  #escaped = false;

  /** Where the closing quote of a string stands. Most strings are short; in long ones the search of the runtime is faster. */
  #endOfString(start: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    const near = Math.min(end, start + shortString);
    this.#escaped = false;
    for (let at = start; at < near; at++) {
      const byte = bytes[at];
      if (byte === quote) return at;
      if (byte === backslash) {
        this.#escaped = true;
        at++;
      }
    }
    return this.#endOfLongString(start, this.#escaped ? start : near);
  }

  #endOfLongString(start: number, from: number): number {
    const bytes = this.#bytes;
    for (let search = from; ; ) {
      const at = bytes.indexOf(quote, search);
      if (at < 0 || at >= this.#end) throw this.#cutOff();
      // A quote behind an odd number of backslashes belongs to the text.
      let backslashes = 0;
      while (at - backslashes > start && bytes[at - backslashes - 1] === backslash) backslashes++;
      if (backslashes % 2 === 0) {
        return at;
      }
      search = at + 1;
    }
  }

  #isEscaped(start: number, end: number): boolean {
    if (this.#escaped || end - start <= shortString) return this.#escaped;
    const at = this.#bytes.indexOf(backslash, start + shortString);
    return at >= 0 && at < end;
  }

  #unescape(start: number, end: number): string {
    try {
      return JSON.parse(this.#bytes.toString('utf8', start - 1, end + 1)) as string;
    } catch (cause) {
      throw new MalformedWireError('not JSON: a string has a broken escape', { cause });
    }
  }

  #numberStart(): number {
    const first = this.peek();
    if (first !== 0x2d && (first < 0x30 || first > 0x39)) throw this.#unexpected('a value');
    const start = this.#at;
    const bytes = this.#bytes;
    let at = start + 1;
    while (at < this.#end) {
      const byte = bytes[at] ?? 0;
      const isPart =
        (byte >= 0x30 && byte <= 0x39) || byte === 0x2e || (byte | 0x20) === 0x65 || byte === 0x2b || byte === 0x2d;
      if (!isPart) break;
      at++;
    }
    this.#at = at;
    return start;
  }

  #next(close: number, open: number): boolean {
    const byte = this.peek();
    if (byte === close) {
      this.#at++;
      return false;
    }
    if (byte === comma) {
      this.#at++;
      return true;
    }
    if (this.#bytes[this.#before()] !== open) throw this.#unexpected('a comma');
    return true;
  }

  /** The significant byte before the present one. */
  #before(): number {
    let at = this.#at - 1;
    while (at > 0) {
      const byte = this.#bytes[at] ?? 0;
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
      at--;
    }
    return at;
  }

  #expect(byte: number, name: string): void {
    if (this.peek() !== byte) throw this.#unexpected(name);
    this.#at++;
  }

  #word(word: string): void {
    const found = this.#bytes.toString('latin1', this.#at, Math.min(this.#at + word.length, this.#end));
    if (found !== word) throw word.startsWith(found) ? this.#cutOff() : this.#unexpected('a value');
    this.#at += word.length;
  }

  #cutOff(): MalformedWireError {
    return new MalformedWireError('not JSON: it ends too early', { cutOff: true });
  }

  #unexpected(wanted: string): MalformedWireError {
    return new MalformedWireError(`not JSON: ${wanted} was expected at byte ${this.#at}`);
  }
}
