import { objectKey } from '../../api/object-meta.ts';
import type { Service } from '../../api/service.ts';
import type { Command } from '../command.ts';
import { describeCloudError } from '../command-failure.ts';
import { exitCodes } from '../exit-codes.ts';
import { lintService } from '../lint/lint-command.ts';
import { findLeftovers } from '../orphans/find-leftovers.ts';
import { planNow } from '../session/planned.ts';
import type { Snapshot } from '../planning/snapshot.ts';

/** One thing to know before a migration. Plain data. */
export interface AuditFinding {
  readonly topic: 'leaked' | 'foreign' | 'annotation' | 'difference' | 'unknown';
  readonly text: string;
}

/** `audit`: what somebody should know before this manager takes over. */
export const auditCommand: Command = {
  name: 'audit',
  usage: '',
  description:
    'Examines a cluster that another manager runs, and writes nothing: objects in the cloud that lost their owner, objects ' +
    'that a takeover would refuse because nothing proves whose they are, annotations that do nothing, writes that a takeover ' +
    'would make, and how many calls to the cloud the Go framework spends at least in a quiet hour, beside this one.',
  examples: ['audit', 'audit --output markdown > audit.md'],
  flags: {},
  words: [],
  wordCount: { least: 0, most: 0 },
  async run({ session }) {
    const { plan, planning, provider } = await planNow(session);
    const { snapshot } = planning;
    const { found, items, unlisted } = await findLeftovers(session, provider, async () => snapshot);
    const registry = session.invocation.program.factory.annotations;
    const findings: AuditFinding[] = [
      ...unlisted.map(({ error, kind }) => finding('unknown', `${kind}s: ${describeCloudError(error)}`)),
      ...plan.objects
        .filter(({ state }) => state === 'unknown')
        .map(({ key, kind, message, reason }) => finding('unknown', `${kind} ${key}: ${reason}: ${message}`)),
      ...plan.objects
        .filter(({ state }) => state === 'refused' || state === 'blocked')
        .map(({ key, kind, message, reason, state }) =>
          finding(
            reason === 'OwnershipConflict' ? 'foreign' : 'difference',
            `${kind} ${key} would be ${state}: ${message}`,
          ),
        ),
      ...items
        .filter(({ ownership }) => ownership.kind === 'unproven')
        .map(({ id, name, ownership }) =>
          finding('foreign', `${name} (${id}): ${'reason' in ownership ? ownership.reason : ''}`),
        ),
      ...found.map(({ leftover: { id, kind, madeFor } }) => finding('leaked', `${kind}/${id}, made for ${madeFor}`)),
      ...snapshot.services.flatMap((service) => annotationFindings(service, lintService(service, registry))),
      ...plan.objects
        .filter(({ state }) => state === 'change')
        .map(({ key, kind, message, steps }) =>
          finding('difference', `${kind} ${key}: ${steps.length} writes at the takeover: ${message}`),
        ),
    ];
    const { flags } = session.invocation;
    const hasRoutes = flags['allocate-node-cidrs'] && flags['configure-cloud-routes'] && provider.routes !== undefined;
    const budget = callsInAQuietHour(snapshot, hasRoutes ? 'routes' : 'noRoutes');
    const [first] = findings;
    const isIncomplete = findings.some(({ topic }) => topic === 'unknown');
    const counts = topics
      .map((topic) => ({ topic, count: findings.filter((each) => each.topic === topic).length }))
      .filter(({ count }) => count > 0)
      .map(({ count, topic }) => `${count} ${titles[topic]}`);
    const spending = `calls in a quiet hour: ${budget.go} now at least, ${budget.ours} then`;
    return {
      exit: isIncomplete ? exitCodes.incomplete : first ? exitCodes.found : exitCodes.fine,
      summary: first
        ? `Audit: ${first.text} (${counts.join(', ')}); ${spending}`
        : `Audit: nothing stands in the way of a takeover; ${spending}`,
      lines: (paint) => [
        ...topics.flatMap((topic) => {
          const ofTopic = findings.filter((each) => each.topic === topic);
          if (ofTopic.length === 0) return [];
          return ['', paint.bold(`${titles[topic]}:`), ...ofTopic.map(({ text }) => `  ${text}`)];
        }),
        '',
        paint.bold('calls in a quiet hour, at the defaults of both:'),
        ...budget.lines.map((line) => `  ${line}`),
        ...[...session.warnings].map((warning) => paint.dim(`warning: ${warning}`)),
      ],
      data: { findings, calls: { go: budget.go, ours: budget.ours }, asked: session.calls.length },
    };
  },
};

const topics: readonly AuditFinding['topic'][] = ['unknown', 'foreign', 'leaked', 'annotation', 'difference'];
const titles: Readonly<Record<AuditFinding['topic'], string>> = {
  unknown: 'not answered',
  foreign: 'of doubtful ownership',
  leaked: 'leaked',
  annotation: 'dead annotations',
  difference: 'differences',
};

function finding(topic: AuditFinding['topic'], text: string): AuditFinding {
  return { topic, text };
}

/** On a Service that has no load balancer every annotation of a load balancer is dead. */
function annotationFindings(service: Service, lint: ReturnType<typeof lintService>): readonly AuditFinding[] {
  const key = objectKey(service);
  return lint.map(({ text }) => finding('annotation', `Service ${key}: ${text}`));
}

/**
 * The least that the Go framework asks of any cloud, at its defaults: each node once in five minutes
 * (--node-status-update-frequency), each that is not ready twice in five seconds (--node-monitor-period), the routes once in ten
 * seconds. Providers add to it. Source: k8s.io/cloud-provider 0.36, controllers/node, nodelifecycle and route.
 */
function callsInAQuietHour(
  { nodes, services }: Snapshot,
  routing: 'routes' | 'noRoutes',
): { readonly go: number; readonly ours: number; readonly lines: readonly string[] } {
  const silent = nodes.filter(
    ({ status }) => !status.conditions.some(({ type, status: state }) => type === 'Ready' && state === 'True'),
  ).length;
  const batches = Math.ceil(nodes.length / 100);
  const rows: [string, number, number][] = [
    ['keeping nodes true', nodes.length * 12, batches * 12],
    ['nodes that are not ready', silent * 2 * 720, silent > 0 ? 720 : 0],
    ['routes', routing === 'routes' ? 360 : 0, routing === 'routes' ? 1 : 0],
    ['drift and what is left over', 0, 3],
  ];
  const sum = (column: 1 | 2): number => rows.reduce((total, row) => total + row[column], 0);
  const balanced = services.filter(({ spec }) => spec.type === 'LoadBalancer').length;
  return {
    go: sum(1),
    ours: sum(2),
    lines: [
      ...rows.map(([what, go, ours]) => `${what}: ${go} now at least, ${ours} then`),
      `at each restart, for ${balanced} Services: every one is ensured anew now; one look at each then`,
    ],
  };
}
