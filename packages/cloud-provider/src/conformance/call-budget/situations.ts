import { Duration } from '../../base/duration.ts';
import { handsIn } from '../acts.ts';
import { problemOfGoneService, problemOfNode, problemOfRoutes, problemOfService } from '../checks.ts';
import { nodes, served } from '../settled.ts';
import type { Stage } from '../stage.ts';
import type { ConformanceSubject, KindSubject, Machine, ServiceIdentity } from '../subject.ts';

/** What a call budget states the calls of. */
export interface BudgetSituation {
  /** Never changes: it is the key of the table. */
  readonly name: string;
  /** Whether the manager looks after routes meanwhile. */
  readonly routes: 'looked after' | 'left alone';
  /** Brings everything about, and calls `count` around what is counted. */
  play(stage: Stage, count: (deed: () => Promise<void>) => Promise<void>): Promise<void>;
}

/** What is under way comes to rest within it, and no periodic work falls due. */
const rest = Duration.seconds(30);
const hour = Duration.hours(1);
/** No Node is so young then that this alone keeps it. */
const oldEnough = Duration.minutes(3);
/** How many Services stand for many. */
const manyServices = 10;
const someNodes = 3;

/** Every situation for the subject, as its capabilities have them. */
export function listSituations(subject: ConformanceSubject): readonly BudgetSituation[] {
  return [
    {
      name: 'start without nodes',
      routes: 'left alone',
      async play(stage, count) {
        await stage.main.stop();
        await count(async () => {
          await stage.main.start();
          await stage.rest(rest);
        });
      },
    },
    ...(subject.capabilities.instances ? nodeSituations() : []),
    ...(subject.capabilities.instances && subject.capabilities.routes ? routeSituations() : []),
    ...subject.loadBalancers.flatMap((kind) => serviceSituations(kind)),
  ];
}

function nodeSituations(): readonly BudgetSituation[] {
  return [
    ...[1, 100, 1000].map((number) => joins(number, 'left alone')),
    ...[100, 1000].map((number) => idles(number, 'left alone')),
    {
      name: 'ten minutes in which one of 100 nodes is silent and its machine runs',
      routes: 'left alone',
      async play(stage, count) {
        const [first] = await nodes(stage, 100);
        await stage.rest(oldEnough);
        await count(async () => {
          if (first) handsIn(stage).fallSilent(first.nodeName);
          await stage.rest(Duration.minutes(10));
        });
      },
    },
    {
      name: 'a machine ends and its node is deleted, of 100 nodes',
      routes: 'left alone',
      async play(stage, count) {
        const [first] = await nodes(stage, 100);
        if (!first) return;
        await stage.rest(oldEnough);
        await count(async () => {
          await stage.world.machines.terminate(first);
          handsIn(stage).fallSilent(first.nodeName);
          await stage.until('the node is deleted', () => handsIn(stage).node(first.nodeName) && 'it is there');
          await stage.rest(rest);
        });
      },
    },
    {
      name: 'restart with 100 nodes',
      routes: 'left alone',
      async play(stage, count) {
        await nodes(stage, 100);
        await stage.rest(rest);
        await stage.main.stop();
        await count(async () => {
          await stage.main.start();
          await stage.rest(rest);
        });
      },
    },
  ];
}

function joins(number: number, routes: BudgetSituation['routes']): BudgetSituation {
  const deed = `${named(number, 'node')} ${number === 1 ? 'joins' : 'join at once'}`;
  return {
    name: routes === 'looked after' ? `routes: ${deed}` : deed,
    routes,
    async play(stage, count) {
      await stage.rest(rest);
      const machines: Machine[] = [];
      for (let launched = 0; launched < number; launched++) machines.push(await stage.world.machines.launch());
      await count(async () => {
        for (const { nodeName } of machines) handsIn(stage).register(nodeName);
        await untilServed(stage, machines);
        await stage.rest(rest);
      });
    },
  };
}

function idles(number: number, routes: BudgetSituation['routes']): BudgetSituation {
  const deed = `an idle hour, ${named(number, 'node')}`;
  return {
    name: routes === 'looked after' ? `routes: ${deed}` : deed,
    routes,
    async play(stage, count) {
      await nodes(stage, number);
      await stage.rest(rest);
      await count(() => stage.rest(hour));
    },
  };
}

/** With what the nodes take besides. */
function routeSituations(): readonly BudgetSituation[] {
  return [joins(1, 'looked after'), joins(100, 'looked after'), idles(100, 'looked after')];
}

