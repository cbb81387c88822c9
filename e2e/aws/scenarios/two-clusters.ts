import assert from 'node:assert/strict';
import { CreateTagsCommand, DeleteTagsCommand } from '@aws-sdk/client-ec2';
import { type CaseNode, fillIn } from '../goldens/golden-case.ts';
import type { GoldenCluster } from '../goldens/golden-cluster.ts';
import { goldenCluster } from '../goldens/golden-cloud.ts';
import { Observer } from './found.ts';
import { Play, type Scenario } from './play.ts';

/** The other cluster of the account. */
export const neighbourID = 'neighbour';
const machine: CaseNode = { name: 'm1', subnet: 'public-b', ip: '10.0.1.99' };

/** A second cluster with a manager of its own in the same network: each has Services of the same names. */
export function twoClusters(neighbour: GoldenCluster): readonly Scenario[] {
  return (['network', 'classic'] as const).map((kind) => ({
    title: `two clusters: ${kind} load balancers of one name each`,
    play: async (play) => {
      const observer = new Observer(play.ground.cloud, neighbour, play.ground.proxy);
      const other = new Play({ ...play.ground, cluster: neighbour, clusterID: neighbourID, observer }, play.number);
      const annotations: Readonly<Record<string, string>> = kind === 'network' ? { type: 'nlb' } : {};
      await Promise.all([play.create({ annotations }), other.create({ annotations })]);
      const tag = (clusterID: string) => ({ tags: { [`kubernetes.io/cluster/${clusterID}`]: 'owned' } });
      await play.untilThere(kind, tag(goldenCluster));
      await other.untilThere(kind, tag(neighbourID));
      await play.delete();
      await other.until((found) => assert.ok(found[kind]));
      await other.annotate({ 'additional-resource-tags': 'still=here' });
      await other.untilThere(kind, { tags: { still: 'here' } });
      await other.delete();
    },
  }));
}

/** Shares the network with the neighbour, and gives it a machine. */
export async function moveIn({ ground }: Play, neighbour: GoldenCluster): Promise<void> {
  const { cloud } = ground;
  await cloud.addMachine(machine);
  const shared = [...cloud.ids].filter(([name]) => /^(subnet|sg:nodes|rtb:public|vpc)/.test(name)).map(([, id]) => id);
  const tag = `kubernetes.io/cluster/${neighbourID}`;
  await cloud.ec2.send(new CreateTagsCommand({ Resources: shared, Tags: [{ Key: tag, Value: 'shared' }] }));
  const Resources = [cloud.id('i:m1')];
  await cloud.ec2.send(new DeleteTagsCommand({ Resources, Tags: [{ Key: `kubernetes.io/cluster/${goldenCluster}` }] }));
  await cloud.ec2.send(new CreateTagsCommand({ Resources, Tags: [{ Key: tag, Value: 'owned' }] }));
  const node = cloud.nodes.get('m1');
  assert.ok(node);
  // It is none of the first cluster's.
  cloud.nodes.delete('m1');
  await neighbour.register(node, fillIn('', cloud.ids));
}
