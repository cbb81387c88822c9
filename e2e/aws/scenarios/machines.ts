import assert from 'node:assert/strict';
import { CreateRouteCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { fillIn, type CaseNode } from '../goldens/golden-case.ts';
import type { Sight } from './found.ts';
import type { Play, Scenario } from './play.ts';

interface SeenNode {
  readonly providerID: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly addresses: readonly { readonly type: string; readonly address: string }[];
}

interface SeenInstance {
  readonly tags: Readonly<Record<string, string>>;
  readonly sourceDestCheck: boolean;
}

interface Route {
  readonly to: string;
  readonly via: string;
  readonly state: string;
}

const seventh: CaseNode = { name: 'n7', subnet: 'public-a', ip: '10.0.0.77', podCIDR: '10.244.7.0/24' };
const eighth: CaseNode = {
  name: 'n8',
  subnet: 'public-b',
  ip: '10.0.1.78',
  podCIDR: '10.244.8.0/24',
  providerID: 'aws:///us-east-1b/{{i:n8}}',
};
/** Never a Node: its range of pods is a route to nowhere when the eighth comes. */
const predecessor: CaseNode = { name: 'n9', subnet: 'public-b', ip: '10.0.1.79' };

/** Machines that come; one after another. */
export const comingMachines: readonly Scenario[] = [
  {
    title: 'machines: all are initialised, tagged and routed to',
    play: async (play) => {
      const { cloud } = play.ground;
      await play.until((_, sight) => {
        for (const node of cloud.nodes.values()) {
          const id = cloud.id(`i:${node.name}`);
          const seen = sight.nodes[node.host] as SeenNode;
          assert.equal(seen.providerID, `aws:///us-east-1${node.subnet?.at(-1)}/${id}`);
          assert.equal(seen.labels['node.kubernetes.io/instance-type'], 'm5.large');
          assert.ok(seen.addresses.some(({ address }) => address === node.ip));
          assertTended(sight, id, node);
        }
      });
    },
  },
  {
    title: 'machines: one joins and gets traffic, a route and tags',
    play: async (play) => {
      await play.create({ annotations: { type: 'nlb' } });
      await play.untilThere('network', {}, [{}]);
      await join(play, seventh);
      const id = play.ground.cloud.id('i:n7');
      await play.until(({ targetGroups }, sight) => {
        assert.ok(targetGroups[0]?.targets.some((target) => target.id === id));
        assertTended(sight, id, seventh);
      });
      await play.delete();
    },
  },
];

/** The one that came last. Its Node stays for the first two minutes, so that this goes on beside the other scenarios. */
export const endingMachine: Scenario = {
  title: 'machines: one ends, and its Node with it',
  play: async (play) => {
    const { cloud, cluster } = play.ground;
    const host = cloud.nodes.get('n7')?.host ?? '';
    await cloud.ec2.send(new TerminateInstancesCommand({ InstanceIds: [cloud.id('i:n7')] }));
    await cluster.setReady(host, 'Unknown');
    await play.until((_, { nodes }) => assert.equal(nodes[host], undefined), 300);
  },
};

/** What else happens to machines; one after another, because they share the table of routes. */
export const machines: readonly Scenario[] = [
  {
    title: 'machines: one takes over a range of pods that leads nowhere',
    play: async (play) => {
      const { cloud } = play.ground;
      await cloud.addMachine(predecessor);
      const InstanceId = cloud.id('i:n9');
      const route = { RouteTableId: cloud.id('rtb:public'), DestinationCidrBlock: eighth.podCIDR, InstanceId };
      await cloud.ec2.send(new CreateRouteCommand(route));
      await cloud.ec2.send(new TerminateInstancesCommand({ InstanceIds: [InstanceId] }));
      cloud.nodes.delete('n9');
      await join(play, eighth);
      await play.until((_, sight) => assertTended(sight, play.ground.cloud.id('i:n8'), eighth));
    },
  },
  {
    title: 'machines: one is taken out of the cluster and keeps nothing of it',
    play: async (play) => {
      const { cloud, cluster } = play.ground;
      await play.create({ annotations: { type: 'nlb' } });
      const id = cloud.id('i:n8');
      await play.until(({ targetGroups }) => assert.ok(targetGroups[0]?.targets.some((target) => target.id === id)));
      await cluster.deleteNode(cloud.nodes.get('n8')?.host ?? '');
      await play.until(({ targetGroups }, { cloud: seen }) => {
        assert.ok(!targetGroups[0]?.targets.some((target) => target.id === id));
        assert.equal((seen.instances[id] as SeenInstance).tags['team'], undefined);
        assert.ok(!routes(seen).some(({ to }) => to === eighth.podCIDR));
      });
      await play.delete();
    },
  },
];

/** The manager ends in the middle of things. */
export function restarts(restart: (how: 'stop' | 'kill') => Promise<void>): readonly Scenario[] {
  return (['kill', 'stop'] as const).flatMap((how): Scenario[] => [
    {
      title: `restart: ${how} while load balancers are made`,
      play: async (play) => {
        await play.create({ annotations: { type: 'nlb' }, ports: [{ port: 80 }, { port: 81 }, { port: 82 }] });
        await play.until(({ network, targetGroups }) => assert.ok(network ?? targetGroups[0]));
        await restart(how);
        await play.untilThere('network', { listeners: [{ port: 80 }, { port: 81 }, { port: 82 }] }, [{}, {}, {}]);
        await play.delete();
      },
    },
    {
      title: `restart: ${how} while load balancers are deleted`,
      play: async (play) => {
        await play.create({});
        await play.untilThere('classic', {});
        await play.ground.cluster.deleteService(play.name);
        await restart(how);
        await play.until(({ classic, groups, service }) => {
          assert.deepEqual([service, classic, groups], [undefined, undefined, []]);
        });
      },
    },
  ]);
}

async function join({ ground }: Play, machine: CaseNode): Promise<void> {
  const { cloud, cluster } = ground;
  await cloud.addMachine(machine);
  const node = cloud.nodes.get(machine.name);
  assert.ok(node);
  await cluster.register(node, fillIn(node.providerID ?? '', cloud.ids));
}

/** Tagged, and routed to when it has a range of pods. */
function assertTended(sight: Sight, id: string, { podCIDR }: CaseNode): void {
  const { sourceDestCheck, tags } = sight.cloud.instances[id] as SeenInstance;
  assert.equal(tags['team'], 'e2e');
  if (podCIDR === undefined) return;
  assert.equal(sourceDestCheck, false);
  assert.ok(routes(sight.cloud).some(({ state, to, via }) => to === podCIDR && via === id && state === 'active'));
}

function routes(cloud: Sight['cloud']): readonly Route[] {
  return cloud.routeTables['public'] as readonly Route[];
}
