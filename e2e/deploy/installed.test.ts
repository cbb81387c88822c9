import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { issueCertificate } from '@ccm-ts/cloud-provider/testing';
import { Account, type Network } from '../aws/account.ts';
import { Cluster } from '../aws/cluster.ts';
import { eventually } from '../aws/eventually.ts';
import { startManager } from '../aws/executable.ts';
import { executableVariable, motoVariable, required } from '../aws/variables.ts';
import { describe, it } from '../harness/node-test.ts';
import { freePorts } from '../kube-apiserver/free-ports.ts';
import { Kubectl, kubeconfigVariable } from '../kubectl/kubectl.ts';
import { distributions, manifestFolder, releaseName, type StagedChart, stageChart } from './charts.ts';
import { ask } from '../manager/side-by-side/ask.ts';
import { helmVariable } from './variables.ts';

/** What a cluster was made to run, of which one program is started here as its pod would be. */
interface Installation {
  readonly title: string;
  readonly manifest: (chart: StagedChart) => Promise<string>;
  readonly workload: string;
  /** Whose lease is held then. @default nobody's */
  readonly lease?: string;
  /** Whether it serves admission webhooks. @default no */
  readonly webhooks?: 'yes';
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

const json = { 'content-type': 'application/json' };

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
    title: 'the chart with webhooks',
    manifest: rendered(
      'webhooks.enabled=true',
      'webhooks.certificateSecret=webhooks',
      'webhooks.caBundle=PEM',
      'webhooks.securePort=10261',
    ),
    workload: `deployment/${releaseName}`,
    lease: 'cloud-controller-manager',
    webhooks: 'yes',
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
    const pair = issueCertificate({
      subject: { commonName: 'webhooks', organizations: [] },
      validFrom: new Date(Date.now() - 60_000),
      validTo: new Date(Date.now() + 3_600_000),
      usage: 'server',
      isAuthority: true,
    });
    await writeFile(join(folder, 'tls.crt'), pair.certificate);
    await writeFile(join(folder, 'tls.key'), pair.key);
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

  for (const [index, { title, manifest, workload, lease, webhooks }] of installations.entries()) {
    it(`runs with the flags and the rights that it was given: ${title}`, async () => {
      const text = await manifest(chart);
      const machine = await account.launch(network, index + 1);
      const name = machine.privateDnsName;
      const logFile = join(folder, `${index}.log`);
      await kubectl.run(['apply', '--server-side', '--filename=-'], text);
      try {
        await cluster.join(name, machine);
        const found = await kubectl.run(['get', workload, '--namespace=kube-system', '--output=json']);
        const [webhookPort = 0] = await freePorts(1);
        const { serviceAccountName, containers } = (JSON.parse(found) as Workload).spec.template.spec;
        const flags = containers[0]?.args.map((arg) => /^--([^=]+)=(.*)$/.exec(arg)?.slice(1) ?? []) ?? [];
        await using manager = await startManager({
          executable: required(process.env, executableVariable),
          kubeconfig: await kubeconfigOf(serviceAccountName),
          endpoint: moto,
          logFile,
          // Ports, the file with the configuration and folders are of this machine.
          flags: {
            ...Object.fromEntries(
              flags
                .filter(([flag = '']) => !['cluster-name', 'secure-port', 'cloud-config'].includes(flag))
                .map(([flag = '', value = '']) => [
                  flag,
                  value.replaceAll('$(NODE_NAME)', name).replace('/etc/webhook-certificate', folder),
                ]),
            ),
            ...(webhooks && { 'webhook-bind-address': '127.0.0.1', 'webhook-secure-port': String(webhookPort) }),
          },
        });
        await eventually(async () => {
          const node = (await cluster.nodes()).get(name);
          assert.equal(node?.spec.providerID, `aws:///${machine.zone}/${machine.id}`, await readFile(logFile, 'utf8'));
          if (lease === undefined) return;
          const get = ['get', 'lease', lease, '--namespace=kube-system', '--output=jsonpath={.spec.holderIdentity}'];
          assert.notEqual(await kubectl.run(get), '');
        }, manager.ended);
        if (webhooks) {
          assert.ok(flags.some(([flag, value]) => flag === 'webhook-secure-port' && value === '10261'));
          const get = [
            'get',
            'mutatingwebhookconfigurations',
            '--output=jsonpath={.items[*].webhooks[*].clientConfig.service.path}',
          ];
          for (const path of (await kubectl.run(get)).split(' ')) {
            // Nothing is no review: somebody is there who knows.
            assert.equal((await ask(webhookPort, { path, method: 'POST', headers: json })).status, 400, path);
          }
        }
        assert.equal(await manager.stop(), 0);
        assert.doesNotMatch(await readFile(logFile, 'utf8'), /forbidden/i);
      } finally {
        await kubectl.attempt(['delete', 'node', name]);
        await kubectl.attempt(['delete', '--wait=false', '--filename=-'], text);
      }
    });
  }
});
