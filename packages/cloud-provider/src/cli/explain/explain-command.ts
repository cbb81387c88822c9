import type { Event } from '../../api/event.ts';
import type { Node } from '../../api/node.ts';
import { objectKey } from '../../api/object-meta.ts';
import type { Service } from '../../api/service.ts';
import { suggest } from '../../base/suggest.ts';
import { adoptedIDs, isProtected } from '../../cloud/service-directives.ts';
import { isApiError } from '../../kube/client/api-error.ts';
import { events } from '../../kube/resources.ts';
import { formatYaml } from '../../kube/yaml.ts';
import { counted } from '../counted.ts';
import { plainValue } from './plain-value.ts';
import type { Command } from '../command.ts';
import { CommandFailure, oneLine } from '../command-failure.ts';
import { exitCodes } from '../exit-codes.ts';
import { objectLines } from '../plan/plan-report.ts';
import type { PlannedObject } from '../planning/cluster-plan.ts';
import { checkLease } from '../doctor/cluster-checks.ts';
import { servedBy, lintFindingsOf } from './service-standing.ts';
import { nodeStanding, serviceStanding, timeOf, troubleOf } from './standing.ts';
import type { Report } from '../report.ts';
import { type Planned, planNow } from '../session/planned.ts';
import type { Session } from '../session/session.ts';

/** `explain`: how one object stands, and what it waits for. */
export const explainCommand: Command = {
  name: 'explain',
  usage: 'service/[NAMESPACE/]NAME | node/NAME',
  description:
    'Answers "why is my Service pending" and "why is my node not ready for pods": what is wanted, what is there, the ' +
    'difference, who owns what, what is waited for, and the latest Events. Writes nothing.',
  examples: ['explain service/default/web', 'explain node/worker-1 --output yaml'],
  flags: {},
  words: [],
  wordCount: { least: 1, most: 2 },
  async run({ session, words }) {
    const target = targetOf(words);
    const planned = await planNow(session, {
      controllers: (name) =>
        target.kind === 'Service'
          ? name === 'service-lb-controller'
          : name !== 'service-lb-controller' && name !== 'node-ipam-controller',
    });
    const { snapshot } = planned.planning;
    const all: readonly (Node | Service)[] = target.kind === 'Service' ? snapshot.services : snapshot.nodes;
    const object = all.find((each) => objectKey(each) === target.key);
    if (!object) {
      const next = nextFor(
        target,
        all.map((each) => objectKey(each)),
      );
      throw new CommandFailure(`there is no ${target.kind} ${target.key} in this cluster`, next);
    }
    const told = await readEvents(session, object, target.kind);
    const found = planned.plan.objects.find(({ key, kind }) => kind === target.kind && key === target.key);
    return target.kind === 'Service'
      ? await explainService({ session, planned, told, found, service: object as Service })
      : await explainNode({ session, planned, told, found, node: object as Node });
  },
};

interface Target {
  readonly kind: 'Service' | 'Node';
  readonly key: string;
}

function targetOf(words: readonly string[]): Target {
  const [kind = '', ...name] = words.join('/').split('/');
  const isService = /^(svc|services?)$/i.test(kind);
  const isNode = /^(no|nodes?)$/i.test(kind);
  const isNamed = name.length > 0 && name.length <= (isService ? 2 : 1) && name.every((part) => part !== '');
  if ((!isService && !isNode) || !isNamed) {
    const next = 'write service/NAMESPACE/NAME or node/NAME';
    throw new CommandFailure(`${JSON.stringify(words.join(' '))} is no object that can be explained`, next, {
      exit: exitCodes.usage,
    });
  }
  if (isNode) return { kind: 'Node', key: name.join('/') };
  return { kind: 'Service', key: name.length === 1 ? `default/${name[0] ?? ''}` : name.join('/') };
}

