import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import assert from 'node:assert/strict';
import { iamPolicy } from '@ccm-ts/cloud-provider-aws';
import type { Failure, Outcome } from '../../harness/outcome.ts';
import type { SuiteContext } from '../../harness/suite.ts';
import { startKubeApiServer } from '../../kube-apiserver/start.ts';
import type { Minor } from '../../kube-apiserver/versions.ts';
import { type RunningManager, startManager } from '../executable.ts';
import { startCloudProxy } from '../goldens/cloud-proxy.ts';
import { type CaseNode, defaultNodes, fillIn } from '../goldens/golden-case.ts';
import { GoldenCloud, goldenCluster } from '../goldens/golden-cloud.ts';
import { GoldenCluster } from '../goldens/golden-cluster.ts';
import { changesSince, observeCloud } from '../goldens/observe-cloud.ts';
import { startMoto } from '../moto.ts';
import { creations } from './creations.ts';
import { edits } from './edits.ts';
import { enforcePolicies } from './enforcement.ts';
import { faults } from './faults.ts';
import { Observer } from './found.ts';
import { comingMachines, endingMachine, machines, restarts } from './machines.ts';
import { managed } from './managed.ts';
import { type Ground, Play, type Scenario } from './play.ts';
import { refusals } from './refusals.ts';
import { rights } from './rights.ts';
import { moveIn, neighbourID, twoClusters } from './two-clusters.ts';

/** How many scenarios run at once where they do not share more than the account. */
const abreast = 8;

/** Two machines have ranges of pods, which are routed to. */
const nodes: readonly CaseNode[] = defaultNodes.map((node, index) =>
  index < 2 ? { ...node, podCIDR: `10.244.${index + 1}.0/24` } : node,
);

const flags: Readonly<Record<string, string>> = {
  'leader-elect': 'false',
  controllers: '*,tagging',
  tags: 'team=e2e',
  resources: 'instance',
  'configure-cloud-routes': 'true',
  'allocate-node-cidrs': 'true',
  'cluster-cidr': '10.244.0.0/16',
  'concurrent-service-syncs': '8',
};

/** What the policy grants and the emulator can not be asked for. */
const neverSeen: Readonly<Record<string, string>> = {
  'iam:CreateServiceLinkedRole': 'AWS makes the role by itself',
  'ec2:DescribeNetworkInterfaces': 'for nodes on Fargate, which the emulator does not have',
  'ec2:DescribeVolumes': 'for the webhook that labels volumes',
  'elasticloadbalancing:SetIpAddressType':
    'for Services of both families, which these API servers have no addresses for',
};

/**
 * Every scenario, in few processes: one account that judges policies, two clusters, a manager in each with the rights of the
 * published policy and no others.
 */
export async function runScenarios({
  minor,
  executable,
  ...context
}: SuiteContext & { readonly minor: Minor; readonly executable: string }): Promise<Outcome> {
  const { print, signal } = context;
  await using made = new AsyncDisposableStack();
  const [moto, server, next] = await Promise.all([
    startMoto(print, 'enforcing').then((each) => made.use(each)),
    startKubeApiServer({ minor, progress: print }).then((each) => made.use(each)),
    startKubeApiServer({ minor, progress: print }).then((each) => made.use(each)),
  ]);
  const proxy = made.use(await startCloudProxy(moto.url));
  const seeding = made.use(new GoldenCloud(moto.url));
  await seeding.seed(nodes);
  const enforcement = await enforcePolicies(moto.url, [goldenCluster, neighbourID]);
  const cloud = made.use(new GoldenCloud(moto.url, enforcement.owner));
  for (const [name, id] of seeding.ids) cloud.ids.set(name, id);
  for (const [name, node] of seeding.nodes) cloud.nodes.set(name, node);
  const cluster = made.use(new GoldenCluster(server.access));
  const neighbour = made.use(new GoldenCluster(next.access));
  const folder = await mkdtemp(join(tmpdir(), 'ccm-ts-aws-scenarios-'));
  made.defer(() => rm(folder, { recursive: true, force: true }));
  const logFile = join(folder, 'manager.log');
  let global: Readonly<Record<string, string>> = {};
  const start = (clusterID: string, kubeconfig: string): Promise<RunningManager> =>
    startManager({
      executable,
      kubeconfig,
      endpoint: proxy.url,
      logFile: clusterID === goldenCluster ? logFile : `${logFile}.${clusterID}`,
      cloudConfig: cloudConfig(cloud, { KubernetesClusterID: clusterID, ...global }),
      flags: clusterID === goldenCluster ? flags : { 'leader-elect': 'false', 'configure-cloud-routes': 'false' },
      clusterName: clusterID,
      credentials: enforcement.managers.get(clusterID) ?? enforcement.owner,
    });
  const ground: Ground = {
    cloud,
    cluster,
    clusterID: goldenCluster,
    proxy,
    enforcement,
    observer: new Observer(cloud, cluster, proxy),
  };
  for (const node of cloud.nodes.values()) await cluster.register(node, fillIn(node.providerID ?? '', cloud.ids));

  const runner = new Runner(ground, context);
  let manager = await start(goldenCluster, server.kubeconfig);
  made.defer(() => manager[Symbol.asyncDispose]());
  const restart = async (how: 'stop' | 'kill'): Promise<void> => {
    await (how === 'kill' ? manager.kill() : manager.stop());
    await manager[Symbol.asyncDispose]();
    manager = await start(goldenCluster, server.kubeconfig);
  };
  try {
    await runner.run(comingMachines, 1);
    const before = await observeCloud(cloud);
    const ending = runner.run([endingMachine], 1);
    await runner.run([...rights, ...faults, ...refusals, ...edits, ...creations], abreast);
    await runner.run(machines, 1);
    // Another process would have to see for itself that the machine is gone, all over again.
    await ending;
    await runner.run(restarts(restart), 1);
    global = { NLBSecurityGroupMode: 'Managed', ClusterServiceLoadBalancerHealthProbeMode: 'Shared' };
    await restart('stop');
    await runner.run(managed, abreast);
    await runner.run([nothingLeft(before)], 1);
    const moving = { title: 'two clusters: one moves in', play: (play: Play) => moveIn(play, neighbour) };
    await runner.run([moving], 1);
    await using other = await start(neighbourID, next.kubeconfig);
    await runner.run(twoClusters(neighbour), 1);
    await other.stop();
    if (context.only === undefined) await runner.run([everyRightUsed(proxy.calls)], 1);
    if (runner.failures.length > 0) {
      const lines = (await readFile(logFile, 'utf8')).trimEnd().split('\n');
      print(`the last that the manager said:\n${lines.slice(-20).join('\n')}`);
    }
  } finally {
    signal.throwIfAborted();
  }
  print(`${runner.count} scenarios on kube-apiserver ${minor}, ${proxy.calls.length} calls of AWS`);
  return { passed: runner.count - runner.failures.length, failures: runner.failures, notRun: [] };
}

