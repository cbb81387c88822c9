import { Duration } from '../base/duration.ts';
import { type Hands, handsIn, usualPorts } from './acts.ts';
import { compareAccounts, problemOfGoneService, problemOfLiveNode, problemOfNode, problemOfService } from './checks.ts';
import { ConformanceFailure } from './conformance-failure.ts';
import { Stage } from './stage.ts';
import type { ConformanceSubject, KindSubject, Machine, ServiceIdentity } from './subject.ts';

/** What forbidding one operation after the other came to. */
export interface ForbiddenReport {
  /** How often an operation was forbidden in a part of a life that sends it. */
  readonly points: number;
  /** One line for each point at which something was wrong. */
  readonly problems: readonly string[];
}

export interface ForbiddenOptions {
  /** Takes those operations alone whose name holds this text. @default all */
  readonly only?: string;
  /** Those that the provider does without and says nothing of. @default none */
  readonly dispensable?: readonly string[];
}

/** Time enough for anybody to notice, and for a storm of attempts to show. */
const forbiddenFor = Duration.minutes(30);
/** Nodes that wait to be initialised, and the connection itself, are tried for each minute at last; nothing is more often. */
const mostAttempts = 75;
/** How long after it is allowed again everything may take: slow passes included. */
const patience = Duration.hours(4);

/**
 * Lives the life of a Service once for each operation that it takes. In each part of it - its machine joins, it is made,
 * changed, gets another machine, is deleted - the operation is forbidden at first, as by a policy that lacks a right, and
 * allowed after half an hour. The manager stays up and says which operation it is: in an Event of the Service when that has
 * to wait, in its log otherwise. Attempts are few, no node is given up, and everything ends as if nothing had been forbidden.
 */
export async function forbidEachOperation(
  subject: ConformanceSubject,
  { only = '', dispensable = [] }: ForbiddenOptions = {},
): Promise<ForbiddenReport> {
  let points = 0;
  const problems: string[] = [];
  for (const { name } of subject.loadBalancers) {
    for (const operation of await operationsOf(subject, name)) {
      if (!operation.includes(only)) continue;
      const life = new ForbiddenLife(operation, dispensable.includes(operation) ? 'dispensable' : 'needed');
      try {
        await life.live(subject, name);
      } catch (error) {
        problems.push(`${name}, ${operation}: ${life.part}: ${error instanceof Error ? error.message : String(error)}`);
      }
      points += life.points;
    }
  }
  return { points, problems };
}

/** Those that a life takes which nothing is forbidden in. */
async function operationsOf(subject: ConformanceSubject, kind: string): Promise<readonly string[]> {
  const life = new ForbiddenLife(undefined, 'needed');
  await life.live(subject, kind);
  return life.operations;
}

class ForbiddenLife {
  points = 0;
  part = 'start';
  operations: readonly string[] = [];
  readonly #operation: string | undefined;
  readonly #need: 'needed' | 'dispensable';
  readonly #said: string[] = [];
  #isForbidden = false;

  /** @param operation undefined forbids nothing */
  constructor(operation: string | undefined, need: 'needed' | 'dispensable') {
    this.#operation = operation;
    this.#need = need;
  }

