import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Account, type Network } from '../aws/account.ts';
import { Cluster } from '../aws/cluster.ts';
import { eventually } from '../aws/eventually.ts';
import { startManager } from '../aws/executable.ts';
import { executableVariable, motoVariable, required } from '../aws/variables.ts';
import { describe, it } from '../harness/node-test.ts';
import { Kubectl, kubeconfigVariable } from '../kubectl/kubectl.ts';
import { distributions, manifestFolder, releaseName, type StagedChart, stageChart } from './charts.ts';
import { helmVariable } from './variables.ts';

/** What a cluster was made to run, of which one program is started here as its pod would be. */
interface Installation {
  readonly title: string;
  readonly manifest: (chart: StagedChart) => Promise<string>;
  readonly workload: string;
  /** Whose lease is held then. @default nobody's */
  readonly lease?: string;
}

interface Workload {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly serviceAccountName: string;
        readonly containers: readonly { readonly args: readonly string[] }[];
      };
    };
  };
}

const rendered =
  (...settings: readonly string[]) =>
  async (chart: StagedChart): Promise<string> => {
    const { stdout, stderr } = await chart.template(settings.map((setting) => `--set=${setting}`));
    assert.equal(stderr, '');
    return stdout;
  };

/** A plain manifest. */
async function ofDistribution(distribution: string): Promise<Installation> {
  const text = await readFile(join(manifestFolder('cloud-provider-aws'), `${distribution}.yaml`), 'utf8');
  const [, kind] = /^kind: (Deployment|DaemonSet)$/m.exec(text) ?? [];
  assert.ok(kind, `${distribution} has a workload`);
  return {
    title: `the manifest for ${distribution}`,
    manifest: () => Promise.resolve(text),
    workload: `${kind.toLowerCase()}/${releaseName}`,
    lease: 'cloud-controller-manager',
  };
}

const installations: readonly Installation[] = [
  ...(await Promise.all((await distributions()).map(ofDistribution))),
  {
    title: 'the chart with an account for each controller',
    manifest: rendered('serviceAccountPerController=true', 'leaderElection.leaseName=parted'),
    workload: `deployment/${releaseName}`,
    lease: 'parted',
  },
  {
    title: 'the chart with a manager on each node',
    manifest: rendered('nodeAgent.enabled=true'),
    workload: `daemonset/${releaseName}-node`,
  },
];

describe('what was installed', () => {
  const kubectl = new Kubectl(process.env);
  const moto = required(process.env, motoVariable);
  const account = new Account(moto);
  const cluster = new Cluster(kubectl);
  let network: Network;
  let chart: StagedChart;
  let folder: string;

  before(async () => {
    network = await account.createNetwork();
    chart = await stageChart(required(process.env, helmVariable), 'cloud-provider-aws');
    folder = await mkdtemp(join(tmpdir(), 'ccm-ts-installed-'));
  });

  after(async () => {
    await chart[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
    account[Symbol.dispose]();
    kubectl[Symbol.dispose]();
  });

  /** The kubeconfig of a pod: the API server by its address, and a token of the pod's account. */
  async function kubeconfigOf(serviceAccount: string): Promise<string> {
    const admin = ['config', 'view', '--raw', '--flatten', '--output=json', '--kubeconfig'];
    const config = JSON.parse(await kubectl.run([...admin, required(process.env, kubeconfigVariable)])) as {
      users: { name: string; user: object }[];
    };
    const token = (await kubectl.run(['create', 'token', serviceAccount, '--namespace=kube-system'])).trim();
    const users = config.users.map(({ name }) => ({ name, user: { token } }));
    const file = join(folder, `${serviceAccount}.kubeconfig`);
    await writeFile(file, JSON.stringify({ ...config, users }));
    return file;
  }

  for (const [index, { title, manifest, workload, lease }] of installations.entries()) {
    it(`runs with the flags and the rights that it was given: ${title}`, async () => {
      const text = await manifest(chart);
      const machine = await account.launch(network, index + 1);
      const name = machine.privateDnsName;
      const logFile = join(folder, `${index}.log`);
      await kubectl.run(['apply', '--server-side', '--filename=-'], text);
      try {
        await cluster.join(name, machine);
        const found = await kubectl.run(['get', workload, '--namespace=kube-system', '--output=json']);
        const { serviceAccountName, containers } = (JSON.parse(found) as Workload).spec.template.spec;
        const flags = containers[0]?.args.map((arg) => /^--([^=]+)=(.*)$/.exec(arg)?.slice(1) ?? []) ?? [];
        await using manager = await startManager({
          executable: required(process.env, executableVariable),
          kubeconfig: await kubeconfigOf(serviceAccountName),
          endpoint: moto,
          logFile,
          // The port and the file with the configuration are of this machine.
          flags: Object.fromEntries(
            flags
              .filter(([flag = '']) => !['cluster-name', 'secure-port', 'cloud-config'].includes(flag))
              .map(([flag = '', value = '']) => [flag, value.replaceAll('$(NODE_NAME)', name)]),
          ),
        });
        await eventually(async () => {
          const node = (await cluster.nodes()).get(name);
          assert.equal(node?.spec.providerID, `aws:///${machine.zone}/${machine.id}`, await readFile(logFile, 'utf8'));
          if (lease === undefined) return;
          const get = ['get', 'lease', lease, '--namespace=kube-system', '--output=jsonpath={.spec.holderIdentity}'];
          assert.notEqual(await kubectl.run(get), '');
        }, manager.ended);
        assert.equal(await manager.stop(), 0);
        assert.doesNotMatch(await readFile(logFile, 'utf8'), /forbidden/i);
      } finally {
        await kubectl.attempt(['delete', 'node', name]);
        await kubectl.attempt(['delete', '--wait=false', '--filename=-'], text);
      }
    });
  }
});