/** The account is what it was, whatever went wrong on the way. */
function nothingLeft(before: Awaited<ReturnType<typeof observeCloud>>): Scenario {
  return {
    title: 'nothing is left of all these Services',
    play: (play) =>
      play.until((_, { cloud }) => {
        const { classic, network, securityGroups, targetGroups } = changesSince(before, cloud);
        const nodesBefore = { nodes: before.securityGroups['nodes'] };
        assert.deepEqual(
          { classic, network, securityGroups, targetGroups },
          { classic: {}, network: {}, securityGroups: nodesBefore, targetGroups: {} },
        );
      }),
  };
}

/** The policy grants what was asked for, and nothing else. */
function everyRightUsed(calls: readonly { readonly operation: string }[]): Scenario {
  return {
    title: 'the policy grants what is asked for, and nothing else',
    play: () => {
      const asked = calls.map(({ operation }) =>
        operation.replace(/^elb(v2)?\./, 'elasticloadbalancing:').replace('.', ':'),
      );
      const granted = iamPolicy({ clusterID: goldenCluster }).Statement.flatMap(({ Action }) => Action);
      const expected = [...new Set(granted)].filter((action) => !(action in neverSeen)).sort();
      assert.deepEqual([...new Set(asked)].sort(), expected);
      return Promise.resolve();
    },
  };
}

function cloudConfig(cloud: GoldenCloud, more: Readonly<Record<string, string>>): string {
  const entries = {
    Zone: 'us-east-1a',
    VPC: cloud.id('vpc'),
    SubnetID: cloud.id('subnet:public-a'),
    ...more,
  };
  return `[Global]\n${Object.entries(entries)
    .map(([key, value]) => `${key} = "${value}"\n`)
    .join('')}`;
}

/** Plays scenarios, several at once, and remembers what became of them. */
class Runner {
  readonly failures: Failure[] = [];
  count = 0;
  readonly #ground: Ground;
  readonly #context: SuiteContext;
  #number = 0;

  constructor(ground: Ground, context: SuiteContext) {
    this.#ground = ground;
    this.#context = context;
  }

  async run(scenarios: readonly Scenario[], atOnce: number): Promise<void> {
    const { only } = this.#context;
    const waiting = scenarios.filter(({ title }) => only === undefined || only.test(title));
    const work = async (): Promise<void> => {
      for (let scenario = waiting.shift(); scenario !== undefined; scenario = waiting.shift())
        await this.#play(scenario);
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  }

  async #play({ play, title }: Scenario): Promise<void> {
    const { print, signal } = this.#context;
    signal.throwIfAborted();
    this.count += 1;
    const started = performance.now();
    try {
      await play(new Play(this.#ground, (this.#number += 1)));
      print(`  ${title}: ${((performance.now() - started) / 1000).toFixed(0)} s`);
    } catch (error) {
      signal.throwIfAborted();
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.failures.push({ test: title, message });
      print(`  ✗ ${title}\n      ${message.slice(0, 3000).replaceAll('\n', '\n      ')}`);
    }
  }
}
