/** Parts of Go's duration syntax, in milliseconds. */
const unitMilliseconds: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

// By their numbers, because a single letter beyond Latin-1 in a regular expression doubles what a bundle takes in memory.
const wholeDuration = /^(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+$/;
const durationPart = /(\d+(?:\.\d*)?|\.\d+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/g;

/**
 * A length of time. It is a value: immutable, compared by its milliseconds, printed and parsed in Go's syntax, which is the
 * syntax of every duration flag of the Go managers.
 */
export class Duration {
  static readonly zero = new Duration(0);

  readonly milliseconds: number;

  private constructor(milliseconds: number) {
    this.milliseconds = milliseconds;
  }

  static milliseconds(count: number): Duration {
    return new Duration(count);
  }

  static seconds(count: number): Duration {
    return new Duration(count * 1000);
  }

  static minutes(count: number): Duration {
    return new Duration(count * 60_000);
  }

  static hours(count: number): Duration {
    return new Duration(count * 3_600_000);
  }

  /** Reads Go's syntax (`1h30m`, `1.5s`, `0`); undefined when the text is not a duration. */
  static parse(text: string): Duration | undefined {
    if (/^[-+]?0$/.test(text)) return Duration.zero;
    const unsigned = text.replace(/^[-+]/, '');
    if (!wholeDuration.test(unsigned)) return undefined;
    let total = 0;
    for (const [, count, unit] of unsigned.matchAll(durationPart)) {
      total += Number(count) * (unitMilliseconds[unit ?? ''] ?? Number.NaN);
    }
    return new Duration(text.startsWith('-') ? -total : total);
  }

  get seconds(): number {
    return this.milliseconds / 1000;
  }

  times(factor: number): Duration {
    return new Duration(this.milliseconds * factor);
  }

  plus(other: Duration): Duration {
    return new Duration(this.milliseconds + other.milliseconds);
  }

  isLongerThan(other: Duration): boolean {
    return this.milliseconds > other.milliseconds;
  }

  min(other: Duration): Duration {
    return this.milliseconds <= other.milliseconds ? this : other;
  }

  max(other: Duration): Duration {
    return this.milliseconds >= other.milliseconds ? this : other;
  }

  /** Go's own spelling: `1h30m0s`, `1.5s`, `20ms`, `1.5µs`, `0s`. Exact to a nanosecond, as Go's durations are. */
  toString(): string {
    const nanoseconds = Math.round(Math.abs(this.milliseconds) * 1e6);
    if (nanoseconds === 0) return '0s';
    const sign = this.milliseconds < 0 ? '-' : '';
    if (nanoseconds < 1e3) return `${sign}${nanoseconds}ns`;
    if (nanoseconds < 1e6) return `${sign}${nanoseconds / 1e3}µs`;
    if (nanoseconds < 1e9) return `${sign}${nanoseconds / 1e6}ms`;
    const hours = Math.floor(nanoseconds / 3.6e12);
    const minutes = Math.floor((nanoseconds % 3.6e12) / 6e10);
    const seconds = (nanoseconds % 6e10) / 1e9;
    const hoursPart = hours > 0 ? `${hours}h` : '';
    const minutesPart = hours > 0 || minutes > 0 ? `${minutes}m` : '';
    return `${sign}${hoursPart}${minutesPart}${Number(seconds.toFixed(9))}s`;
  }

  toJSON(): string {
    return this.toString();
  }
}
