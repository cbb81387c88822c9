import type { CertificateAndKey } from '@ccm-ts/cloud-provider/testing';
import type { Question } from './ask.ts';

/** Who asks. */
export interface Askers {
  /** A token of a user who may ask for everything. */
  readonly everything: string;
  /** A token of a user who may get /metrics and /configz. */
  readonly viewer: string;
  /** A token of a user who may nothing. */
  readonly stranger: string;
  /** A certificate for users, with its organizations. */
  readonly user: (name: string, ...organizations: string[]) => CertificateAndKey;
  /** A certificate for a front proxy. */
  readonly proxy: (name: string) => CertificateAndKey;
  /** A certificate that nobody vouches for. */
  readonly forged: CertificateAndKey;
}

/** A question with a name that stands in the table of differences. */
export interface NamedQuestion extends Question {
  readonly name: string;
}

const paths = [
  '/',
  '/healthz',
  '/healthz/',
  '/healthz/ping',
  '/healthz/leaderElection',
  '/healthz/cloud-node-controller',
  '/healthz/nothing',
  '/healthz?verbose',
  '/healthz?verbose=true',
  '/healthz?exclude=leaderElection',
  '/healthz?verbose&exclude=leaderElection&exclude=nothing',
  '/healthz?verbose&exclude=',
  '/healthz?%zz',
  '/livez',
  '/livez?verbose',
  '/livez/ping',
  '/readyz',
  '/readyz/ping',
  '/metrics',
  '/metrics/',
  '/metrics?name=value',
  '/metrics/slis',
  '/configz',
  '/flagz',
  '/statusz',
  '/debug/pprof',
  '/debug/pprof/',
  '/debug/pprof/cmdline',
  '/debug/pprof/symbol',
  '/debug/pprof/profile?seconds=1',
  '/debug/pprof/heap?seconds=1',
  '/debug/pprof/goroutine',
  '/debug/pprof/nothing',
  '/debug/flags/',
  '/debug/flags/v',
  '/nothing',
  '/apis',
  '/version',
  '/openapi/v2',
  '/healthz/../metrics',
  '/healthz/%2e%2e/metrics',
  '/%68ealthz',
  '/healthz%00',
  '/healthz;a',
  '/healthz#a',
  '//metrics',
  '/%zz',
  '*',
  'http://elsewhere.example/healthz',
  'healthz',
] as const;

const hosts: readonly (readonly [name: string, host: string | readonly string[]])[] = [
  ['another', 'elsewhere.example'],
  ['empty', ''],
  ['with a port that is none', 'localhost:many'],
  ['that is none', 'a/b@c'],
  ['in other letters', 'münchen.example'],
  ['twice', ['localhost', 'elsewhere.example']],
];

const methods = ['HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'] as const;

const wishes: readonly (readonly [name: string, headers: Readonly<Record<string, string>>])[] = [
  ['accept html', { accept: 'text/html' }],
  ['accept json', { accept: 'application/json' }],
  ['accept OpenMetrics', { accept: 'application/openmetrics-text; version=1.0.0' }],
  [
    'accept protobuf',
    { accept: 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited' },
  ],
  ['accept gzip', { 'accept-encoding': 'gzip' }],
];

/** Everything that both managers are asked. */
export function questions(askers: Askers): readonly NamedQuestion[] {
  const bearer = (token: string): { readonly authorization: string } => ({ authorization: `Bearer ${token}` });
  const everything = bearer(askers.everything);
  return [
    ...paths.map((path) => ({ name: `GET ${path}`, path, headers: everything })),
    ...hosts.map(([which, host]) => ({
      name: `GET /healthz, host ${which}`,
      path: '/healthz',
      headers: { ...everything, host },
    })),
    ...methods.flatMap((method) =>
      ['/healthz', '/metrics'].map((path) => ({ name: `${method} ${path}`, method, path, headers: everything })),
    ),
    { name: 'HEAD /debug/pprof', method: 'HEAD', path: '/debug/pprof', headers: everything },
    { name: 'PUT /debug/flags/v 4', method: 'PUT', path: '/debug/flags/v', body: '4', headers: everything },
    { name: 'PUT /debug/flags/v many', method: 'PUT', path: '/debug/flags/v', body: 'many', headers: everything },
    ...wishes.flatMap(([wish, headers]) =>
      ['/healthz', '/metrics', '/configz'].map((path) => ({
        name: `GET ${path}, ${wish}`,
        path,
        headers: { ...everything, ...headers },
      })),
    ),
    ...users(askers).flatMap(({ who, ...asker }) =>
      ['/healthz', '/healthz/nothing', '/metrics', '/configz', '/debug/pprof/cmdline', '/nothing'].map((path) => ({
        name: `GET ${path} by ${who}`,
        path,
        ...asker,
      })),
    ),
    { name: 'POST /metrics by nobody', method: 'POST', path: '/metrics' },
    { name: 'POST /metrics by a viewer', method: 'POST', path: '/metrics', headers: bearer(askers.viewer) },
    ...readers.map(([reader, headers, path = '/metrics']) => ({ name: `refusal for ${reader}`, path, headers })),
    ...(['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const).map((tls) => ({
      name: `GET /healthz by ${tls}`,
      path: '/healthz',
      tls,
    })),
  ];
}

