const slots = 1024;

/** Writes points in time the way the JSON form has them. Heartbeats repeat across objects, so the last texts are remembered. */
export class Timestamps {
  readonly #seconds: number[] = new Array<number>(slots).fill(Number.NaN);
  readonly #texts: string[] = new Array<string>(slots).fill('');

  /** meta/v1 Time: `2026-01-02T03:04:05Z`. */
  inSeconds(seconds: number): string {
    const slot = Math.abs(seconds) % slots;
    if (this.#seconds[slot] === seconds) return this.#texts[slot] ?? '';
    const text = `${wholeSeconds(seconds)}Z`;
    this.#seconds[slot] = seconds;
    this.#texts[slot] = text;
    return text;
  }

  /** meta/v1 MicroTime: `2026-01-02T03:04:05.000006Z`. */
  inMicroseconds(seconds: number, nanoseconds: number): string {
    const micros = String(Math.floor(nanoseconds / 1000)).padStart(6, '0');
    return `${wholeSeconds(seconds)}.${micros}Z`;
  }
}

function wholeSeconds(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19);
}