/** Most often the namespace is left out, or a letter is wrong. */
function nextFor({ key, kind }: Target, keys: readonly string[]): string {
  const name = key.slice(key.indexOf('/') + 1);
  const elsewhere = kind === 'Service' ? keys.filter((each) => each.endsWith(`/${name}`)) : [];
  const near = elsewhere.length > 0 ? elsewhere.slice(0, 3).join(' or ') : suggest(key, keys);
  if (near !== undefined) return `did you mean ${kind.toLowerCase()}/${near}?`;
  return `kubectl get ${kind === 'Service' ? 'services -A' : 'nodes'} lists what is there`;
}

interface ServiceFacts {
  readonly session: Session;
  readonly planned: Planned;
  readonly told: readonly Event[];
  readonly found: PlannedObject | undefined;
  readonly service: Service;
}

async function explainService({ found, planned, service, session, told }: ServiceFacts): Promise<Report> {
  const key = objectKey(service);
  const { settings, kinds } = servedBy(session, planned.provider);
  const plans = planned.planning.loadBalancerPlans.filter(({ wishes }) => wishes.has(service.metadata.uid));
  const wish = plans.map(({ wishes }) => wishes.get(service.metadata.uid)).find((each) => each !== undefined);
  const addresses = service.status.loadBalancer.ingress.map(({ hostname, ip }) => (hostname === '' ? ip : hostname));
  const findings = lintFindingsOf(session, service);
  const circumstances = {
    told,
    trouble: troubleOf(planned.answers, (question) => question.endsWith(service.metadata.uid)),
    manager: found?.state === 'change' ? await checkLease(session) : [],
  };
  const verdict = found ? serviceStanding(found, addresses, circumstances) : notOurs(service, { settings, kinds });
  const trouble = service.status.conditions.filter(({ status }) => status !== 'True');
  const data = {
    object: `Service ${key}`,
    verdict,
    addresses,
    kind: plans.map(({ kind }) => kind),
    plan: found,
    directives: { protected: isProtected(service), adopts: [...adoptedIDs(service)] },
    desired: wish?.kind === 'present' ? plainValue(wish.desired) : undefined,
    observed: plans.map(({ observed }) => plainValue(observed)),
    findings,
    conditions: service.status.conditions,
    events: told.map(plainEvent),
  };
  return {
    exit: exitFor(found),
    summary: `Service ${key}: ${verdict}`,
    lines: (paint) => [
      ...(found ? ['', ...objectLines(found, paint)] : []),
      '',
      `address:    ${addresses.join(', ') || 'none yet'}`,
      `made as:    ${plans.map(({ kind }) => kind).join(', ') || 'nothing'}`,
      `protected:  ${isProtected(service) ? 'yes' : 'no'}`,
      ...(wish?.kind === 'present'
        ? ['wants:', ...valueLines(wish.desired)]
        : [`wants:      ${wish === undefined ? 'nothing that is known' : 'to be rid of its load balancer'}`]),
      ...(plans.length > 0
        ? ['there is:', ...plans.flatMap(({ observed }) => valueLines(observed))]
        : ['there is:   nothing that is known']),
      ...findings.map(({ text }) => `annotation: ${paint.warn(text)}`),
      ...trouble.map(({ message, reason, type }) => `condition:  ${paint.warn(`${type}: ${reason}: ${message}`)}`),
      ...eventLines(told),
    ],
    data,
  };
}

interface Served {
  readonly settings: { readonly classes: readonly string[]; readonly unnamed: 'ours' | 'others' };
  readonly kinds: readonly string[];
}

function notOurs({ spec }: Service, { settings, kinds }: Served): string {
  if (spec.type !== 'LoadBalancer') return `it is of type ${spec.type}, and only LoadBalancer gets one; set spec.type`;
  const served = [...settings.classes, ...(settings.unnamed === 'ours' ? ['none'] : [])].join(', ');
  const className = spec.loadBalancerClass;
  const isOurs = className === undefined ? settings.unnamed === 'ours' : settings.classes.includes(className);
  if (!isOurs) {
    return `its loadBalancerClass ${className ?? 'is not set'} belongs to another controller; this one serves ${served} (--load-balancer-class, --default-load-balancer-class)`;
  }
  return `no kind of load balancer of this provider (${kinds.join(', ')}) takes it: its annotations or --manage-services leave it to another controller`;
}