function serviceSituations(kind: KindSubject): readonly BudgetSituation[] {
  const many = named(manyServices, 'Service');
  return [
    situation(kind, 'the first Service is created', async (stage, machines, count) => {
      await stage.rest(rest);
      await count(async () => {
        await served(stage, { name: 'web', kind }, { machines });
        await stage.rest(rest);
      });
    }),
    situation(kind, 'one more Service is created', async (stage, machines, count) => {
      await served(stage, { name: 'first', kind }, { machines });
      await stage.rest(rest);
      await count(async () => {
        await served(stage, { name: 'web', kind }, { machines });
        await stage.rest(rest);
      });
    }),
    situation(kind, 'a Service is touched and wants nothing else', async (stage, machines, count) => {
      const web = await served(stage, { name: 'web', kind }, { machines });
      await stage.rest(rest);
      await count(async () => {
        handsIn(stage).patchService(web, { metadata: { labels: { team: 'other' } } });
        await stage.rest(rest);
      });
    }),
    situation(kind, 'a port is added to a Service', async (stage, machines, count) => {
      const web = await served(stage, { name: 'web', kind }, { machines });
      await stage.rest(rest);
      await count(async () => {
        const [first] = handsIn(stage).service(web)?.spec.ports ?? [];
        handsIn(stage).patchService(web, { spec: { ports: [first, { name: 'more', port: 8443 }] } });
        await stage.until('it is there', () => problemOfService(stage, web, { machines }));
        await stage.rest(rest);
      });
    }),
    situation(kind, 'a Service is deleted', async (stage, machines, count) => {
      const web = await served(stage, { name: 'web', kind }, { machines });
      await stage.rest(rest);
      await count(async () => {
        handsIn(stage).deleteService(web);
        await stage.until('it is gone', () => problemOfGoneService(stage, web));
        await stage.rest(rest);
      });
    }),
    ...[1, manyServices].map((number) =>
      situation(kind, `one node joins ${named(number, 'Service')}`, async (stage, machines, count) => {
        const services = await serveMany(stage, kind, { number, machines });
        await stage.rest(rest);
        const joining = await stage.world.machines.launch();
        const all = [...machines, joining];
        await count(async () => {
          handsIn(stage).register(joining.nodeName);
          for (const one of services) {
            await stage.until('it has the node', () => problemOfService(stage, one, { machines: all }));
          }
          await untilServed(stage, all);
          await stage.rest(rest);
        });
      }),
    ),
    situation(kind, `an idle hour, ${many}`, async (stage, machines, count) => {
      await serveMany(stage, kind, { number: manyServices, machines });
      await stage.rest(hour);
      await count(() => stage.rest(hour));
    }),
    situation(kind, `restart with ${many}`, async (stage, machines, count) => {
      await serveMany(stage, kind, { number: manyServices, machines });
      await stage.rest(rest);
      await stage.main.stop();
      await count(async () => {
        await stage.main.start();
        await stage.rest(rest);
      });
    }),
  ];
}

function situation(
  kind: KindSubject,
  name: string,
  play: (
    stage: Stage,
    machines: readonly Machine[],
    count: (deed: () => Promise<void>) => Promise<void>,
  ) => Promise<void>,
): BudgetSituation {
  return {
    name: `${kind.name}: ${name}`,
    routes: 'left alone',
    play: async (stage, count) => play(stage, await nodes(stage, someNodes), count),
  };
}

async function serveMany(
  stage: Stage,
  kind: KindSubject,
  wanted: { readonly number: number; readonly machines: readonly Machine[] },
): Promise<readonly ServiceIdentity[]> {
  const { machines, number } = wanted;
  const services: ServiceIdentity[] = [];
  for (let made = 0; made < number; made++) {
    services.push(await served(stage, { name: `web-${made}`, kind }, { machines }));
  }
  return services;
}

async function untilServed(stage: Stage, machines: readonly Machine[]): Promise<void> {
  const hands = handsIn(stage);
  await stage.until('the nodes are initialised', () =>
    machines.map((one) => problemOfNode(hands.node(one.nodeName), one)).find((problem) => problem !== undefined),
  );
  if (!stage.subject.capabilities.routes) return;
  await stage.until('the nodes have routes', () => problemOfRoutes(stage, machines, 'these'));
}

function named(number: number, what: string): string {
  return number === 1 ? `1 ${what}` : `${number.toLocaleString('en-US')} ${what}s`;
}
