import { type ScenarioReport, startDemo } from '@ccm-ts/cloud-provider/testing';
import { LogFile } from './log-file.ts';
import { listenForStop } from './stop-signals.ts';
import type { StartFlags } from './start-flags.ts';

/** Runs the scenario to its end and prints how it went. Resolves with the exit code: 0 only if everything converged. */
export async function runOnce(flags: StartFlags, version: string): Promise<number> {
  using stop = listenForStop();
  const log = new LogFile();
  const report = await play(flags, { version, log, signal: stop.signal });
  if (!report) {
    await log.close('remove');
    return stop.exitCode;
  }
  await log.close(report.converged ? 'remove' : 'keep');
  process.stdout.write(flags.output === 'json' ? `${JSON.stringify(report)}\n` : describe(report));
  if (report.converged) return 0;
  for (const line of log.complaints) process.stderr.write(`manager: ${line}`);
  process.stderr.write(`not everything converged; the manager's log is in ${log.path}\n`);
  return 1;
}

/** Undefined when somebody stopped it. */
async function play(
  flags: StartFlags,
  parts: { readonly version: string; readonly log: LogFile; readonly signal: AbortSignal },
): Promise<ScenarioReport | undefined> {
  const { nodes, services, seed, deadline, output } = flags;
  const { version, log, signal } = parts;
  await using demo = await startDemo({ nodes, services, seed, deadline, version, log: log.write });
  // Standard output belongs to the JSON object alone.
  const stream = output === 'json' ? process.stderr : process.stdout;
  demo.scenario.onEvent((text) => stream.write(`${text}\n`));
  try {
    return await demo.scenario.run(signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    return undefined;
  }
}

function describe(report: ScenarioReport): string {
  const { nodes, services, throttled, seconds, problems } = report;
  const calls = Object.entries(report.cloudCalls).map(
    ([operation, counts]) =>
      `  ${operation.padEnd(20)} ${counts.accepted} accepted, ${counts.throttled} throttled, ${counts.failed} failed`,
  );
  return [
    '',
    `${nodes.initialised} of ${nodes.wanted} Nodes were initialised, ${services.ready} of ${services.wanted} Services got their load balancers`,
    `${seconds} s; the cloud throttled ${throttled} calls`,
    ...calls,
    ...problems.slice(0, 20).map((problem) => `problem: ${problem}`),
    report.converged ? 'everything converged' : `${problems.length} problems`,
    '',
  ].join('\n');
}
