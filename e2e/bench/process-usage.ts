import { readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** What a process has used of the machine, as the kernel counts it. */
export interface ProcessUsage {
  /** User and system time of all threads. */
  readonly cpuSeconds: number;
  readonly residentMegabytes: number;
  /** Since the process began. */
  readonly peakResidentMegabytes: number;
}

/** Reads /proc, so it works on Linux only. */
export function processUsage(pid: number): ProcessUsage {
  // The name in parentheses may hold anything; what follows it is plain.
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  const [user = 0, system = 0] = stat.slice(11, 13).map(Number);
  return {
    cpuSeconds: (user + system) / ticksPerSecond,
    residentMegabytes: kilobytes(`/proc/${pid}/smaps_rollup`, 'Rss') / 1024,
    peakResidentMegabytes: kilobytes(`/proc/${pid}/status`, 'VmHWM') / 1024,
  };
}

function kilobytes(file: string, field: string): number {
  const match = readFileSync(file, 'utf8').match(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm'));
  if (!match) throw new Error(`${file} has no ${field}`);
  return Number(match[1]);
}
