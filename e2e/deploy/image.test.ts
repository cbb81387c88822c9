import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { before } from 'node:test';
import { chmod, copyFile, cp, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Account, type Machine, clusterID, region } from '../aws/account.ts';
import { Cluster } from '../aws/cluster.ts';
import { eventually } from '../aws/eventually.ts';
import { motoVariable, required } from '../aws/variables.ts';
import { after, describe, it } from '../harness/node-test.ts';
import { freePorts } from '../kube-apiserver/free-ports.ts';
import { Kubectl, kubeconfigVariable } from '../kubectl/kubectl.ts';
import { emulator, type RunningContainer, type UnpackedImage, unpackImage } from './container.ts';

const root = resolve(import.meta.dirname, '../..');

interface BuiltImage {
  readonly digest: string;
  readonly manifests: readonly {
    readonly architecture: string;
    readonly size: number;
    readonly layers: readonly { readonly size: number }[];
  }[];
}

const architectures = ['amd64', 'arm64'];

describe('the image', () => {
  let area: string;
  let first: BuiltImage;
  let image: UnpackedImage;
  const kubectl = new Kubectl(process.env);
  const moto = required(process.env, motoVariable);
  const account = new Account(moto);

  async function build(out: string): Promise<BuiltImage> {
    const tool = ['--conditions=@ccm-ts/source', join(root, 'tools/image/build.ts')];
    const platforms = architectures.map((name) => `linux/${name}`).join();
    const args = ['--package', 'packages/cloud-provider-aws', '--platform', platforms, '--out', out];
    const { stdout } = await promisify(execFile)(process.execPath, [...tool, ...args]);
    return JSON.parse(stdout) as BuiltImage;
  }

  before(async () => {
    area = await mkdtemp(join(tmpdir(), 'ccm-ts-image-'));
    first = await build(join(area, 'first'));
    image = await unpackImage(join(area, 'first/layout'));
  });

  after(async () => {
    await image[Symbol.asyncDispose]();
    await rm(area, { recursive: true, force: true });
    account[Symbol.dispose]();
    kubectl[Symbol.dispose]();
  });

  it('has the same digest when it is built again', async () => {
    assert.deepEqual(await build(join(area, 'second')), first);
    for (const architecture of architectures) {
      const [one, two] = await Promise.all(
        ['first', 'second'].map((name) => readFile(join(area, name, `sbom-${architecture}.cdx.json`), 'utf8')),
      );
      assert.equal(one, two);
    }
  });

  it('is small', () => {
    assert.deepEqual(
      first.manifests.map(({ architecture }) => architecture),
      architectures,
    );
    for (const { architecture, size, layers } of first.manifests) {
      assert.ok(size < 50_000_000, `${architecture}: ${size} bytes`);
      const app = layers.at(-1)?.size ?? Infinity;
      assert.ok(app <= 1_000_000, `${architecture}: the manager alone has ${app} bytes`);
    }
  });

  it('has no shell and nothing to write to', async () => {
    const files = await readdir(image.rootFolder, { recursive: true, withFileTypes: true });
    const programs = files.filter((file) => /\/s?bin$/.test(file.parentPath)).map(({ name }) => name);
    assert.deepEqual(programs, ['node']);
  });

  it('runs on the other processor, with what was compiled ahead for it', async () => {
    await using other = await unpackImage(join(area, 'first/layout'), 'arm64');
    const otherRoot = other.rootFolder;
    const [, ...entrypoint] = other.config.Entrypoint;
    const cache = join(otherRoot, 'app/compile-cache');
    for (const name of await readdir(cache)) {
      // An emulator keeps the user, whose name Node gives to what it has compiled.
      await rename(join(cache, name), join(cache, name.replace(/-\d+$/, `-${process.getuid?.() ?? ''}`)));
    }
    const { stdout, stderr } = await promisify(execFile)(
      emulator,
      [
        '-L',
        otherRoot,
        join(otherRoot, 'usr/bin/node'),
        ...entrypoint.map((word) => word.replace(/^\/app/, join(otherRoot, 'app'))),
        '--version',
      ],
      { env: { NODE_COMPILE_CACHE: cache, NODE_COMPILE_CACHE_PORTABLE: '1', NODE_DEBUG_NATIVE: 'COMPILE_CACHE' } },
    );
    assert.match(stdout, /^aws-cloud-controller-manager /);
    assert.match(stderr, /V8 code cache .* was accepted/);
  });

  it('is made by the usual Dockerfile too, on a base image with Node', async () => {
    const storage = [
      '--root',
      join(area, 'storage'),
      '--runroot',
      join(area, 'storage-run'),
      '--storage-driver',
      'vfs',
    ];
    const buildah = async (...args: readonly string[]): Promise<string> =>
      (await promisify(execFile)('buildah', [...storage, ...args], { maxBuffer: 64 * 1024 * 1024 })).stdout.trim();
    // No registry is asked: what stands for the base image has Node where distroless images have it.
    const base = join(area, 'base');
    await cp(image.rootFolder, base, { recursive: true, verbatimSymlinks: true });
    await rm(join(base, 'app'), { recursive: true });
    await mkdir(join(base, 'nodejs/bin'), { recursive: true });
    await rename(join(base, 'usr/bin/node'), join(base, 'nodejs/bin/node'));
    const container = await buildah('from', 'scratch');
    await buildah('add', container, base, '/');
    await buildah('commit', '--rm', container, 'localhost/base');
    const context = join(area, 'context');
    await mkdir(join(context, 'bundle'), { recursive: true });
    const program = 'aws-cloud-controller-manager.js';
    await cp(join(image.rootFolder, 'app', program), join(context, 'bundle', program));
    const packageFolder = join(root, 'packages/cloud-provider-aws');
    for (const name of ['package.json', 'Dockerfile']) await cp(join(packageFolder, name), join(context, name));
    const how = ['--isolation', 'chroot', '--pull-never', '--format', 'oci'];
    await buildah('bud', ...how, '--build-arg', 'BASE=localhost/base', '--tag', 'localhost/manager', context);
    await buildah('push', 'localhost/manager', `oci:${join(area, 'usual')}:manager`);
    await using usual = await unpackImage(join(area, 'usual'));
    const withoutCache = image.config.Env.filter((variable) => !/^(NODE_COMPILE_CACHE|HOME)/.test(variable));
    for (const variable of withoutCache) assert.ok(usual.config.Env.includes(variable), variable);
    assert.equal(usual.config.User, image.config.User);
    assert.deepEqual(usual.config.Entrypoint.slice(1), image.config.Entrypoint.slice(1));
    const logFile = join(area, 'usual.log');
    const folder = join(area, 'nothing');
    await mkdir(folder);
    await using started = await usual.run({ args: ['--version'], environment: {}, folder, logFile });
    await eventually(async () => {
      assert.match(await readFile(logFile, 'utf8'), /^aws-cloud-controller-manager \d/);
    }, started.ended);
  });

  it('states what is inside', async () => {
    const bill = JSON.parse(await readFile(join(area, 'first/sbom-amd64.cdx.json'), 'utf8')) as {
      components: { name: string; version: string; purl: string }[];
    };
    const names = new Map(bill.components.map(({ name, version }) => [name, version]));
    for (const name of ['node', 'node/openssl', 'libc6', '@ccm-ts/cloud-provider', '@aws-sdk/client-ec2', 'undici']) {
      assert.match(names.get(name) ?? '', /^\d/, name);
    }
    assert.equal(`v${names.get('node')}`, process.version);
    // Installed, but not inside.
    for (const name of ['esbuild', 'ws', 'typescript']) assert.equal(names.get(name), undefined, name);
    assert.equal(new Set(bill.components.map(({ purl }) => purl)).size, bill.components.length);
  });

  it('runs as nobody on a root that it cannot write to, initialises a node and ends when it is told to', async () => {
    const network = await account.createNetwork();
    const machine: Machine = await account.launch(network, 1);
    const folder = join(area, 'configuration');
    await promisify(execFile)('mkdir', [folder]);
    await copyFile(required(process.env, kubeconfigVariable), join(folder, 'kubeconfig'));
    await chmod(join(folder, 'kubeconfig'), 0o644);
    await writeFile(join(folder, 'cloud.conf'), `[Global]\nRegion = ${region}\nKubernetesClusterID = ${clusterID}\n`);
    const [port = 0] = await freePorts(1);
    const logFile = join(area, 'container.log');
    const container: RunningContainer = await image.run({
      args: [
        '--cloud-provider=aws',
        '--cloud-config=/etc/manager/cloud.conf',
        '--kubeconfig=/etc/manager/kubeconfig',
        '--bind-address=127.0.0.1',
        `--secure-port=${port}`,
      ],
      environment: {
        AWS_ACCESS_KEY_ID: 'manager',
        AWS_SECRET_ACCESS_KEY: 'manager',
        AWS_ENDPOINT_URL: moto,
        AWS_EC2_METADATA_DISABLED: 'true',
        NODE_DEBUG_NATIVE: 'COMPILE_CACHE',
      },
      folder,
      logFile,
    });
    try {
      const cluster = new Cluster(kubectl);
      await cluster.join(machine.privateDnsName, machine);
      await eventually(async () => {
        const node = (await cluster.nodes()).get(machine.privateDnsName);
        assert.equal(node?.spec.providerID, `aws:///${machine.zone}/${machine.id}`);
        const taints = (node?.spec.taints ?? []).map(({ key }) => key);
        assert.ok(!taints.includes('node.cloudprovider.kubernetes.io/uninitialized'));
      }, container.ended);
      assert.equal(await healthz(port), 200);
      assert.equal(await container.stop(), 0);
    } finally {
      await container[Symbol.asyncDispose]();
      await cleanUp(machine.privateDnsName);
    }
    const log = await readFile(logFile, 'utf8');
    assert.match(log, /V8 code cache .* was accepted/, 'what was compiled ahead of time is used');
  });

  async function cleanUp(node: string): Promise<void> {
    await kubectl.attempt(['delete', 'node', node]);
  }
});

function healthz(port: number): Promise<number | undefined> {
  return new Promise((resolveStatus, reject) => {
    const call = request({ host: '127.0.0.1', port, path: '/healthz', rejectUnauthorized: false }, (response) => {
      response.resume();
      resolveStatus(response.statusCode);
    });
    call.once('error', reject);
    call.end();
  });
}
