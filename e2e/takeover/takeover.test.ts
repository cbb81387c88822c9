import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { readApiServer } from '../churn/variables.ts';
import { after, describe, it } from '../harness/node-test.ts';
import { type Guest, SharedCluster, type Trace, until } from './shared-cluster.ts';
import { readPrograms } from './variables.ts';

const size = { nodes: 12, services: 8 };
/** Several rounds of every upkeep. */
const quietMilliseconds = 7000;
/** The one that both kinds take by default. */
const lease = 'cloud-controller-manager';
const nodeLoops = 'cloud-node-controller,cloud-node-lifecycle-controller';

/** A trace without what any write changes. */
function substance(traces: ReadonlyMap<string, Trace>): Readonly<Record<string, unknown>> {
  return Object.fromEntries([...traces].map(([key, trace]) => [key, { ...trace, resourceVersion: '' }]));
}

function versions(traces: ReadonlyMap<string, Trace>): Readonly<Record<string, string>> {
  return Object.fromEntries([...traces].map(([key, { resourceVersion }]) => [key, resourceVersion]));
}

describe("beside the Go framework's manager", () => {
  const disposal = new AsyncDisposableStack();
  after(() => disposal.disposeAsync());
  const writesAtTakeover: Record<string, number> = {};
  let cluster: SharedCluster;
  let last = 0;
  let quietWatches = 0;

  const cloudWrites = (guests: readonly Guest[]): readonly string[] =>
    guests.flatMap((guest) => guest.cloudWrites.map((write) => `${guest.name}: ${write}`));

  /** Nobody writes anything while all of them do their upkeep. */
  async function isQuiet(guests: readonly Guest[]): Promise<void> {
    const [before, writesBefore] = [await cluster.traces(), cloudWrites(guests).length];
    await sleep(quietMilliseconds);
    assert.deepEqual(versions(await cluster.traces()), versions(before), 'resourceVersions');
    assert.deepEqual(cloudWrites(guests).slice(writesBefore), [], 'writes to the cloud');
    quietWatches++;
  }

  /** What was, is; the new one has led for a while and wrote nothing that matters. */
  async function hasChangedNothing(what: string, before: ReadonlyMap<string, Trace>, guests: readonly Guest[]) {
    await sleep(quietMilliseconds);
    const now = await cluster.traces();
    assert.deepEqual(substance(now), substance(before), what);
    assert.deepEqual(cloudWrites(guests), [], `writes to the cloud by those who came for ${what}`);
    // Ours tells of each Service once, in conditions that the Go manager does not have.
    const told = guests.flatMap(({ clusterWrites }) => clusterWrites);
    assert.deepEqual(
      told.filter((write, index) => !/\/services\/[^/]+\/status$/.test(write) || told.indexOf(write) !== index),
      [],
      `more than a condition was written for ${what}`,
    );
    const changed = [...before].filter(
      ([key, { resourceVersion }]) => now.get(key)?.resourceVersion !== resourceVersion,
    );
    writesAtTakeover[what] = changed.length;
  }

  /** A Node comes, a Service comes, another changes, a third goes: each thing is done once, by the one whose it is. */
  async function live(parts: {
    readonly nodes: Guest;
    readonly services: Guest;
    readonly labels?: Record<string, string>;
  }) {
    const { nodes, services, labels = {} } = parts;
    const before = await cluster.traces();
    const number = ++last;
    const [node, service] = [`late-node-${number}`, `late-service-${number}`];
    const marks = new Map([nodes, services].map((guest) => [guest, { cloud: guest.cloudWrites.length }]));
    await cluster.publish(service, labels);
    await cluster.settled();
    const uid = await cluster.uidOf(service);
    await until('the port to change', async () => {
      if ((await cluster.loadBalancer(uid))?.ports[0] === 80) await cluster.changePort(service, 8080 + number);
      return (await cluster.loadBalancer(uid))?.ports[0] === 8080 + number;
    });
    const mine = services.cloudWrites.slice(marks.get(services)?.cloud).filter((write) => write.includes(uid));
    assert.deepEqual(mine, [`PUT /lbs/${uid}`, `PUT /lbs/${uid}`], 'one write to create it, one to change its port');
    await cluster.join(node, labels);
    await cluster.settled();
    await until(
      'the node to be a backend',
      async () => (await cluster.loadBalancer(uid))?.nodes.includes(node) === true,
    );
    const initialised = nodes.clusterWrites.filter((write) => write.includes(node));
    assert.ok(initialised.length > 0, `${nodes.name} initialised ${node}`);
    const trace = (await cluster.traces()).get(`Service/${service}`);
    assert.deepEqual(trace?.finalizers, before.get('Service/service-0')?.finalizers, 'the same finalizer');
    await cluster.withdraw(service);
    await until('the Service to be gone', async () => !(await cluster.traces()).has(`Service/${service}`));
    assert.equal(await cluster.loadBalancer(uid), undefined, 'its load balancer is gone');
    const others = [nodes, services]
      .filter((guest) => guest !== services)
      .flatMap((guest) => guest.cloudWrites.slice(marks.get(guest)?.cloud));
    assert.deepEqual(others, [], 'writes to the cloud by the one who has the nodes');
  }

  it('begins with a cluster of the Go manager', async () => {
    cluster = disposal.use(await SharedCluster.open(readApiServer(process.env), readPrograms(process.env)));
    for (let node = 0; node < size.nodes; node++) await cluster.join(`node-${node}`, { pool: node % 2 ? 'a' : 'b' });
    for (let service = 0; service < size.services; service++) {
      await cluster.publish(`service-${service}`, { team: service % 2 ? 'a' : 'b' });
    }
    const go = await cluster.invite('go', { lease, controllers: '*' });
    await cluster.settled();
    await until('all backends', async () => {
      const uids = await Promise.all(
        Array.from({ length: size.services }, (_, service) => cluster.uidOf(`service-${service}`)),
      );
      const balancers = await Promise.all(uids.map((uid) => cluster.loadBalancer(uid)));
      return balancers.every((balancer) => balancer?.nodes.length === size.nodes);
    });
    await isQuiet([go]);
  });

  it('takes the Services over while the Go manager keeps the nodes', async () => {
    await cluster.dismiss();
    const before = await cluster.traces();
    const go = await cluster.invite('go', { lease, controllers: '*,-service-lb-controller' });
    const ours = await cluster.invite('ours', { lease: 'ours', controllers: 'service-lb-controller' });
    await hasChangedNothing('Services', before, [go, ours]);
    await live({ nodes: go, services: ours });
    await isQuiet([go, ours]);
  });

  it('takes the Services over selector by selector', async () => {
    await cluster.dismiss();
    const before = await cluster.traces();
    const go = await cluster.invite('go', { lease, controllers: '*,-service-lb-controller' });
    const invite = (own: string, selector: string): Promise<Guest> =>
      cluster.invite('ours', {
        lease: own,
        controllers: 'service-lb-controller',
        flags: [`--manage-services=${selector}`],
      });
    const [one, other] = [await invite('ours-a', 'team=a'), await invite('ours-b', 'team!=a')];
    await hasChangedNothing('Services by selector', before, [go, one, other]);
    const untouched = other.cloudWrites.length;
    await live({ nodes: go, services: one, labels: { team: 'a' } });
    const touched = new Set(other.cloudWrites.slice(untouched));
    const ofTeamB = await Promise.all([0, 2, 4, 6].map((service) => cluster.uidOf(`service-${service}`)));
    const strange = [...touched].filter((write) => !ofTeamB.some((uid) => write.endsWith(uid)));
    assert.deepEqual(strange, [], "writes to the other's load balancers");
    await isQuiet([go, one, other]);
  });

  it('takes the nodes over selector by selector while the Go manager keeps the Services', async () => {
    await cluster.dismiss();
    const before = await cluster.traces();
    const go = await cluster.invite('go', { lease, controllers: 'service-lb-controller' });
    const invite = (own: string, selector: string): Promise<Guest> =>
      cluster.invite('ours', { lease: own, controllers: nodeLoops, flags: [`--manage-nodes=${selector}`] });
    const [one, other] = [await invite('ours-a', 'pool=a'), await invite('ours-b', 'pool!=a')];
    await hasChangedNothing('nodes by selector', before, [go, one, other]);
    await live({ nodes: one, services: go, labels: { pool: 'a' } });
    assert.deepEqual(other.clusterWrites, [], 'writes of the one whose selector does not fit');
    await isQuiet([go, one, other]);
  });

  it('takes everything over by the same lease', async () => {
    await cluster.dismiss();
    const before = await cluster.traces();
    const go = await cluster.invite('go', { lease, controllers: '*' });
    const ours = await cluster.invite('ours', { lease, controllers: '*' });
    await hasChangedNothing('nothing, for it waits', before, [go, ours]);
    assert.deepEqual([...ours.clusterWrites, ...ours.cloudWrites], [], 'whoever waits writes nothing');
    await go.leave();
    await hasChangedNothing('everything', before, [ours]);
    await live({ nodes: ours, services: ours });
    await isQuiet([ours]);
  });

  it('hands everything back', async () => {
    await cluster.dismiss();
    const before = await cluster.traces();
    const go = await cluster.invite('go', { lease, controllers: '*' });
    await hasChangedNothing('the way back', before, [go]);
    await live({ nodes: go, services: go });
    await isQuiet([go]);
    await cluster.withdraw('service-1');
    await until('a Service that ours had to go', async () => !(await cluster.traces()).has('Service/service-1'));
    const line = {
      proof: 'takeover',
      points: quietWatches,
      nodes: size.nodes,
      services: size.services,
      objectsWrittenAtTakeover: writesAtTakeover,
    };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  });
});
