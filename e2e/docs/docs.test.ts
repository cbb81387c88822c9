import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { before } from 'node:test';
import { Account, clusterID, region } from '../aws/account.ts';
import { Cluster } from '../aws/cluster.ts';
import { eventually } from '../aws/eventually.ts';
import { startManager } from '../aws/executable.ts';
import { executableVariable, logVariable, motoVariable, required } from '../aws/variables.ts';
import { after, describe, it } from '../harness/node-test.ts';
import { Kubectl, kubeconfigVariable, kubectlVariable } from '../kubectl/kubectl.ts';
import { commandsIn, readRunnableBlocks } from './blocks.ts';

const root = resolve(import.meta.dirname, '../..');
const manifests = 'packages/cloud-provider-aws/docs/example-manifests';
const kubeconfig = required(process.env, kubeconfigVariable);
const moto = required(process.env, motoVariable);
const executable = required(process.env, executableVariable);
const kubectl = new Kubectl(process.env);
const cluster = new Cluster(kubectl);
const account = new Account(moto);
const closing = new AsyncDisposableStack();
/** Stands on the pages for a node of the reader's. */
const nodeOfThePages = 'worker-1';
let nodeName = '';
let area = '';

interface Typed {
  readonly code: number;
  readonly output: string;
}

/** What a reader's shell makes of a command. */
async function type(command: string): Promise<Typed> {
  const env = {
    HOME: area,
    PATH: [join(area, 'bin'), dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter),
    KUBECONFIG: kubeconfig,
    AWS_ACCESS_KEY_ID: 'reader',
    AWS_SECRET_ACCESS_KEY: 'reader',
    AWS_ENDPOINT_URL: moto,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  return await new Promise((settle) => {
    execFile('sh', ['-c', command], { cwd: area, env }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      settle({ code, output: `${stdout}${stderr}` });
    });
  });
}

/** Subcommands of the manager tell by 2 that they found something. */
function isWell(command: string, code: number): boolean {
  return code === 0 || (code === 2 && command.startsWith('ccm '));
}

describe('the documentation', () => {
  before(async () => {
    area = await mkdtemp(join(tmpdir(), 'ccm-ts-docs-'));
    const network = await account.createNetwork();
    const config = join(area, 'cloud.conf');
    const text = `[Global]\nRegion = ${region}\nVPC = ${network.vpcID}\nKubernetesClusterID = ${clusterID}\n`;
    await writeFile(config, text);
    await mkdir(join(area, 'bin'));
    const flags = `--kubeconfig='${kubeconfig}' --cloud-config='${config}' --cluster-name=${clusterID}`;
    await writeFile(join(area, 'bin/ccm'), `#!/bin/sh\nexec '${process.execPath}' '${executable}' "$@" ${flags}\n`);
    await chmod(join(area, 'bin/ccm'), 0o755);
    await symlink(required(process.env, kubectlVariable), join(area, 'bin/kubectl'));
    await symlink(join(root, 'packages'), join(area, 'packages'));
    const machine = await account.launch(network, 1);
    nodeName = machine.privateDnsName;
    await cluster.join(nodeName, machine);
    await cluster.apply('web', { spec: { ports: [{ name: 'http', port: 80, nodePort: 30080 }] } });
    await kubectl.run(['apply', '-f', '-'], JSON.stringify(goManager));
    const logFile = required(process.env, logVariable);
    const manager = closing.use(
      await startManager({ executable, kubeconfig, endpoint: moto, logFile, cloudConfig: text }),
    );
    await eventually(
      async () => {
        const web = (await cluster.services()).get('web');
        assert.ok((web?.status.loadBalancer.ingress ?? []).length > 0);
      },
      () => manager.ended(),
    );
  });

  after(async () => {
    await closing.disposeAsync();
    account[Symbol.dispose]();
    kubectl[Symbol.dispose]();
    await rm(area, { recursive: true, force: true });
  });

  it('has commands that do what they say, as they stand', async () => {
    for (const { kind, page, text } of await readRunnableBlocks()) {
      if (kind !== 'commands') continue;
      for (const command of commandsIn(text)) {
        const { code, output } = await type(command.replaceAll(nodeOfThePages, nodeName));
        assert.ok(isWell(command, code), `${page}: ${command}: exit code ${code}: ${output}`);
      }
    }
  });

  it('answers in the first line why a Service is pending', async () => {
    const broken = { spec: { ports: [{ name: 'http', port: 80 }], loadBalancerIP: '192.0.2.1' } };
    await cluster.apply('pending', broken);
    try {
      const { output } = await type('ccm explain service/default/pending');
      assert.match(output.split('\n')[0] ?? '', /loadBalancerIP/);
    } finally {
      await kubectl.run(['delete', 'service', 'pending', '--wait=false']);
    }
  });

  it('has configuration that the manager takes', async () => {
    for (const { kind, page, text } of await readRunnableBlocks()) {
      if (kind !== 'configuration') continue;
      const file = join(area, 'manager.yaml');
      await writeFile(file, text);
      const { code, output } = await type(`ccm plan --config=${file}`);
      assert.ok(code === 0 || code === 2, `${page}: exit code ${code}: ${output}`);
      await writeFile(file, text.replace('cluster-name', 'cluster-nam'));
      assert.notEqual((await type(`ccm plan --config=${file}`)).code, 0, `${page}: nobody reads the file`);
    }
  });

  it('has example manifests that the API server and the provider accept', async () => {
    const files = await readdir(join(root, manifests));
    assert.ok(files.length > 3);
    for (const file of files) {
      const path = `${manifests}/${file}`;
      const applied = await type(`kubectl apply --dry-run=server --filename=${path}`);
      assert.equal(applied.code, 0, `${file}: ${applied.output}`);
      if (!applied.output.startsWith('service/')) continue;
      const linted = await type(`ccm lint -f ${path}`);
      assert.equal(linted.code, 0, `${file}: ${linted.output}`);
    }
  });
});

/** What a reader migrates from; nothing runs its pods. */
const goManager = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'go-cloud-controller-manager', namespace: 'kube-system' },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'go' } },
    template: {
      metadata: { labels: { app: 'go' } },
      spec: { containers: [{ name: 'manager', image: 'registry.example.com/go' }] },
    },
  },
};
