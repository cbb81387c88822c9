import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Account } from '../aws/account.ts';
import { Cluster } from '../aws/cluster.ts';
import { eventually } from '../aws/eventually.ts';
import { executableVariable, motoVariable, required } from '../aws/variables.ts';
import { describe, it } from '../harness/node-test.ts';
import { Kubectl, kubeconfigVariable, kubectlVariable } from '../kubectl/kubectl.ts';
import { helmVariable } from './variables.ts';

const root = resolve(import.meta.dirname, '../..');
const provider = 'packages/cloud-provider-aws';

/** Commands of the page; those with an end in view are stopped when it is reached. */
interface Block {
  readonly until: string;
  readonly commands: string;
}

describe('the page for beginners', () => {
  it('leads to a running manager, with its commands as they stand', async () => {
    using kubectl = new Kubectl(process.env);
    const moto = required(process.env, motoVariable);
    using account = new Account(moto);
    const cluster = new Cluster(kubectl);
    const machine = await account.launch(await account.createNetwork(), 1);
    const name = machine.privateDnsName;
    const area = await mkdtemp(join(tmpdir(), 'ccm-ts-page-'));
    try {
      await cluster.join(name, machine);
      await layOut(area);
      const environment = {
        HOME: area,
        PATH: [join(area, 'bin'), dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter),
        KUBECONFIG: required(process.env, kubeconfigVariable),
        AWS_ENDPOINT_URL: moto,
        AWS_ACCESS_KEY_ID: 'manager',
        AWS_SECRET_ACCESS_KEY: 'manager',
        AWS_EC2_METADATA_DISABLED: 'true',
      };
      for (const { until, commands } of await blocksOf(join(root, provider, 'docs/getting-started.md'))) {
        if (until === '') {
          await promisify(execFile)('sh', ['-e', '-c', commands], { cwd: area, env: environment });
          continue;
        }
        // What runs on is one program: it gets the signals itself.
        const child = spawn('sh', ['-c', `exec ${commands}`], {
          cwd: area,
          env: environment,
          stdio: ['ignore', 'ignore', 'pipe'],
        });
        let log = '';
        child.stderr.setEncoding('utf8').on('data', (text: string) => {
          log += text;
        });
        const ended = new Promise<number | null>((settle) => child.once('exit', settle));
        try {
          await eventually(
            async () => {
              const node = (await cluster.nodes()).get(name);
              if (until === 'initialised') assert.ok(node?.spec.providerID, log);
              else assert.ok(log.includes(until) && log.includes(name), log);
            },
            () => child.exitCode !== null,
          );
        } finally {
          child.kill('SIGINT');
        }
        assert.equal(await ended, 0, log);
        if (until !== 'initialised') assert.equal((await cluster.nodes()).get(name)?.spec.providerID, undefined);
      }
    } finally {
      await kubectl.attempt(['delete', 'node', name]);
      await rm(area, { recursive: true, force: true });
    }
  });
});

/** The parts of a checkout that the page names, and the programs. */
async function layOut(area: string): Promise<void> {
  for (const name of ['packages/cloud-provider', provider]) {
    await mkdir(join(area, name), { recursive: true });
    await cp(join(root, name, 'chart'), join(area, name, 'chart'), { recursive: true });
  }
  await cp(join(root, provider, 'manifests'), join(area, provider, 'manifests'), { recursive: true });
  await cp(join(root, provider, 'package.json'), join(area, provider, 'package.json'));
  await mkdir(join(area, provider, 'bundle'));
  await cp(required(process.env, executableVariable), join(area, provider, 'bundle/aws-cloud-controller-manager.js'));
  await mkdir(join(area, 'bin'));
  await symlink(required(process.env, helmVariable), join(area, 'bin/helm'));
  await symlink(required(process.env, kubectlVariable), join(area, 'bin/kubectl'));
}

async function blocksOf(page: string): Promise<readonly Block[]> {
  const text = await readFile(page, 'utf8');
  return [...text.matchAll(/^```sh(?: until (.*))?\n([^`]*)^```$/gm)].map(([, until = '', commands = '']) => {
    return { until: until.replaceAll('"', ''), commands };
  });
}
