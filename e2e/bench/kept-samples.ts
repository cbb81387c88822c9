import { appendFile, readFile } from 'node:fs/promises';
import { rows, type Sample } from './rows.ts';

/** The samples of a benchmark, kept in a file as they come, so that a run that breaks off costs only what it had not measured. */
export class KeptSamples {
  readonly #samples: Sample[];
  readonly #file: string | undefined;

  private constructor(samples: Sample[], file: string | undefined) {
    this.#samples = samples;
    this.#file = file;
  }

  /**
   * With what the file holds of an earlier run.
   *
   * @throws Error that names the line which is no sample
   */
  static async open(file: string | undefined): Promise<KeptSamples> {
    const text = file === undefined ? '' : await readFile(file, 'utf8').catch(() => '');
    const lines = text.split('\n').filter((line) => line !== '');
    return new KeptSamples(
      lines.map((line, index) => parseSample(line, `${file}:${index + 1}`)),
      file,
    );
  }

  get all(): readonly Sample[] {
    return this.#samples;
  }

  async add(samples: readonly Sample[]): Promise<void> {
    this.#samples.push(...samples);
    if (this.#file === undefined) return;
    await appendFile(this.#file, samples.map((sample) => `${JSON.stringify(sample)}\n`).join(''));
  }

  /** How many samples of one of the rows the contender has at most. */
  count(wanted: ReadonlySet<string>, contender?: string): number {
    const counts = new Map<string, number>();
    for (const { row, contender: its } of this.#samples) {
      if (wanted.has(row) && (contender === undefined || its === contender))
        counts.set(row, (counts.get(row) ?? 0) + 1);
    }
    return Math.max(0, ...counts.values());
  }
}

function parseSample(line: string, place: string): Sample {
  const sample = JSON.parse(line) as Sample;
  if (!rows.some(({ name }) => name === sample.row) || !Number.isFinite(sample.value)) {
    throw new Error(`${place}: not a sample of a row: ${line}`);
  }
  return sample;
}
