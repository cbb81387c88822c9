import { request } from 'node:https';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { CertificateAndKey } from '../../base/certificate.ts';
import { silentLogger } from '../../telemetry/logger.ts';
import { createAuthenticator } from './authentication.ts';
import { authoritiesInPem, type ClientAuthorities, parseCertificates } from './client-authorities.ts';
import { type ManagementServer, startManagementServer, text } from './management-server.ts';
import type { RequestUser } from './request-user.ts';
import { makeSelfSignedCertificate } from './self-signed-certificate.ts';
import { TestAuthority } from './testdata/test-authority.ts';

const people = new TestAuthority('people');
const proxies = new TestAuthority('proxies');
const branch = new TestAuthority('branch of people', people);
const strangers = new TestAuthority('strangers');

const published: ClientAuthorities = {
  clients: parseCertificates(people.own.certificate),
  requestHeader: {
    certificates: parseCertificates(proxies.own.certificate),
    allowedNames: ['front-proxy'],
    usernameHeaders: ['X-Remote-User'],
    groupHeaders: ['X-Remote-Group'],
    extraHeaderPrefixes: ['X-Remote-Extra-'],
    uidHeaders: ['X-Remote-Uid'],
  },
};

let authorities = published;
let server: ManagementServer | undefined;
const seen: RequestUser[] = [];

async function start(): Promise<ManagementServer> {
  const main = makeSelfSignedCertificate({ hosts: ['localhost'], addresses: ['127.0.0.1'], now: new Date() });
  return await startManagementServer(
    { '/metrics': () => text(200, 'metrics') },
    {
      host: '127.0.0.1',
      port: 0,
      tls: {
        material: { certificates: { main, named: [] }, clientAuthorities: authoritiesInPem(authorities) },
        parameters: {},
        asksForCertificates: 'yes',
      },
      access: {
        kind: 'reviewed',
        alwaysAllow: [],
        authenticate: createAuthenticator({
          authorities: () => authorities,
          now: () => new Date(),
          reviewToken: async ({ authorization }) =>
            authorization === 'Bearer good'
              ? { kind: 'user', user: { name: 'token', uid: '', groups: [], extra: {} } }
              : { kind: authorization === undefined ? 'absent' : 'invalid' },
        }),
        authorize: async (user) => {
          seen.push(user);
          return user.name === 'system:anonymous' ? 'forbidden' : 'allowed';
        },
      },
      logger: silentLogger,
    },
  );
}

/** The status of the answer, and the user that was asked for. */
async function ask(
  client: CertificateAndKey | undefined,
  headers: Readonly<Record<string, string | string[]>> = {},
  chain = '',
): Promise<{ readonly status: number; readonly user: RequestUser | undefined }> {
  server ??= await start();
  seen.length = 0;
  const status = await new Promise<number>((resolve, reject) => {
    request({
      host: '127.0.0.1',
      port: server?.port,
      path: '/metrics',
      rejectUnauthorized: false,
      agent: false,
      headers,
      ...(client && { cert: client.certificate + chain, key: client.key }),
    })
      .on('response', (response) => resolve(response.resume().statusCode ?? 0))
      .on('error', reject)
      .end();
  });
  return { status, user: seen[0] };
}

afterEach(async () => {
  await server?.[Symbol.asyncDispose]();
  server = undefined;
  authorities = published;
});

describe('client certificates', () => {
  it('name the user and the groups', async () => {
    const { status, user } = await ask(people.client('jane', 'viewers', 'editors'));
    expect(status).toBe(200);
    expect(user).toMatchObject({ name: 'jane', groups: ['viewers', 'editors', 'system:authenticated'] });
    expect(user?.extra['authentication.kubernetes.io/credential-id']?.[0]).toMatch(/^X509SHA256=[0-9a-f]{64}$/);
  });

  it.each([
    ['no certificate at all is anonymous', undefined, 403],
    ['that of an unknown authority', strangers.client('jane'), 401],
    ['one that has expired', people.expired('jane'), 401],
    ['one that is its own authority', strangers.own, 401],
    ['that of a proxy without headers', proxies.client('front-proxy'), 401],
    ['one of a branch whose own certificate is not sent', branch.client('jane'), 401],
  ])('%s', async (_what, client, status) => {
    expect((await ask(client)).status).toBe(status);
  });

  it('are believed through a branch that is one of the authorities', async () => {
    authorities = { ...published, clients: parseCertificates(people.own.certificate + branch.own.certificate) };
    expect((await ask(branch.client('jane'))).user?.name).toBe('jane');
    authorities = { ...published, clients: parseCertificates(branch.own.certificate) };
    expect((await ask(branch.client('jane'))).user?.name).toBe('jane');
  });

  it('are not believed for an authority that is only sent along', async () => {
    authorities = { ...published, clients: parseCertificates(strangers.own.certificate) };
    const { status } = await ask(proxies.client('jane'), {}, strangers.own.certificate);
    expect(status).toBe(401);
  });

  it('do not stand in the way of a good token', async () => {
    const { user } = await ask(strangers.client('jane'), { authorization: 'Bearer good' });
    expect(user?.name).toBe('token');
  });

  it('are no longer believed on an open server once their authority is gone', async () => {
    expect((await ask(people.client('jane'))).status).toBe(200);
    authorities = { ...published, clients: parseCertificates(strangers.own.certificate) };
    expect((await ask(people.client('jane'))).status).toBe(401);
  });
});

describe('headers of a front proxy', () => {
  const headers = {
    'x-remote-user': 'jane',
    'x-remote-group': ['viewers', 'editors'],
    'x-remote-uid': '7',
    'x-remote-extra-acme.com%2fproject': 'blue',
  };

  it('name the user when the proxy is known', async () => {
    const { status, user } = await ask(proxies.client('front-proxy'), headers);
    expect(status).toBe(200);
    expect(user).toEqual({
      name: 'jane',
      uid: '7',
      groups: ['viewers', 'editors', 'system:authenticated'],
      extra: { 'acme.com/project': ['blue'] },
    });
  });

  it.each([
    ['come from a proxy of another name', proxies.client('back-door'), 401],
    ['come with no certificate', undefined, 403],
    ['come from a stranger', strangers.client('front-proxy'), 401],
  ])('are not believed when they %s', async (_what, client, status) => {
    expect((await ask(client, headers)).status).toBe(status);
  });

  it('do not change who a user with a certificate is', async () => {
    const { user } = await ask(people.client('joe'), headers);
    expect(user).toMatchObject({ name: 'joe', groups: ['system:authenticated'] });
  });
});
