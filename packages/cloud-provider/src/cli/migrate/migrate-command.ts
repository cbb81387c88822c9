import { Duration } from '../../base/duration.ts';
import type { FlagTable } from '../../config/flags/flag.ts';
import { isNotFound } from '../../kube/client/api-error.ts';
import { leases } from '../../kube/resources.ts';
import type { Command, CommandInput } from '../command.ts';
import { CommandFailure } from '../command-failure.ts';
import { exitCodes } from '../exit-codes.ts';
import { planReport, summarize } from '../plan/plan-report.ts';
import type { ClusterPlan } from '../planning/cluster-plan.ts';
import type { Report } from '../report.ts';
import { planNow } from '../session/planned.ts';
import type { Session } from '../session/session.ts';

const ways = ['check', 'shadow'] as const;

const flags = {
  for: {
    kind: 'duration',
    default: Duration.minutes(10),
    group: 'Generic',
    help: 'For shadow: how long the plan has to stay empty.',
    check: (value) => (value.milliseconds > 0 ? undefined : 'write a time such as 10m'),
  },
  every: {
    kind: 'duration',
    default: Duration.minutes(1),
    group: 'Generic',
    help: 'For shadow: the pause between two looks.',
    check: (value) => (value.milliseconds > 0 ? undefined : 'write a time such as 1m'),
  },
} as const satisfies FlagTable;

/** `migrate`: whether this manager could take over now without changing anything. */
export const migrateCommand: Command = {
  name: 'migrate',
  usage: 'check | shadow [--for 10m] [--every 1m]',
  description:
    'Runs beside the present manager and writes nothing. `check` passes when a takeover would change nothing now. `shadow` ' +
    'looks again and again and tells every difference; it passes once nothing has differed for --for, and gives up after ' +
    '--timeout (which is then at least three times --for).',
  examples: ['migrate check', 'migrate shadow --for 30m --timeout 2h'],
  flags,
  words: [ways],
  wordCount: { least: 1, most: 1 },
  leastTimeout: (given) => (given['for'] as Duration).times(3),
  async run(input) {
    const [way = ''] = input.words;
    switch (way) {
      case 'check':
        return check(input.session);
      case 'shadow':
        return shadow(input);
      default:
        throw new CommandFailure(`${JSON.stringify(way)} is no way to migrate`, `write ${ways.join(' or ')}`, {
          exit: exitCodes.usage,
        });
    }
  },
};

async function check(session: Session): Promise<Report> {
  const { plan } = await planNow(session);
  const holder = await holderOf(session);
  const verdict = isQuiet(plan) ? 'a takeover would change nothing' : 'a takeover would change something';
  const note = `the lease ${session.invocation.flags['leader-elect-resource-name']} is held by ${holder === '' ? 'nobody' : holder}; stop that manager, then start this one with the same lease`;
  return planReport(plan, { title: `Migration check: ${verdict}`, warnings: [note, ...session.warnings] });
}

function isQuiet(plan: ClusterPlan): boolean {
  return plan.objects.every(({ state, steps }) => steps.length === 0 && (state === 'converged' || state === 'waiting'));
}

async function holderOf(session: Session): Promise<string> {
  const { flags: given } = session.invocation;
  const name = { namespace: given['leader-elect-resource-namespace'], name: given['leader-elect-resource-name'] };
  try {
    const client = await session.client();
    return (await client.get(leases, name, { signal: session.signal })).spec.holderIdentity;
  } catch (error) {
    if (isNotFound(error)) return '';
    throw error;
  }
}

/** One difference, while it lasted. Plain data. */
interface Difference {
  readonly at: string;
  readonly summary: string;
}

async function shadow({ flags: given, session }: CommandInput): Promise<Report> {
  const { clock, progress, signal } = session;
  const { every, for: wanted } = given as unknown as { readonly every: Duration; readonly for: Duration };
  const provider = await session.provider(await session.cluster());
  const differences: Difference[] = [];
  let looks = 0;
  let quietSince: number | undefined;
  let plan: ClusterPlan | undefined;
  for (;;) {
    try {
      ({ plan } = await planNow(session, { provider }));
    } catch (error) {
      // Time may end in the middle of a look.
      if (!plan || !(signal.reason instanceof CommandFailure)) throw error;
      return shadowReport({ passed: 'no', looks, differences, wanted, plan });
    }
    looks++;
    const now = clock.monotonic();
    if (isQuiet(plan)) {
      quietSince ??= now;
      if (now - quietSince >= wanted.milliseconds) break;
    } else {
      quietSince = undefined;
      const summary = summarize(plan);
      if (differences.at(-1)?.summary !== summary) differences.push({ at: clock.now().toISOString(), summary });
    }
    const quiet = quietSince === undefined ? Duration.zero : Duration.milliseconds(now - quietSince);
    progress.step(`Look ${looks}: nothing has differed for ${quiet.toString()} of ${wanted.toString()}`);
    try {
      await clock.sleep(every, signal);
    } catch (error) {
      if (!(signal.reason instanceof CommandFailure)) throw error;
      return shadowReport({ passed: 'no', looks, differences, wanted, plan });
    }
  }
  return shadowReport({ passed: 'yes', looks, differences, wanted, plan });
}

function shadowReport(outcome: {
  readonly passed: 'yes' | 'no';
  readonly looks: number;
  readonly differences: readonly Difference[];
  readonly wanted: Duration;
  readonly plan: ClusterPlan;
}): Report {
  const { differences, looks, passed, plan, wanted } = outcome;
  const last = differences.at(-1);
  return {
    exit: passed === 'yes' ? exitCodes.fine : exitCodes.found,
    summary:
      passed === 'yes'
        ? `Shadow: passed: nothing differed for ${wanted.toString()} (${looks} looks, ${differences.length} differences before)`
        : `Shadow: not passed: ${last?.summary ?? 'there was not enough time'} (${looks} looks)`,
    lines: () => differences.map(({ at, summary }) => `${at} ${summary}`),
    data: { passed, looks, differences, plan },
  };
}