  async live(subject: ConformanceSubject, kindName: string): Promise<void> {
    await using stage = await Stage.open(subject, { log: (line) => this.#listen(line) });
    const hands = handsIn(stage);
    const kind: KindSubject = stage.kind(kindName);
    const before = await stage.world.account();
    await stage.main.stop();
    stage.main.tap.strike = ({ operation }) =>
      this.#isForbidden && operation === this.#operation ? 'denied' : undefined;
    const machines: Machine[] = [];
    const joins = async (): Promise<void> => void machines.push(await hands.join());
    const problemOfNodes = (): string | undefined => firstProblem(machines, (one) => nodeProblem(hands, one));
    const web = { current: undefined as ServiceIdentity | undefined };
    const served = async (): Promise<string | undefined> =>
      problemOfNodes() ?? (web.current && (await problemOfService(stage, web.current, { machines })));
    const change = (ports: readonly object[]) => async (): Promise<void> => {
      if (web.current) hands.patchService(web.current, { spec: { ports: [...ports] } });
      await Promise.resolve();
    };

    await this.#forbidAtFirst(stage, 'the manager starts and a machine joins', {
      does: async () => {
        await stage.main.start();
        await joins();
      },
      problem: problemOfNodes,
      machines,
    });
    await this.#forbidAtFirst(stage, 'the Service is made', {
      does: async () => {
        web.current = hands.createService({ name: 'web', kind });
        await Promise.resolve();
      },
      problem: served,
      machines,
    });
    const more = { name: 'more', port: 8443 };
    await this.#forbidAtFirst(stage, 'a port comes', {
      does: change([...usualPorts, more]),
      problem: served,
      machines,
    });
    await this.#forbidAtFirst(stage, 'a port goes', { does: change([more]), problem: served, machines });
    await this.#forbidAtFirst(stage, 'another machine joins', { does: joins, problem: served, machines });
    await this.#forbidAtFirst(stage, 'the Service is deleted', {
      does: async () => {
        if (web.current) hands.deleteService(web.current);
        await Promise.resolve();
      },
      problem: async () => problemOfNodes() ?? (web.current && (await problemOfGoneService(stage, web.current))),
      machines,
    });
    this.part = 'the end';
    for (const { nodeName } of machines) stage.main.server.store.delete('nodes', nodeName);
    await stage.until('nothing is left', async () => compareAccounts(before, await stage.world.account())[0]);
    this.operations = [...new Set(stage.main.tap.calls.map(({ operation }) => operation))].sort();
  }

  /** Warnings and errors of the log, which may say only once what lasts. */
  #listen(line: string): void {
    if (/ [WE]\d{4} /.test(line)) this.#said.push(line);
  }

  async #forbidAtFirst(
    stage: Stage,
    part: string,
    deed: {
      readonly does: () => Promise<void>;
      readonly problem: () => string | undefined | Promise<string | undefined>;
      readonly machines: readonly Machine[];
    },
  ): Promise<void> {
    this.part = part;
    const { calls } = stage.main.tap;
    const sentBefore = calls.length;
    const eventsBefore = new Set(warningsOf(stage));
    this.#isForbidden = true;
    await deed.does();
    await stage.rest(this.#operation === undefined ? Duration.minutes(1) : forbiddenFor);
    this.#isForbidden = false;
    if (!stage.main.isManaged) throw new ConformanceFailure('the manager ended');
    const attempts = calls.slice(sentBefore).filter(({ fault }) => fault === 'denied').length;
    if (attempts > mostAttempts) throw new ConformanceFailure(`${attempts} attempts within ${forbiddenFor.toString()}`);
    const lost = firstProblem(deed.machines, ({ nodeName }) =>
      problemOfLiveNode(handsIn(stage).node(nodeName), nodeName),
    );
    if (lost !== undefined) throw new ConformanceFailure(lost);
    if (attempts > 0) {
      this.points += 1;
      const news = warningsOf(stage).filter((warning) => !eventsBefore.has(warning));
      const places = (await deed.problem()) === undefined ? [...news, ...this.#said] : news;
      const isTold = places.some((warning) => warning.includes(this.#operation ?? ''));
      if (!isTold && this.#need === 'needed') throw new ConformanceFailure(`nothing names it: ${places.join('; ')}`);
    }
    await stage.until('all is well once it is allowed', deed.problem, patience);
  }
}

function nodeProblem(hands: Hands, machine: Machine): string | undefined {
  return problemOfNode(hands.node(machine.nodeName), machine);
}

function firstProblem(
  machines: readonly Machine[],
  find: (machine: Machine) => string | undefined,
): string | undefined {
  for (const machine of machines) {
    const problem = find(machine);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Messages of Events of the type Warning, each with how often it came. */
function warningsOf(stage: Stage): readonly string[] {
  return stage.main.server.store
    .list('events')
    .map((event) => JSON.stringify(event))
    .filter((text) => text.includes('"Warning"'));
}
