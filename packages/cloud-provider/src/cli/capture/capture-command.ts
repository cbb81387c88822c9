import { readFileSync, writeFileSync } from 'node:fs';
import type { FlagSet, FlagTable } from '../../config/flags/flag.ts';
import { formatFlagValue } from '../../config/flags/parse-flags.ts';
import { flagTable } from '../../manager/read-flags.ts';
import { isSecretName } from '../../telemetry/redact.ts';
import type { Command } from '../command.ts';
import { CommandFailure } from '../command-failure.ts';
import { exitCodes } from '../exit-codes.ts';
import { summarize } from '../plan/plan-report.ts';
import { planNow } from '../session/planned.ts';
import type { Session } from '../session/session.ts';
import { type Capture, writeCapture } from './capture-file.ts';
import { withoutSecrets } from './config-secrets.ts';

const flags = {
  file: {
    kind: 'string',
    default: '',
    group: 'Generic',
    help: 'Where to write it. Without it, it goes to standard output.',
  },
} as const satisfies FlagTable;

/** `capture`: one file that tells everything. */
export const captureCommand: Command = {
  name: 'capture',
  usage: '[--file FILE]',
  description:
    'Reads cluster and cloud once and writes objects, every answer of the cloud, the plan, calls and errors into one file, ' +
    'for a report or for `replay`. Credentials are not in it; names and addresses are.',
  examples: ['capture --file incident.json', 'capture > incident.json'],
  flags,
  words: [],
  wordCount: { least: 0, most: 0 },
  async run({ flags: given, session }) {
    const capture = await takeCapture(session);
    const text = writeCapture(capture);
    const { file } = given as unknown as FlagSet<typeof flags>;
    const data = { file, objects: capture.nodes.length + capture.services.length, answers: capture.answers.size };
    const summary = `Captured: ${summarize(capture.plan)}`;
    if (file === '') return { exit: exitCodes.fine, summary, lines: () => [], data, verbatim: text };
    try {
      writeFileSync(file, text, { mode: 0o600 });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new CommandFailure(`${file} can't be written: ${reason}`, 'name another file with --file');
    }
    return {
      exit: exitCodes.fine,
      summary,
      lines: () => [`Written to ${file}; replay it with: replay ${file}`],
      data,
    };
  },
};

/** Everything of now. @throws ConfigError, ApiError, CloudError */
export async function takeCapture(session: Session): Promise<Capture> {
  const { answers, plan, planning, reads } = await planNow(session);
  const { cluster, endpointSlices, nodes, services } = planning.snapshot;
  const { flags: values, given, program } = session.invocation;
  const table = flagTable(program.factory);
  const asValues: Readonly<Record<string, unknown>> = values;
  const config = values['cloud-config'];
  return {
    provider: program.factory.name,
    programVersion: program.version,
    takenAt: session.clock.now().toISOString(),
    flags: Object.entries(table)
      .filter(([name]) => given.has(name) && !isSecretName(name) && !isPlace(name))
      .map(([name, flag]) => `--${name}=${formatFlagValue(flag, asValues[name])}`),
    cloudConfig: config === '' ? '' : withoutSecrets(readFileSync(config, 'utf8')),
    found: session.found,
    cluster,
    nodes,
    services,
    endpointSlices,
    answers: answers.answers,
    clusterReads: reads.map((read) => ({ ...read, text: withoutSecrets(read.text) })),
    calls: session.calls,
    plan,
  };
}

/** What is somewhere else on the machine that replays. */
function isPlace(name: string): boolean {
  return /kubeconfig|^master$|^cloud-config$|^config$|-file$|-config$/.test(name);
}
