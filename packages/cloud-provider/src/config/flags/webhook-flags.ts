import { cipherSuites, curves, tlsVersions } from '../tls-names.ts';
import { aPort } from './flag-checks.ts';
import type { FlagTable } from './flag.ts';
import { anAddress, aTlsVersion, certificatePairs, knownNames, onlyHTTP1 } from './listener-checks.ts';

const group = 'Webhooks';

/** The flags of the admission webhooks. Source: k8s.io/cloud-provider 0.36, options/webhook.go. */
export const webhookFlags = {
  webhooks: {
    kind: 'list',
    default: [],
    group,
    help: 'The admission webhooks to serve: names, * for all, -name for all but this one. Needs the feature gate CloudControllerManagerWebhook.',
  },
  'webhook-bind-address': {
    kind: 'string',
    default: '0.0.0.0',
    group,
    help: 'The address to listen on for --webhook-secure-port; empty for all of this host.',
    check: anAddress,
  },
  'webhook-secure-port': {
    kind: 'int',
    default: 10_260,
    group,
    help: 'The port of webhooks; 0 serves none.',
    check: aPort,
  },
  'webhook-cert-dir': {
    kind: 'string',
    default: '',
    group,
    help: 'Where cloud-controller-manager.crt and .key are read from when --webhook-tls-cert-file is not given, and are written to when they are not there; empty keeps a self-signed pair in memory.',
  },
  'webhook-tls-cert-file': {
    kind: 'string',
    default: '',
    group,
    help: 'The certificate for webhooks, with its chain. It is read again when it changes.',
  },
  'webhook-tls-private-key-file': {
    kind: 'string',
    default: '',
    group,
    help: 'The private key of --webhook-tls-cert-file.',
  },
  'webhook-tls-cipher-suites': {
    kind: 'list',
    default: [],
    group,
    help: "The cipher suites of webhooks below TLS 1.3, by Go's names. Empty for the usual ones.",
    check: knownNames(cipherSuites, 'cipher suite'),
  },
  'webhook-tls-curve-preferences': {
    kind: 'list',
    default: [],
    group,
    help: "The key exchanges for webhooks, by the numbers of Go's CurveID. Empty for the usual ones.",
    check: knownNames(curves, 'curve'),
  },
  'webhook-tls-min-version': {
    kind: 'string',
    default: '',
    group,
    help: `The lowest version of TLS for webhooks: ${Object.keys(tlsVersions).join(', ')}. Empty for VersionTLS12.`,
    check: aTlsVersion,
  },
  'webhook-tls-sni-cert-key': {
    kind: 'array',
    default: [],
    group,
    help: 'A certificate and its key for some host names of webhooks: a.crt,a.key:*.example.com. May be given many times.',
    check: certificatePairs,
  },
  'webhook-disable-http2-serving': {
    kind: 'bool',
    default: false,
    group,
    help: 'Serve webhooks without HTTP/2.',
    withoutEffect: onlyHTTP1,
  },
} as const satisfies FlagTable;
