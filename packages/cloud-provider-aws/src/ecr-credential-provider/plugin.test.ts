import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { type CredentialSources, NoCredentials } from './credential-source.ts';
import { runPlugin } from './plugin.ts';

const image = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:v1';
const host = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const now = new Date('2026-01-01T00:00:00Z');
const seconds = now.getTime() / 1000;
const token = Buffer.from('AWS:pass:word').toString('base64');

interface Asked {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}
type Reply = (response: ServerResponse, attempt: number) => void;

function gives(authorizationData: unknown): Reply {
  return (response) => response.end(JSON.stringify({ authorizationData }));
}

function refuses(status: number, code: string, headers: Record<string, string> = {}): Reply {
  return (response) =>
    response
      .writeHead(status, headers)
      .end(JSON.stringify({ __type: `com.amazonaws.ecr#${code}`, message: 'because' }));
}

const login = gives([{ authorizationToken: token, expiresAt: seconds + 43_200 }]);

/** ECR on loopback. */
async function serve(reply: Reply) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (more: string) => (body += more));
    request.on('end', () => {
      asked.push({ headers: request.headers, body });
      reply(response, asked.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    asked,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Credentials that say where they are from. */
const sources: CredentialSources = {
  ofMachine: async (region) => ({ accessKeyId: `machine-in-${region}`, secretAccessKey: 's' }),
  ofServiceAccount: (role, its) => async () => ({ accessKeyId: role, secretAccessKey: 's', sessionToken: its }),
};

interface Run {
  readonly request?: object | string;
  readonly env?: Record<string, string>;
  readonly args?: readonly string[];
  readonly its?: CredentialSources;
}

async function run(url: string, { args = [], env = {}, its = sources, request = {} }: Run = {}) {
  const said = { out: '', err: '', waits: [] as number[] };
  const full = { apiVersion: 'credentialprovider.kubelet.k8s.io/v1', kind: 'CredentialProviderRequest', image };
  const input = typeof request === 'string' ? request : JSON.stringify({ ...full, ...request });
  async function* stdin() {
    yield input.slice(0, 5);
    yield Buffer.from(input.slice(5));
  }
  const code = await runPlugin(
    {
      args,
      env: { AWS_ENDPOINT_URL: url, ...env },
      stdin: stdin(),
      stdout: { write: (text) => (said.out += text) },
      stderr: { write: (text) => (said.err += text) },
    },
    {
      version: '1.2.3',
      clock: { now: () => now, wait: async (milliseconds) => void said.waits.push(milliseconds) },
      sources: its,
    },
  );
  return { code, ...said, answer: said.out === '' ? undefined : (JSON.parse(said.out) as unknown) };
}

describe('the credential provider', () => {
  it('gives kubelet the login of a private registry, for half of its life', async () => {
    await using ecr = await serve(login);
    const { answer, code, err } = await run(ecr.url);
    expect({ answer, code, err }).toEqual({
      code: 0,
      err: '',
      answer: {
        kind: 'CredentialProviderResponse',
        apiVersion: 'credentialprovider.kubelet.k8s.io/v1',
        cacheKeyType: 'Registry',
        cacheDuration: '21600s',
        auth: { [host]: { username: 'AWS', password: 'pass:word' } },
      },
    });
    const [asked] = ecr.asked;
    expect(asked?.body).toBe('{"registryIds":["123456789012"]}');
    expect(asked?.headers['x-amz-target']).toBe('AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken');
    expect(asked?.headers.authorization).toContain(
      'Credential=machine-in-eu-west-1/20260101/eu-west-1/ecr/aws4_request',
    );
  });

  it('gives the login of the public registry', async () => {
    await using ecr = await serve(gives({ authorizationToken: token, expiresAt: seconds + 100 }));
    const { answer } = await run(ecr.url, { request: { image: 'public.ecr.aws/x/y' } });
    expect(answer).toMatchObject({ cacheDuration: '50s', auth: { 'public.ecr.aws': { password: 'pass:word' } } });
    expect(ecr.asked[0]?.headers['x-amz-target']).toBe('SpencerFrontendService.GetAuthorizationToken');
    expect(ecr.asked[0]?.headers.authorization).toContain('/us-east-1/ecr-public/aws4_request');
  });

  it('lets public images be pulled without a login where nobody has credentials, private ones not', async () => {
    await using ecr = await serve(login);
    const nobody = async () => {
      throw new NoCredentials('none');
    };
    const its = { ...sources, ofMachine: nobody };
    const { answer, code, err } = await run(ecr.url, { its, request: { image: 'public.ecr.aws/x/y' } });
    expect({ answer, code }).toMatchObject({ code: 0, answer: { auth: {}, cacheDuration: '0s' } });
    expect(err).toContain('pulled without a login');
    expect(await run(ecr.url, { its })).toMatchObject({ code: 1, out: '', err: 'ecr-credential-provider: none\n' });
    expect(ecr.asked).toEqual([]);
  });

  it.each([
    ['its own role', { 'eks.amazonaws.com/ecr-role-arn': 'role-of-account' }, {}, 'role-of-account'],
    ['the role of the variable', {}, { AWS_ECR_ROLE_ARN: 'role-of-node' }, 'role-of-node'],
    ['the machine, as it names no role', {}, {}, 'machine-in-eu-west-1'],
  ])('asks for a service account as %s', async (_title, serviceAccountAnnotations, env, key) => {
    await using ecr = await serve(login);
    const { code } = await run(ecr.url, { env, request: { serviceAccountToken: 'jwt', serviceAccountAnnotations } });
    expect(code).toBe(0);
    expect(ecr.asked[0]?.headers.authorization).toContain(`Credential=${key}/`);
    expect(ecr.asked[0]?.headers['x-amz-security-token']).toBe(key.startsWith('role') ? 'jwt' : undefined);
  });

  it('names no time for a login that has ended by the clock of this machine, and none to keep without an end', async () => {
    await using past = await serve(gives([{ authorizationToken: token, expiresAt: seconds - 5 }]));
    expect((await run(past.url)).answer).not.toHaveProperty('cacheDuration');
    await using endless = await serve(gives([{ authorizationToken: token }]));
    expect((await run(endless.url)).answer).toHaveProperty('cacheDuration', '0s');
  });

  it('asks again for what passes', async () => {
    await using ecr = await serve((response, attempt) => {
      if (attempt === 1) refuses(400, 'ThrottlingException')(response, attempt);
      else if (attempt === 2) response.destroy();
      else login(response, attempt);
    });
    const { code, waits } = await run(ecr.url);
    expect({ code, waits }).toEqual({ code: 0, waits: [200, 400] });
  });

  it('signs by the clock of AWS when its own is wrong', async () => {
    const date = new Date(now.getTime() + 3_600_000).toUTCString();
    await using ecr = await serve((response, attempt) => {
      if (attempt === 1) refuses(400, 'InvalidSignatureException', { date })(response, attempt);
      else login(response, attempt);
    });
    const { code, waits } = await run(ecr.url);
    expect({ code, waits }).toEqual({ code: 0, waits: [] });
    expect(ecr.asked.map(({ headers }) => headers['x-amz-date'])).toEqual(['20260101T000000Z', '20260101T010000Z']);
  });

  it.each([
    ['access denied', refuses(400, 'AccessDeniedException'), 1, 'allow ecr:GetAuthorizationToken to the role'],
    ['five hundred', refuses(503, 'Unavailable'), 3, 'answered 503 Unavailable: because'],
    ['no answer', (response: ServerResponse) => response.destroy(), 3, 'socket hang up'],
    ['no data', gives([]), 1, 'gave no authorization'],
    ['no token', gives([{}]), 1, 'gave no token'],
    ['a token without a colon', gives([{ authorizationToken: 'QVdT' }]), 1, 'no name and password'],
    ['garbage', (response: ServerResponse) => response.end('<html>'), 1, 'gave no authorization'],
  ])('fails at %s and says so', async (_title, reply, requests, words) => {
    await using ecr = await serve(reply);
    const { code, err, out } = await run(ecr.url);
    expect({ code, out, requests: ecr.asked.length }).toEqual({ code: 1, out: '', requests });
    expect(err).toContain(words);
  });

  it.each([
    ['another version', { apiVersion: 'credentialprovider.kubelet.k8s.io/v1beta1' }, 'set apiVersion'],
    ['another kind', { kind: 'Pod' }, 'is "Pod"'],
    ['no image', { image: '' }, 'names no image'],
    ['an image that is no text', { image: 7 }, 'names no image'],
    ['a foreign registry', { image: 'ghcr.io/x/y' }, 'is no registry of ECR'],
    ['no JSON', 'secret{', 'is no JSON'],
    ['no object', 'null', 'is no object'],
    ['nothing', '', 'is no JSON'],
  ])('refuses %s', async (_title, request, words) => {
    await using ecr = await serve(login);
    const { code, err, out } = await run(ecr.url, { request });
    expect({ code, out, requests: ecr.asked.length }).toEqual({ code: 1, out: '', requests: 0 });
    expect(err).toContain(words);
    expect(err).not.toContain('secret');
  });

  it('tells its version, and passes over words from former times', async () => {
    await using ecr = await serve(login);
    expect(
      await runPlugin(
        {
          args: ['--version'],
          env: {},
          stdin: neverEnding(),
          stdout: { write: () => true },
          stderr: { write: () => true },
        },
        { version: '1.2.3', clock: { now: () => now, wait: async () => {} }, sources },
      ),
    ).toBe(0);
    expect((await run(ecr.url, { args: ['get-credentials'] })).code).toBe(0);
  });
});

async function* neverEnding(): AsyncGenerator<string> {
  await new Promise(() => {});
  yield '';
}
