import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before } from 'node:test';
import { Account, clusterID, region } from '../aws/account.ts';
import { Cluster } from '../aws/cluster.ts';
import { eventually } from '../aws/eventually.ts';
import { startManager } from '../aws/executable.ts';
import { executableVariable, logVariable, motoVariable, required } from '../aws/variables.ts';
import { after, describe, it } from '../harness/node-test.ts';
import { Kubectl, kubeconfigVariable } from '../kubectl/kubectl.ts';

const kubectl = new Kubectl(process.env);
const cluster = new Cluster(kubectl);
const moto = required(process.env, motoVariable);
const account = new Account(moto);
const executable = required(process.env, executableVariable);
const kubeconfig = required(process.env, kubeconfigVariable);
let folder = '';

const newService = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'new', namespace: 'default' },
  spec: { type: 'LoadBalancer', ports: [{ name: 'http', port: 80 }] },
};

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(...words: readonly string[]): Promise<Ran> {
  return runWith({}, ...words);
}

async function runWith(environment: Readonly<Record<string, string>>, ...words: readonly string[]): Promise<Ran> {
  const config = join(folder, 'cloud.conf');
  const flags = [`--kubeconfig=${kubeconfig}`, `--cloud-config=${config}`, `--cluster-name=${clusterID}`];
  const child = spawn(process.execPath, [executable, ...words, ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      AWS_ACCESS_KEY_ID: 'reader',
      AWS_SECRET_ACCESS_KEY: 'a-very-secret-key',
      AWS_ENDPOINT_URL: moto,
      AWS_EC2_METADATA_DISABLED: 'true',
      ...environment,
    },
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const [code] = (await once(child, 'close')) as [number];
  assert.doesNotMatch(out + err, /a-very-secret-key|\n\s+at .*:\d+:\d+/);
  return { code, out, err };
}

describe('the subcommands of the AWS executable', () => {
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ccm-ts-cli-'));
    const network = await account.createNetwork();
    const config = `[Global]\nRegion = ${region}\nVPC = ${network.vpcID}\nKubernetesClusterID = ${clusterID}\n`;
    await writeFile(join(folder, 'cloud.conf'), config);
    for (const number of [1, 2]) {
      const machine = await account.launch(network, number);
      await cluster.join(machine.privateDnsName, machine);
    }
    await cluster.apply('web', { spec: { ports: [{ name: 'http', port: 80, nodePort: 30080 }] } });
  });

  after(async () => {
    account[Symbol.dispose]();
    kubectl[Symbol.dispose]();
    await rm(folder, { recursive: true, force: true });
  });

  it('plan what the manager is about to do, and write nothing', async () => {
    const { code, err, out } = await run('plan', '--output', 'json');
    assert.equal(err, '');
    assert.equal(code, 2);
    const plan = JSON.parse(out) as {
      objects: { key: string; state: string; steps: { kind: string }[] }[];
      quotas: { quota: string; now: number; then: number; source: string }[];
    };
    const [perRegion] = plan.quotas;
    assert.deepEqual(perRegion, {
      ...perRegion,
      quota: 'Network Load Balancers per Region',
      now: 0,
      then: 1,
      source: 'default',
    });
    const web = plan.objects.find(({ key }) => key === 'default/web');
    assert.equal(web?.state, 'change');
    assert.ok(web.steps.some(({ kind }) => kind === 'LoadBalancer'));
    assert.equal(plan.objects.filter(({ state, steps }) => state === 'change' && steps[0]?.kind === 'Node').length, 2);
    assert.equal((await account.loadBalancers()).size, 0);
  });

  it('capture it, and replay it without cluster and cloud', async () => {
    const file = join(folder, 'capture.json');
    assert.equal((await run('capture', '--file', file)).code, 0);
    const { code, out } = await runWith({ AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }, 'replay', file);
    assert.match(out, /the same plan/);
    assert.equal(code, 0);
  });

  it('explain, and find nothing to do once the manager was at work', async () => {
    assert.match((await run('explain', 'service/web')).out, /writes are due: the Service has no address yet/);
    const logFile = required(process.env, logVariable);
    await using manager = await startManager({ executable, kubeconfig, endpoint: moto, logFile });
    await eventually(
      async () => {
        assert.equal((await run('plan')).out.split('\n')[0]?.startsWith('Plan: nothing is to be done'), true);
      },
      () => manager.ended(),
    );
    const why = await run('explain', 'service/web');
    assert.match(why.out, /^Service default\/web: as it should be, reached at .*elb/);
    assert.equal(why.code, 0);
    assert.equal((await run('migrate', 'check')).code, 0);
    assert.equal((await run('orphans', 'list')).code, 0);
    const doctor = await run('doctor');
    assert.match(doctor.out, /rights: all \d+ that the manager uses are granted/);
    assert.match(doctor.out, /cloud: aws answers with these credentials/);
    assert.match(doctor.out, /tags: /);
    assert.match((await run('audit')).out, /calls in a quiet hour/);
  });

  it('plan for a manifest without a cluster', async () => {
    const nodes = join(folder, 'nodes.json');
    await writeFile(nodes, await kubectl.run(['get', 'nodes', '--output=json']));
    const file = join(folder, 'new.yaml');
    await writeFile(file, JSON.stringify(newService));
    const { code, out } = await run('plan', '-f', file, '--nodes-from', nodes);
    assert.match(out, /create LoadBalancer/);
    assert.match(out, /planned with the 2 Nodes of .* and without a cluster/);
    assert.match(out, /Classic Load Balancers per Region: 0 now, 1 then, of 20, the default of new accounts/);
    assert.equal(code, 2);
  });

  it('check the rights of somebody else', async () => {
    const account = 'system:serviceaccount:kube-system:nobody-gave-it-rights';
    const { code, out } = await run('doctor', '--as', account);
    assert.match(out, new RegExp(`✘ rights: ${account} may not patch nodes — .*ClusterRole`));
    assert.equal(code, 2);
  });

  it('tell in their first line that no manager is at work', async () => {
    await cluster.apply('late', { spec: { ports: [{ name: 'http', port: 80, nodePort: 30081 }] } });
    assert.match(
      (await run('explain', 'service/late')).out.split('\n')[0] ?? '',
      /writes are due.*no manager makes them/,
    );
  });

  it('name the cause in the first line', async () => {
    const noCloud = await runWith({ AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }, 'plan');
    assert.match(noCloud.err.split('\n')[0] ?? '', /the cloud can't be reached/);
    assert.equal(noCloud.code, 1);
    const noCredentials = await runWith({ AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' }, 'plan');
    assert.match(noCredentials.err.split('\n')[0] ?? '', /credentials/i);
    assert.equal(noCredentials.code, 1);
  });
});
