import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { CloudError } from '../../cloud/cloud-error.ts';
import { isControllerEnabled } from '../../config/controller-names.ts';
import type { RawRequest, RawResponse } from '../../kube/client/kube-client.ts';
import { configureManager } from '../../manager/configure-manager.ts';
import { controllerSettings } from '../../manager/controller-settings.ts';
import { readFlags } from '../../manager/read-flags.ts';
import { redacted } from '../../telemetry/redact.ts';
import type { Command } from '../command.ts';
import { CommandFailure } from '../command-failure.ts';
import { exitCodes } from '../exit-codes.ts';
import { planReport } from '../plan/plan-report.ts';
import type { ClusterPlan } from '../planning/cluster-plan.ts';
import { planAhead } from '../planning/plan-ahead.ts';
import { ReplayedAnswers } from '../planning/replayed-answers.ts';
import { readPath } from '../session/planned.ts';
import type { Session } from '../session/session.ts';
import { type Capture, readCapture } from './capture-file.ts';
import { encodeValue } from './value-codec.ts';

/** `replay`: the plan of a captured moment, made again. */
export const replayCommand: Command = {
  name: 'replay',
  usage: 'FILE',
  description:
    'Makes the plan of a captured moment again, without cluster and cloud, and says whether it is the same. With the program ' +
    'that took it, it is; with a newer one, the difference is what the newer one would do differently.',
  examples: ['replay incident.json', 'replay incident.json --output json'],
  flags: {},
  words: [],
  wordCount: { least: 1, most: 1 },
  async run({ session, words: [file = ''] }) {
    const capture = readCapture(file, textOf(file));
    const { factory } = session.invocation.program;
    if (capture.provider !== factory.name) {
      const next = `replay it with the program of ${capture.provider}`;
      throw new CommandFailure(
        `${file} is of the provider ${capture.provider}, this program is of ${factory.name}`,
        next,
      );
    }
    const plan = await replay(session, capture);
    const isSame = isDeepStrictEqual(comparable(plan), comparable(capture.plan));
    const report = planReport(plan, {
      title: `Replayed ${capture.takenAt}, ${isSame ? 'the same plan' : 'ANOTHER plan than was captured'}`,
      warnings: [...session.warnings],
    });
    return { ...report, exit: isSame ? exitCodes.fine : exitCodes.found, data: { ...report.data, same: isSame } };
  },
};

/**
 * The plan as it comes out of a file. What comes after something that was left out is not compared: texts that hold it are cut to
 * a length, and so end elsewhere.
 */
function comparable(plan: ClusterPlan): unknown {
  const encoded = JSON.stringify(encodeValue(plan), (_name, value: unknown) =>
    typeof value === 'string' ? value.split(redacted)[0] : value,
  );
  return JSON.parse(encoded) as unknown;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandFailure(`${file} can't be read: ${reason}`, 'name a file that `capture` wrote');
  }
}

/** Plans from the capture alone. @throws ConfigError when its configuration can't be used */
export async function replay(session: Session, capture: Capture): Promise<ClusterPlan> {
  const { clock, invocation, logger, signal } = session;
  const { host, program } = invocation;
  const folder = mkdtempSync(join(tmpdir(), 'ccm-replay-'));
  try {
    const config = join(folder, 'cloud-config');
    writeFileSync(config, capture.cloudConfig, { mode: 0o600 });
    const argv = [
      ...host.argv.slice(0, 2),
      ...capture.flags,
      ...(capture.cloudConfig === '' ? [] : [`--cloud-config=${config}`]),
    ];
    const read = readFlags(program, { ...host, stdout: host.stdout, stderr: host.stderr, argv });
    if (read.kind !== 'parsed') {
      throw new CommandFailure(
        'the flags of the capture are not known to this program',
        'replay it with the release that took it',
      );
    }
    const { given, values: flags } = read;
    const { provider: configured } = configureManager(
      // What this machine's environment says is of another cluster.
      { program, host: { ...host, env: {} }, flags, given },
      capture.found,
    );
    const refuse = (): Promise<never> => Promise.reject(new CloudError('Denied', 'a replay asks no cloud'));
    const provider = configured.connect({ cluster: capture.cluster, gate: { run: refuse }, clock, logger });
    try {
      const { cluster, endpointSlices, nodes, services } = capture;
      const { plan } = await planAhead(
        {
          snapshot: { cluster, endpointSlices, nodes, services },
          provider,
          answers: new ReplayedAnswers(capture.answers),
          settings: controllerSettings(flags, given),
          controllers: (name) => isControllerEnabled(name, flags.controllers, program.factory.controllers ?? []),
          read: (request) => readAgain(capture, request),
          clock,
          signal,
          logger,
        },
        () => capture.answers,
      );
      return plan;
    } finally {
      await provider.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function readAgain(capture: Capture, request: RawRequest): Promise<RawResponse> {
  const path = readPath(request);
  const known = capture.clusterReads.find((each) => each.path === path);
  const text = known?.text ?? '{}';
  return { status: known?.status ?? 404, header: () => '', text: () => text, json: () => JSON.parse(text) as unknown };
}