/** Those to whom refusals are written. */
const readers: readonly (readonly [string, Readonly<Record<string, string>>, string?])[] = [
  ['curl', { 'user-agent': 'curl/8.1' }],
  ['a browser', { 'user-agent': 'Mozilla/5.0 (X11)', accept: 'text/html,*/*' }],
  ['kubectl', { 'user-agent': 'kubectl/1.36' }],
  ['one who wants it pretty', {}, '/metrics?pretty=true'],
  ['one who does not want it pretty', { 'user-agent': 'curl/8.1' }, '/metrics?pretty=0'],
  ['one who wants JSON', { accept: 'application/json' }],
  ['one who wants YAML', { accept: 'application/yaml' }],
  ['one who wants protobuf', { accept: 'application/vnd.kubernetes.protobuf' }],
];

function users({ viewer, stranger, user, proxy, forged }: Askers): readonly (Omit<Question, 'path'> & {
  readonly who: string;
})[] {
  const named = (name: string, ...groups: string[]): Readonly<Record<string, string | readonly string[]>> => ({
    'x-remote-user': name,
    ...(groups.length > 0 && { 'x-remote-group': groups }),
  });
  return [
    { who: 'nobody' },
    { who: 'a viewer', headers: { authorization: `Bearer ${viewer}` } },
    { who: 'a stranger', headers: { authorization: `Bearer ${stranger}` } },
    { who: 'a wrong token', headers: { authorization: 'Bearer nonsense' } },
    { who: 'an empty token', headers: { authorization: 'Bearer ' } },
    { who: 'a password', headers: { authorization: 'Basic amFuZTpwYXNz' } },
    { who: 'an impersonator', headers: { authorization: `Bearer ${viewer}`, 'impersonate-user': 'admin' } },
    { who: 'a certificate of a viewer', certificate: user('jane') },
    { who: 'a certificate of a group of viewers', certificate: user('joe', 'watchers') },
    { who: 'a certificate of a stranger', certificate: user('joe') },
    { who: 'a certificate of masters', certificate: user('joe', 'system:masters') },
    { who: 'a forged certificate', certificate: forged },
    { who: 'a proxy for a viewer', certificate: proxy('front-proxy'), headers: named('jane') },
    { who: 'a proxy for a group', certificate: proxy('front-proxy'), headers: named('joe', 'others', 'watchers') },
    { who: 'a proxy for a stranger', certificate: proxy('front-proxy'), headers: named('joe') },
    { who: 'a proxy of another name', certificate: proxy('back-door'), headers: named('jane') },
    { who: 'a proxy for nobody', certificate: proxy('front-proxy') },
    { who: 'a stranger who plays a proxy', certificate: user('joe'), headers: named('jane') },
    { who: 'nobody who plays a proxy', headers: named('jane') },
  ];
}
