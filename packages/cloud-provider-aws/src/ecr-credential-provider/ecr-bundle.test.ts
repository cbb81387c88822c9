import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const packageFolder = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const request = {
  apiVersion: 'credentialprovider.kubelet.k8s.io/v1',
  kind: 'CredentialProviderRequest',
  image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/app',
};

describe('the credential provider as a program', () => {
  let folder = '';
  let program = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ccm-ts-ecr-'));
    const tsup = join(dirname(createRequire(import.meta.url).resolve('tsup/package.json')), 'dist/cli-default.js');
    const args = ['--config', 'tsup.ecr.config.ts', '--silent', '--out-dir', folder];
    await promisify(execFile)(process.execPath, [tsup, ...args], { cwd: packageFolder });
    program = join(folder, 'ecr-credential-provider.js');
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  }, 180_000);

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  async function ask(input: object, env: Readonly<Record<string, string>>) {
    const child = spawn(process.execPath, [program, 'get-credentials'], {
      env: { HOME: folder, AWS_EC2_METADATA_DISABLED: 'true', ...env },
    });
    child.stdin.end(JSON.stringify(input));
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    return { out, err, code: child.exitCode };
  }

  it('is small and holds nothing of the manager', async () => {
    expect((await stat(program)).size).toBeLessThan(700 * 1024);
    const metafile = await readFile(join(folder, 'metafile-esm.json'), 'utf8');
    expect(metafile).not.toMatch(/client-ec2|client-elastic|client-node|undici|packages\/cloud-provider\/|prom-client/);
  });

  it('answers kubelet with the login that ECR gives to the identity of the service account', async () => {
    const asked: string[] = [];
    const authorizationToken = Buffer.from('AWS:secret').toString('base64');
    const server = createServer((incoming, response) => void answer(incoming, response)).listen(0, '127.0.0.1');
    const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
      const body = await text(incoming);
      const { 'x-amz-security-token': session, 'x-amz-target': target } = incoming.headers;
      asked.push(target === undefined ? body : `${String(target)} ${String(session)}`);
      response.end(
        body.startsWith('{')
          ? JSON.stringify({ authorizationData: [{ authorizationToken }] })
          : `<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>
               <AccessKeyId>A</AccessKeyId><SecretAccessKey>S</SecretAccessKey><SessionToken>T</SessionToken>
               <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult>
             </AssumeRoleWithWebIdentityResponse>`,
      );
    };
    await once(server, 'listening');
    const AWS_ENDPOINT_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const role = 'arn:aws:iam::123456789012:role/pull';
    const serviceAccountAnnotations = { 'eks.amazonaws.com/ecr-role-arn': role };
    const ofAccount = { ...request, serviceAccountToken: 'jwt', serviceAccountAnnotations };
    const { code, err, out } = await ask(ofAccount, { AWS_ENDPOINT_URL });
    server.closeAllConnections();
    server.close();
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(out)).toMatchObject({
      cacheDuration: '0s',
      auth: { '123456789012.dkr.ecr.us-east-1.amazonaws.com': { username: 'AWS', password: 'secret' } },
    });
    expect(asked).toHaveLength(2);
    expect(Object.fromEntries(new URLSearchParams(asked[0]))).toMatchObject({
      Action: 'AssumeRoleWithWebIdentity',
      RoleArn: role,
      RoleSessionName: 'ecr-credential-provider',
      WebIdentityToken: 'jwt',
    });
    expect(asked[1]).toBe('AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken T');
  });

  it('goes through the proxy of its environment', async () => {
    const proxy = createServer().listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const connected = new Promise<string>((resolve) => {
      proxy.on('connect', (incoming, socket) => {
        resolve(incoming.url ?? '');
        socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      });
    });
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const keys = { AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: 'S' };
    const { code } = await ask(request, { ...keys, HTTPS_PROXY: url });
    proxy.closeAllConnections();
    proxy.close();
    expect(await connected).toBe('api.ecr.us-east-1.amazonaws.com:443');
    expect(code).toBe(1);
  });

  it('says when nobody gave the machine an identity', async () => {
    const { code, err, out } = await ask(request, {});
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('this machine has no credentials of AWS');
    const anonymous = await ask({ ...request, image: 'public.ecr.aws/x/y' }, {});
    expect(JSON.parse(anonymous.out)).toMatchObject({ auth: {}, cacheDuration: '0s' });
  });
});
