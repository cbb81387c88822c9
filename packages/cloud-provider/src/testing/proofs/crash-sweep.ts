import type { LifeReport, Live } from './live.ts';
import type { Message } from './world.ts';

/** One death: of which write, and whether the write was done. */
export interface CrashPoint {
  /** Which of the writes to either side, from 1. */
  readonly write: number;
  readonly moment: 'beforeItArrives' | 'beforeItsAnswer';
  /** How long the manager stays dead. */
  readonly restart: 'atOnce' | 'afterNextStep';
}

export interface CrashSweepOptions {
  /** The name of the proof. @default crash-sweep */
  readonly name?: string;
  /** Of the restarts. @default both */
  readonly restarts?: readonly CrashPoint['restart'][];
  /** Tries every so many of the points only. @default 1, which is all of them */
  readonly every?: number;
  /** `stop` ends the sweep with the first failure. @default goOn */
  readonly onFailure?: 'goOn' | 'stop';
}

/** A world whose manager can be killed. */
export interface MortalWorld {
  kill(): void;
}

export interface CrashSweepReport {
  readonly proof: string;
  /** How often a manager was killed. */
  readonly points: number;
  /** Writes of the life without a death, as the cloud and the API server counted them. */
  readonly writes: { readonly cloud: number; readonly cluster: number };
  readonly foreignWrites: number;
  /** One line for each death that did not end as the life without one did. */
  readonly failures: readonly string[];
}

/**
 * Kills the manager at every write of its life, once before the write arrives and once after it was done and before it is
 * answered, starts another one, and compares what is left in cluster and cloud in the end with what a life without a death
 * leaves there.
 *
 * @param live lives one such life, in a new world each time
 */
export async function sweepCrashes(
  live: Live<MortalWorld>,
  options: CrashSweepOptions = {},
): Promise<CrashSweepReport> {
  const labels = new Map<number, string>();
  const onArrival = (message: Message): void => {
    if (message.kind === 'write') labels.set(message.write, message.label);
  };
  const faultless = await live({ tap: { onArrival } });
  const failures = faultless.faults.map((fault) => `without a death: ${fault}`);
  const { counted } = faultless;
  if (counted.cloud + counted.cluster !== labels.size) {
    failures.push(`${labels.size} writes arrived, but ${counted.cloud} and ${counted.cluster} were counted`);
  }
  let foreignWrites = 0;
  const points = listPoints(labels.size, options);
  for (const point of points) {
    if (options.onFailure === 'stop' && failures.length > 0) break;
    const died = await die(live, point);
    foreignWrites += died.report.foreignWrites;
    const where = `${point.moment} of write ${point.write} (${labels.get(point.write) ?? ''}), restart ${point.restart}`;
    const failure = compare(died.report, faultless) ?? died.failure;
    if (died.label !== labels.get(point.write))
      failures.push(`${where}: the run does not repeat itself: ${died.label}`);
    if (failure !== undefined) failures.push(`${where}: ${failure}`);
  }
  return { proof: options.name ?? 'crash-sweep', points: points.length, writes: counted, foreignWrites, failures };
}

/** One life with one death. */
async function die(
  live: Live<MortalWorld>,
  point: CrashPoint,
): Promise<{ readonly report: LifeReport; readonly label: string; readonly failure: string | undefined }> {
  let label = '';
  const report = await live({
    restart: point.restart,
    tap: {
      onArrival(message, world) {
        if (message.write !== point.write) return;
        label = message.label;
        if (point.moment === 'beforeItArrives') world.kill();
      },
      onReply(message, world) {
        if (message.write === point.write && point.moment === 'beforeItsAnswer') world.kill();
      },
    },
  });
  return { report, label, failure: report.starts === 2 ? undefined : `there were ${report.starts} starts, not 2` };
}

function listPoints(writes: number, options: CrashSweepOptions): readonly CrashPoint[] {
  const { every = 1, restarts = ['atOnce', 'afterNextStep'] } = options;
  const points: CrashPoint[] = [];
  for (let write = 1; write <= writes; write++) {
    for (const moment of ['beforeItArrives', 'beforeItsAnswer'] as const) {
      for (const restart of restarts) points.push({ write, moment, restart });
    }
  }
  return points.filter((_, index) => index % every === 0);
}

/** The first thing that differs between two lives. */
export function compare(life: LifeReport, model: LifeReport): string | undefined {
  if (life.faults.length > 0) return life.faults.join('; ');
  if (life.endState === model.endState) return undefined;
  const lines = model.endState.split('\n');
  const other = life.endState.split('\n');
  const index = other.findIndex((line, at) => line !== lines[at]);
  return `line ${index + 1} of the end state is ${other[index]?.trim() ?? 'missing'}, not ${lines[index]?.trim() ?? 'there'}`;
}
