import type { FlagSet, FlagTable } from '../../config/flags/flag.ts';
import type { Command } from '../command.ts';
import { CommandFailure } from '../command-failure.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Report } from '../report.ts';
import type { CheckResult } from './check-result.ts';
import { checkBootstrap, checkLease, checkNodes } from './cluster-checks.ts';
import { checkCloud } from './cloud-checks.ts';
import { checkConnection, checkRights, checkVersion } from './connection-checks.ts';

const flags = {
  as: {
    kind: 'string',
    default: '',
    group: 'Generic',
    help: 'Whose rights in the cluster are checked, for example system:serviceaccount:kube-system:cloud-controller-manager.',
  },
  'as-group': {
    kind: 'array',
    default: [],
    group: 'Generic',
    help: 'A group that --as is in. Repeatable; the groups of service accounts are known without.',
  },
} as const satisfies FlagTable;

/** `doctor`: everything that the manager needs, a line each. */
export const doctorCommand: Command = {
  name: 'doctor',
  usage: '',
  description:
    'Checks the kubeconfig, the version and the rights in the cluster, the credentials and permissions in the cloud, the lease, ' +
    'the taints of nodes, and whether the manager can start in a cluster that is still being built. Writes nothing. The ' +
    'rights are those of whoever runs it: name the service account of the manager with --as, or its kubeconfig.',
  examples: [
    'doctor',
    'doctor --as system:serviceaccount:kube-system:cloud-controller-manager',
    'doctor --kubeconfig manager.kubeconfig --cloud-config cloud.conf',
  ],
  flags,
  words: [],
  wordCount: { least: 0, most: 0 },
  async run({ flags: given, session }): Promise<Report> {
    const { as: user, 'as-group': groups } = given as unknown as FlagSet<typeof flags>;
    if (user === '' && groups.length > 0) {
      throw new CommandFailure('--as-group says nothing without --as', 'name the user too', { exit: exitCodes.usage });
    }
    const results: CheckResult[] = [...(await checkConnection(session))];
    const isConnected = results.every(({ state }) => state !== 'bad');
    if (isConnected) {
      results.push(
        ...(await checkVersion(session)),
        ...(await checkRights(session, user === '' ? undefined : { user, groups })),
        ...(await checkLease(session)),
      );
      results.push(...(await checkNodes(session)), ...(await checkBootstrap(session)));
    }
    results.push(...(await checkCloud(session, isConnected ? 'known' : 'unknown')));
    return reportOf(results);
  },
};

const marks = { good: '✔', warn: '!', bad: '✘', unknown: '?' } as const;

function reportOf(results: readonly CheckResult[]): Report {
  const bad = results.filter(({ state }) => state === 'bad');
  const unsure = results.filter(({ state }) => state === 'warn' || state === 'unknown');
  const first = bad[0] ?? results.find(({ state }) => state === 'warn') ?? unsure[0];
  const count = `${results.length} checks, ${bad.length} failed, ${unsure.length} to look at`;
  const tell = ({ check, fix, text }: CheckResult): string => `${check}: ${text}${fix === '' ? '' : ` — ${fix}`}`;
  return {
    exit: first ? exitCodes.found : exitCodes.fine,
    summary: first ? `Doctor: ${tell(first)} (${count})` : `Doctor: all is well (${count})`,
    lines: (paint) =>
      results.map((result) => {
        const colour = { good: paint.good, warn: paint.warn, bad: paint.bad, unknown: paint.warn }[result.state];
        return `${colour(marks[result.state])} ${tell(result)}`;
      }),
    data: { checks: results },
  };
}
