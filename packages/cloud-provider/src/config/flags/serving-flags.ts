import { Duration } from '../../base/duration.ts';
import { cipherSuites, curves, tlsVersions } from '../tls-names.ts';
import { aPort, notNegative, zeroOrLonger } from './flag-checks.ts';
import type { FlagTable } from './flag.ts';
import { anAddress, aTlsVersion, certificatePairs, knownNames, onlyHTTP1 } from './listener-checks.ts';

/** Which certificates are served to whom, and who may ask for what: the flags of k8s.io/apiserver 0.36, server/options. */
export const servingFlags = {
  'bind-address': {
    kind: 'string',
    default: '0.0.0.0',
    group: 'Secure serving',
    help: 'The address to listen on for --secure-port; empty for all of this host.',
    check: anAddress,
  },
  'secure-port': {
    kind: 'int',
    default: 10_258,
    group: 'Secure serving',
    help: 'The port for HTTPS with authentication and authorization; 0 serves nothing.',
    check: aPort,
  },
  'cert-dir': {
    kind: 'string',
    default: '',
    group: 'Secure serving',
    help: 'Where cloud-controller-manager.crt and .key are read from when --tls-cert-file is not given, and are written to when they are not there; empty keeps a self-signed pair in memory.',
  },
  'tls-cert-file': {
    kind: 'string',
    default: '',
    group: 'Secure serving',
    help: 'The certificate for HTTPS, with its chain. It is read again when it changes.',
  },
  'tls-private-key-file': {
    kind: 'string',
    default: '',
    group: 'Secure serving',
    help: 'The private key of --tls-cert-file.',
  },
  'tls-sni-cert-key': {
    kind: 'array',
    default: [],
    group: 'Secure serving',
    help: 'A certificate and its key for some host names: a.crt,a.key or a.crt,a.key:*.example.com,example.com. May be given many times.',
    check: certificatePairs,
  },
  'tls-min-version': {
    kind: 'string',
    default: '',
    group: 'Secure serving',
    help: `The lowest version of TLS: ${Object.keys(tlsVersions).join(', ')}. Empty for VersionTLS12.`,
    check: aTlsVersion,
  },
  'tls-cipher-suites': {
    kind: 'list',
    default: [],
    group: 'Secure serving',
    help: "The cipher suites below TLS 1.3, by Go's names. Empty for the usual ones.",
    check: knownNames(cipherSuites, 'cipher suite'),
  },
  'tls-curve-preferences': {
    kind: 'list',
    default: [],
    group: 'Secure serving',
    help: `The key exchanges, by the numbers of Go's CurveID: ${Object.keys(curves).join(', ')}. Empty for the usual ones.`,
    check: knownNames(curves, 'curve'),
  },
  'http2-max-streams-per-connection': {
    kind: 'int',
    default: 0,
    group: 'Secure serving',
    help: 'Streams of one HTTP/2 connection.',
    check: notNegative,
    withoutEffect: onlyHTTP1,
  },
  'disable-http2-serving': {
    kind: 'bool',
    default: false,
    group: 'Secure serving',
    help: 'Serve no HTTP/2.',
    withoutEffect: onlyHTTP1,
  },
  'permit-port-sharing': {
    kind: 'bool',
    default: false,
    group: 'Secure serving',
    help: 'Let other processes listen on the same address and port (SO_REUSEPORT).',
  },
  'permit-address-sharing': {
    kind: 'bool',
    default: false,
    group: 'Secure serving',
    help: 'Listen on an address that the kernel still keeps for closed connections (SO_REUSEADDR).',
    withoutEffect: 'it is always on',
  },

  'authentication-kubeconfig': {
    kind: 'string',
    default: '',
    group: 'Authentication',
    help: "The kubeconfig for TokenReviews and for looking up the cluster's authentication configuration. Empty for the manager's own identity.",
  },
  'authentication-skip-lookup': {
    kind: 'bool',
    default: false,
    group: 'Authentication',
    help: 'Do not look up in the cluster what --client-ca-file and the --requestheader flags leave out.',
  },
  'authentication-tolerate-lookup-failure': {
    kind: 'bool',
    default: false,
    group: 'Authentication',
    help: "Be ready although the cluster's authentication configuration can't be looked up.",
  },
  'authentication-token-webhook-cache-ttl': {
    kind: 'duration',
    default: Duration.seconds(10),
    group: 'Authentication',
    help: 'How long a TokenReview is remembered.',
    check: zeroOrLonger,
  },
  'client-ca-file': {
    kind: 'string',
    default: '',
    group: 'Authentication',
    help: 'The authorities whose client certificates name users. Empty for those of the cluster.',
  },
  'requestheader-client-ca-file': {
    kind: 'string',
    default: '',
    group: 'Authentication',
    help: 'The authorities for certificates of front proxies, which name users in headers. Empty for those of the cluster.',
  },
  'requestheader-allowed-names': {
    kind: 'list',
    default: [],
    group: 'Authentication',
    help: 'The common names of front proxies that are believed; empty for all.',
  },
  'requestheader-username-headers': {
    kind: 'list',
    default: ['x-remote-user'],
    group: 'Authentication',
    help: 'Headers in which a front proxy names the user.',
  },
  'requestheader-group-headers': {
    kind: 'list',
    default: ['x-remote-group'],
    group: 'Authentication',
    help: "Headers in which a front proxy names the user's groups.",
  },
  'requestheader-extra-headers-prefix': {
    kind: 'list',
    default: ['x-remote-extra-'],
    group: 'Authentication',
    help: 'The beginnings of headers in which a front proxy says more about the user.',
  },
  'requestheader-uid-headers': {
    kind: 'list',
    default: [],
    group: 'Authentication',
    help: "Headers in which a front proxy names the user's UID.",
  },

  'authorization-kubeconfig': {
    kind: 'string',
    default: '',
    group: 'Authorization',
    help: "The kubeconfig for SubjectAccessReviews. Empty for the manager's own identity.",
  },
  'authorization-always-allow-paths': {
    kind: 'list',
    default: ['/healthz', '/readyz', '/livez'],
    group: 'Authorization',
    help: 'Paths that need no authorization.',
  },
  'authorization-webhook-cache-authorized-ttl': {
    kind: 'duration',
    default: Duration.seconds(10),
    group: 'Authorization',
    help: 'How long a yes of a SubjectAccessReview is remembered.',
    check: zeroOrLonger,
  },
  'authorization-webhook-cache-unauthorized-ttl': {
    kind: 'duration',
    default: Duration.seconds(10),
    group: 'Authorization',
    help: 'How long a no of a SubjectAccessReview is remembered.',
    check: zeroOrLonger,
  },
} as const satisfies FlagTable;