interface NodeFacts {
  readonly session: Session;
  readonly planned: Planned;
  readonly told: readonly Event[];
  readonly found: PlannedObject | undefined;
  readonly node: Node;
}

async function explainNode({ found, node, planned, session, told }: NodeFacts): Promise<Report> {
  const { name } = node.metadata;
  const answer = [...planned.answers.answers].find(
    ([question]) => /^instances\//.test(question) && question.endsWith(`/${name}`),
  );
  const view = answer?.[1].kind === 'value' ? answer[1].value : answer?.[1].error.message;
  const verdict =
    found === undefined || view === undefined
      ? 'not looked after: its providerID or --manage-nodes says that it is of another cloud or manager'
      : nodeStanding(found, {
          told,
          trouble: troubleOf(planned.answers, (question) => question.endsWith(`/${name}`)),
          manager: found.state === 'change' ? await checkLease(session) : [],
        });
  return {
    exit: exitFor(found),
    summary: `Node ${name}: ${verdict}`,
    lines: (paint) => [
      ...(found ? ['', ...objectLines(found, paint)] : []),
      '',
      `providerID: ${node.spec.providerID === '' ? 'not set yet' : node.spec.providerID}`,
      `taints:     ${node.spec.taints.map(({ effect, key }) => `${key}:${effect}`).join(', ') || 'none'}`,
      ...(view === undefined ? ['machine:    was not asked about'] : ['machine:', ...valueLines(view)]),
      ...eventLines(told),
    ],
    data: {
      object: `Node ${name}`,
      verdict,
      plan: found,
      providerID: node.spec.providerID,
      taints: node.spec.taints,
      machine: view === undefined ? undefined : plainValue(view),
      events: told.map(plainEvent),
    },
  };
}

function exitFor(found: PlannedObject | undefined): Report['exit'] {
  if (found === undefined || found.state === 'converged') return exitCodes.fine;
  return found.state === 'unknown' ? exitCodes.incomplete : exitCodes.found;
}

/** The latest first. Who may not read Events is told everything else. */
async function readEvents(session: Session, object: Node | Service, kind: Target['kind']): Promise<readonly Event[]> {
  const { name, namespace } = object.metadata;
  const client = await session.client();
  try {
    const { items } = await client.list(events, {
      signal: session.signal,
      ...(namespace !== '' && { namespace }),
      fieldSelector: `regarding.kind=${kind},regarding.name=${name}`,
    });
    return items
      .filter(({ regarding }) => regarding.kind === kind && regarding.name === name)
      .toSorted((left, right) => timeOf(right).localeCompare(timeOf(left)))
      .slice(0, 10);
  } catch (error) {
    if (!isApiError(error)) throw error;
    session.warnings.add(`Events can't be read: ${error.message}`);
    return [];
  }
}

function plainEvent(event: Event): Readonly<Record<string, unknown>> {
  const { note, reason, reportingController, series, type } = event;
  return { time: timeOf(event), type, reason, note, by: reportingController, count: Math.max(1, series.count) };
}

function eventLines(told: readonly Event[]): readonly string[] {
  if (told.length === 0) return ['events:     none'];
  return [
    'events:',
    ...told.map((event) => `  ${timeOf(event).slice(0, 19)} ${event.type} ${event.reason}: ${event.note}`),
  ];
}

const mostLines = 24;
const longestLine = 160;

/** So much of a value as fits; all of it is in the other forms of output. */
function valueLines(value: unknown): readonly string[] {
  const plain = plainValue(value);
  const text = typeof plain === 'string' ? plain : formatYaml(plain);
  const lines = text.trimEnd().split('\n').map(oneLine);
  const shown = lines
    .slice(0, mostLines)
    .map((line) => `  ${line.length > longestLine ? `${line.slice(0, longestLine)}…` : line}`);
  const left = lines.length - shown.length;
  return left > 0 ? [...shown, `  … (${counted(left, 'line')} more with --output yaml)`] : shown;
}
