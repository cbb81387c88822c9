import { aPort } from './flag-checks.ts';
import type { FlagTable } from './flag.ts';

const webhooksAbsent = 'this release serves no admission webhooks';
const group = 'Webhooks';

/** The flags of the Go managers' admission webhooks. */
export const webhookFlags = {
  webhooks: { kind: 'list', default: [], group, help: 'The webhooks to serve.', withoutEffect: webhooksAbsent },
  'webhook-bind-address': {
    kind: 'string',
    default: '0.0.0.0',
    group,
    help: 'The address to listen on for --webhook-secure-port.',
    withoutEffect: webhooksAbsent,
  },
  'webhook-secure-port': {
    kind: 'int',
    default: 10_260,
    group,
    help: 'The port of webhooks.',
    check: aPort,
    withoutEffect: webhooksAbsent,
  },
  'webhook-cert-dir': {
    kind: 'string',
    default: '',
    group,
    help: 'The folder of the certificate for webhooks.',
    withoutEffect: webhooksAbsent,
  },
  'webhook-tls-cert-file': {
    kind: 'string',
    default: '',
    group,
    help: 'The certificate for webhooks.',
    withoutEffect: webhooksAbsent,
  },
  'webhook-tls-private-key-file': {
    kind: 'string',
    default: '',
    group,
    help: 'The private key of --webhook-tls-cert-file.',
    withoutEffect: webhooksAbsent,
  },
  'webhook-tls-cipher-suites': {
    kind: 'list',
    default: [],
    group,
    help: 'The cipher suites for webhooks.',
    withoutEffect: webhooksAbsent,
  },
  'webhook-tls-curve-preferences': {
    kind: 'list',
    default: [],
    group,
    help: 'The key exchanges for webhooks.',
    withoutEffect: webhooksAbsent,
  },
  'webhook-tls-min-version': {
    kind: 'string',
    default: '',
    group,
    help: 'The lowest version of TLS for webhooks.',
    withoutEffect: webhooksAbsent,
  },
  'webhook-tls-sni-cert-key': {
    kind: 'array',
    default: [],
    group,
    help: 'Certificates for host names of webhooks.',
    withoutEffect: webhooksAbsent,
  },
  'webhook-disable-http2-serving': {
    kind: 'bool',
    default: false,
    group,
    help: 'Serve webhooks without HTTP/2.',
    withoutEffect: webhooksAbsent,
  },
} as const satisfies FlagTable;
