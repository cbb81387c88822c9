import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { withLiteralKeys } from '../bundling/literal-keys.ts';
import { usedFor } from '../bundling/used-for.ts';

const packageFolder = dirname(dirname(fileURLToPath(import.meta.url)));
const mebibyte = 1024 * 1024;

/** What esbuild says of what it made. */
interface Metafile {
  readonly outputs: Readonly<
    Record<string, { readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>> }>
  >;
}

describe('the executable in one file', () => {
  let folder = '';
  let bundle = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ccm-ts-bundled-'));
    const tsup = join(dirname(createRequire(import.meta.url).resolve('tsup/package.json')), 'dist/cli-default.js');
    const args = ['--config', 'tsup.bundle.config.ts', '--silent', '--out-dir', folder];
    await promisify(execFile)(process.execPath, [tsup, ...args], { cwd: packageFolder });
    bundle = join(folder, 'aws-cloud-controller-manager.js');
    // Where it ships, its own package says that it is a module.
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  }, 180_000);

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('stays below its size', async () => {
    expect((await stat(bundle)).size).toBeLessThan(2.2 * mebibyte);
    expect(gzipSync(await readFile(bundle)).length).toBeLessThan(0.6 * mebibyte);
  });

  it('holds nothing of what is left out', async () => {
    const { outputs } = JSON.parse(await readFile(join(folder, 'metafile-esm.json'), 'utf8')) as Metafile;
    const bundled = Object.values(outputs).flatMap(({ inputs }) => Object.entries(inputs));
    const leftOut =
      /client-node\/dist\/gen\/(apis|models)|(?:^|\/)node_modules\/(ws|socks|jsonpath-plus|tar-fs|@opentelemetry)\/|undici\/lib\/(mock|cache|web|milo)\/|undici\/lib\/dispatcher\/client-h2|prom-client\/lib\/(cluster|pushgateway)|submodules\/event-streams\//;
    expect(bundled.filter(([path, { bytesInOutput }]) => bytesInOutput > 0 && leftOut.test(path))).toEqual([]);
  });

  it('holds no package of which nobody knows what it is for', async () => {
    const { outputs } = JSON.parse(await readFile(join(folder, 'metafile-esm.json'), 'utf8')) as Metafile;
    const bundled = Object.values(outputs).flatMap(({ inputs }) =>
      Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => {
        const [, name] = /(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? [];
        // The library is a package only where it was installed.
        return name === undefined || name === '@ccm-ts/cloud-provider' || bytesInOutput === 0 ? [] : [name];
      }),
    );
    expect([...new Set(bundled)].toSorted()).toEqual(Object.keys(usedFor).toSorted());
  });

  it('holds nothing but ASCII, so that it takes one byte a letter in memory', async () => {
    expect(/.{0,40}[^\x00-\x7f].{0,10}/.exec(await readFile(bundle, 'utf8'))?.[0]).toBeUndefined();
  });

  it('imports no module of Node whose lazy exports an import would make', async () => {
    const imported = (await readFile(bundle, 'utf8')).matchAll(/\bfrom ?"(node:[a-z/_]+)"/g);
    const names = new Set([...imported].map(([, name]) => name));
    expect(names).toContain('node:net');
    for (const name of ['node:http', 'node:process', 'node:fs', 'node:util']) expect(names).not.toContain(name);
  });

  const plugin = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: 'sh',
    interactiveMode: 'Never',
    args: ['-c', `echo '${JSON.stringify({ kind: 'ExecCredential', status: { token: 'of-the-plugin' } })}'`],
  };
  it.each([
    ['a token', { token: 'of-the-file' }, 'Bearer of-the-file'],
    ['a name and a password', { username: 'me', password: 'secret' }, 'Basic bWU6c2VjcmV0'],
    ['a plugin', { exec: plugin }, 'Bearer of-the-plugin'],
  ])('shows %s of a kubeconfig to the API server', async (_title, user, authorization) => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const requested = once(server, 'request') as Promise<[{ headers: { authorization?: string } }]>;
    const { port } = server.address() as AddressInfo;
    await using manager = await run(bundle, kubeconfig(user, `http://127.0.0.1:${port}`));
    const [request] = await Promise.race([requested, manager.ended()]);
    expect(request.headers.authorization).toBe(authorization);
    server.closeAllConnections();
    server.close();
  });

  it('says what is wrong with the OpenID Connect of a kubeconfig', async () => {
    const expired = `${encoded({ alg: 'none' })}.${encoded({ exp: 1 })}.x`;
    const config = {
      'idp-issuer-url': 'http://127.0.0.1:1',
      'client-id': 'me',
      'refresh-token': 'r',
      'id-token': expired,
    };
    await using manager = await run(bundle, kubeconfig({ 'auth-provider': { name: 'oidc', config } }));
    const said = await manager.says('credentials of user');
    expect(said).not.toMatch(/not in this bundle|is not a function|undefined/);
  });

  it.each(['azure', 'gcp'])('refuses the provider %s of credentials, as the Go managers do', async (name) => {
    await using manager = await run(bundle, kubeconfig({ 'auth-provider': { name, config: {} } }));
    await manager.says(`no Auth Provider found for name \\"${name}\\"`);
  });

  it('refuses a SOCKS proxy and a file that is no YAML', async () => {
    await using throughSocks = await run(
      bundle,
      kubeconfig({}, 'https://127.0.0.1:1', { 'proxy-url': 'socks5://127.0.0.1:1' }),
    );
    await throughSocks.says('use an http:// or https:// proxy');
    await using garbage = await run(bundle, '{');
    await garbage.says('write a valid kubeconfig');
  });

  async function run(program: string, text: string) {
    const file = join(folder, `kubeconfig-${crypto.randomUUID()}`);
    await writeFile(file, text);
    const flags = ['--cloud-provider=aws', `--kubeconfig=${file}`, '--leader-elect=false', '--secure-port=0'];
    const child = spawn(process.execPath, [program, ...flags], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env['PATH'], AWS_REGION: 'us-east-1', AWS_EC2_METADATA_DISABLED: 'true' },
    });
    const ended = once(child, 'exit');
    let told = '';
    child.stderr.setEncoding('utf8').on('data', (more: string) => {
      told += more;
    });
    return {
      /** Rejects: what is waited for does not come any more. */
      ended: async (): Promise<never> => {
        await ended;
        throw new Error(`it ended: ${told}`);
      },
      says: async (words: string): Promise<string> => {
        const closed = once(child.stderr, 'close');
        while (!told.includes(words)) {
          const [event] = await Promise.race([once(child.stderr, 'data'), closed.then(() => ['closed'])]);
          if (event === 'closed' && !told.includes(words)) throw new Error(`it never said ${words}: ${told}`);
        }
        return told;
      },
      [Symbol.asyncDispose]: async () => {
        child.kill('SIGKILL');
        await ended.catch(() => undefined);
      },
    };
  }
});

describe('literal keys', () => {
  it('writes keys as the constants that they are computed from', () => {
    const source = 'const _a = "x";\nconst _b = "y \\" z";\nvar A$ = [{ [_a]: _b, [_b]: 1, [_c]: 2 }];';
    expect(withLiteralKeys(source)).toBe(
      'const _a = "x";\nconst _b = "y \\" z";\nvar A$ = [{ "x": _b, "y \\" z": 1, [_c]: 2 }];',
    );
  });
});

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function kubeconfig(user: object, server = 'http://127.0.0.1:1', more: object = {}): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
    clusters: [{ name: 'k', cluster: { server, ...more } }],
    users: [{ name: 'u', user }],
  });
}
