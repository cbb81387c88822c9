import { objectKey } from '../../api/object-meta.ts';
import type { Service } from '../../api/service.ts';
import type { Command } from '../command.ts';
import { describeCloudError } from '../command-failure.ts';
import { exitCodes } from '../exit-codes.ts';
import { lintService } from '../lint/lint-command.ts';
import { findLeftovers } from '../orphans/find-leftovers.ts';
import { planNow } from '../session/planned.ts';
import { describeSpending, frameworkSpending, spendingFacts } from './framework-spending.ts';

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
    const facts = spendingFacts(snapshot, hasRoutes ? 'managed' : 'none');
    const spent = (await provider.spending?.(facts)) ?? frameworkSpending(facts);
    const quiet = spent.filter(({ each }) => each === 'hour');
    const sum = (of: 'go' | 'ours'): number => quiet.reduce((total, spending) => total + spending[of], 0);
    const budget = { go: sum('go'), ours: sum('ours') };
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
        paint.bold('calls to the cloud, at the defaults of both:'),
        ...spent.map((spending) => `  ${describeSpending(spending)}`),
        ...[...session.warnings].map((warning) => paint.dim(`warning: ${warning}`)),
      ],
      data: { findings, calls: { ...budget, spent }, asked: session.calls.length },
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
