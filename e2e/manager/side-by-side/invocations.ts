/** A command line that ends by itself. */
export interface Invocation {
  readonly name: string;
  readonly flags: readonly string[];
}

/** Command lines whose exit codes are compared. Where it says nothing of `--kubeconfig`, there is none. */
export const invocations: readonly Invocation[] = [
  { name: '--help', flags: ['--help'] },
  { name: '-h', flags: ['-h'] },
  { name: '--version', flags: ['--version'] },
  { name: '--version=false --help', flags: ['--version=false', '--help'] },
  { name: '--nonsense', flags: ['--nonsense'] },
  { name: '-x', flags: ['-x'] },
  { name: 'a word', flags: ['word'] },
  { name: '--secure-port', flags: ['--secure-port'] },
  { name: '--secure-port=many', flags: ['--secure-port=many'] },
  { name: '--secure-port=70000', flags: ['--secure-port=70000'] },
  { name: '--leader-elect=maybe', flags: ['--leader-elect=maybe'] },
  { name: '--node-monitor-period=5', flags: ['--node-monitor-period=5'] },
  { name: '--controllers=nothing', flags: ['--controllers=nothing'] },
  { name: '--feature-gates=Nothing=true', flags: ['--feature-gates=Nothing=true'] },
  { name: '--leader-elect-lease-duration=1s', flags: ['--leader-elect-lease-duration=1s'] },
  { name: '--concurrent-node-syncs=0', flags: ['--concurrent-node-syncs=0'] },
  { name: '--bind-address=nowhere', flags: ['--bind-address=nowhere'] },
  { name: '--tls-min-version=1', flags: ['--tls-min-version=1'] },
  { name: '--tls-cert-file=/nothing', flags: ['--tls-cert-file=/nothing', '--tls-private-key-file=/nothing'] },
  { name: '--tls-cert-file alone', flags: ['--tls-cert-file=/nothing'] },
  { name: '--kubeconfig=/nothing', flags: ['--kubeconfig=/nothing'] },
  { name: '--logging-format=xml', flags: ['--logging-format=xml'] },
];
