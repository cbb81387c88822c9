import { Duration } from '@ccm-ts/cloud-provider';
import { type CallRecord, type Demo, startDemo } from '@ccm-ts/cloud-provider/testing';
import { LogFile } from './log-file.ts';
import { drawPicture } from './picture.ts';
import { listenForStop } from './stop-signals.ts';
import type { StartFlags } from './start-flags.ts';
import { subcommandLine } from './subcommand-line.ts';
import { Terminal } from './terminal.ts';

const redrawMilliseconds = 250;
const keptLines = 200;
/** Few machines and Services come one after the other, so that eyes can follow. */
const watchablePace = Duration.milliseconds(250);
const watchableCount = 100;

/** Runs the scenario in front of a viewer and then stays until Ctrl-C. Resolves with the exit code. */
export async function runLive(flags: StartFlags, version: string): Promise<number> {
  using stop = listenForStop();
  const log = new LogFile();
  const { nodes, services, seed, deadline } = flags;
  const pace = nodes + services <= watchableCount ? { pace: watchablePace } : {};
  let end: End;
  {
    await using demo = await startDemo({ nodes, services, seed, deadline, ...pace, version, log: log.write });
    using view = process.stdout.isTTY ? viewOnTerminal(demo, log.path) : viewAsLines(demo, log.path);
    end = await watch(demo, stop.signal, view);
  }
  await log.close(end.kind === 'stopped' ? 'remove' : 'keep');
  if (end.kind === 'stopped') {
    process.stdout.write('ended\n');
    return 0;
  }
  for (const line of log.complaints) process.stderr.write(`manager: ${line}`);
  process.stderr.write(`${end.reason}; the manager's log is in ${log.path}\n`);
  return 1;
}

type End = { readonly kind: 'stopped' } | { readonly kind: 'failed'; readonly reason: string };

interface View extends Disposable {
  say(text: string): void;
}

async function watch(demo: Demo, signal: AbortSignal, view: View): Promise<End> {
  const stopped = new Promise<End>((resolve) => {
    const stop = (): void => resolve({ kind: 'stopped' });
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  const managerEnded = demo.managerEnded.then((end): End => {
    const reason = `the manager ended by itself (${end.kind})`;
    return signal.aborted ? { kind: 'stopped' } : { kind: 'failed', reason };
  });
  const played = demo.scenario.run(signal).then(
    (report) => {
      for (const problem of report.problems.slice(0, 20)) view.say(`problem: ${problem}`);
      view.say(
        report.converged
          ? 'everything converged; the cluster stays up for kubectl: create, change and delete Services as you like'
          : 'not everything converged; the cluster stays up for a look',
      );
    },
    (error: unknown) => {
      if (!signal.aborted) view.say(`the scenario failed: ${String(error)}`);
    },
  );
  const end = await Promise.race([stopped, managerEnded]);
  if (signal.aborted) await played;
  return end;
}

/** Redraws the whole window four times a second. */
function viewOnTerminal(demo: Demo, logPath: string): View {
  const terminal = new Terminal(process.stdout);
  const events: string[] = [];
  const writes: CallRecord[] = [];
  const say = (text: string): void => {
    events.push(text);
    if (events.length > keptLines) events.shift();
  };
  demo.scenario.onEvent(say);
  demo.cloud.log.onCall((call) => {
    if (call.kind === 'read') return;
    writes.push(call);
    if (writes.length > keptLines) writes.shift();
  });
  const draw = (): void => {
    const { page, kubeconfig, cloudConfig, cloud, scenario } = demo;
    const picture = {
      page,
      kubeconfig,
      cloudConfig,
      log: logPath,
      progress: scenario.progress,
      calls: cloud.log.counts(),
      total: cloud.log.total(),
      events,
      writes,
    };
    terminal.draw(drawPicture(picture, terminal.window));
  };
  const timer = setInterval(draw, redrawMilliseconds);
  return {
    say,
    [Symbol.dispose]() {
      clearInterval(timer);
      terminal[Symbol.dispose]();
    },
  };
}

/** One line for each thing that happens. */
function viewAsLines(demo: Demo, logPath: string): View {
  const say = (text: string): void => {
    process.stdout.write(`${text}\n`);
  };
  say(`page: ${demo.page}`);
  say(`kubeconfig: ${demo.kubeconfig}`);
  say(`ccm: ${subcommandLine('plan', demo)}`);
  say(`log: ${logPath}`);
  const stops = [
    demo.scenario.onEvent(say),
    demo.cloud.log.onCall((call) => {
      if (call.kind === 'write') say(`cloud: ${call.operation} ${call.outcome} ${call.touched.join(' ')}`);
    }),
  ];
  return {
    say,
    [Symbol.dispose]() {
      for (const stop of stops) stop();
    },
  };
}
