import { Duration } from '../../base/duration.ts';
import { aNamespace, aNodeName, anObjectName, atLeastOne, notNegative, positive, zeroOrLonger } from './flag-checks.ts';
import type { FlagSet, FlagTable } from './flag.ts';
import { networkFlags } from './network-flags.ts';
import { logFlags } from './log-flags.ts';
import { nodeLifecycleFlags } from './node-lifecycle-flags.ts';
import { orphanFlags } from './orphan-flags.ts';
import { ownershipFlags } from './ownership-flags.ts';
import { serviceFlags } from './service-flags.ts';
import { servingFlags } from './serving-flags.ts';
import { webhookFlags } from './webhook-flags.ts';

/**
 * The flags of a cloud controller manager: names, defaults and syntax of the Go managers (k8s.io/cloud-provider 0.36,
 * options), and our own: `--config`, `--mode`, `--manage-nodes`, `--manage-services`, `--node-name`, `--kube-api-max-in-flight` and
 * those that begin with `--node-deletion-` or `--orphan-`.
 */
export const managerFlags = {
  'cloud-provider': {
    kind: 'string',
    default: '',
    group: 'Cloud provider',
    help: "The provider for cloud services. May be left empty in a program that has only one; otherwise that one's name.",
  },
  'cloud-config': {
    kind: 'string',
    default: '',
    group: 'Cloud provider',
    help: "The path to the cloud provider's configuration file. Empty for none.",
  },
  'cluster-name': {
    kind: 'string',
    default: 'kubernetes',
    group: 'Cloud provider',
    help: 'The instance prefix for the cluster.',
  },
  'allow-untagged-cloud': {
    kind: 'bool',
    default: false,
    group: 'Cloud provider',
    help: "Run without the cluster's identity on cloud instances, where a provider finds that out by tags.",
  },
  'external-cloud-volume-plugin': {
    kind: 'string',
    default: '',
    group: 'Cloud provider',
    help: 'The plugin for cloud volumes.',
    withoutEffect: 'volumes left the cloud controller managers',
  },
  'node-sync-period': {
    kind: 'duration',
    default: Duration.zero,
    group: 'Node controller',
    help: 'Deprecated.',
    withoutEffect: 'it has none in the Go managers either',
  },
  'node-status-update-frequency': {
    kind: 'duration',
    default: Duration.minutes(5),
    group: 'Node controller',
    help: "How often the addresses and labels of initialised nodes are compared with the cloud's.",
    check: positive,
  },
  'concurrent-node-syncs': {
    kind: 'int',
    default: 1,
    group: 'Node controller',
    help: 'Workers that initialise nodes.',
    check: atLeastOne,
    withoutEffect: 'nodes that wait are initialised together, in batches',
  },
  'concurrent-node-status-updates': {
    kind: 'int',
    default: 0,
    group: 'Node controller',
    help: 'Workers that keep nodes up to date.',
    check: notNegative,
    withoutEffect: 'nodes are kept up to date together, in batches',
  },
  'node-name': {
    kind: 'string',
    default: '',
    group: 'Node controller',
    help: 'Look after the node of this name alone, without an election: for a manager on each node. Only cloud-node runs then; switch it off with --controllers=*,-cloud-node in the manager of the cluster.',
    check: aNodeName,
  },
  ...networkFlags,
  ...nodeLifecycleFlags,
  ...serviceFlags,
  ...ownershipFlags,
  ...orphanFlags,
  controllers: {
    kind: 'list',
    default: ['*'],
    group: 'Generic',
    help: "The controllers to run: '*' is all that are on by default, 'name' switches one on, '-name' off.",
  },
  'controller-start-interval': {
    kind: 'duration',
    default: Duration.zero,
    group: 'Generic',
    help: 'Time between the starts of two controllers, lengthened at random up to twofold.',
    check: zeroOrLonger,
  },
  'min-resync-period': {
    kind: 'duration',
    default: Duration.hours(12),
    group: 'Generic',
    help: 'The resync period of informers.',
    withoutEffect: 'controllers here look at everything again in their own slow passes',
  },
  'feature-gates': {
    kind: 'map',
    default: {},
    group: 'Generic',
    help: 'Feature gates, as Name=true or Name=false.',
  },
  kubeconfig: {
    kind: 'string',
    default: '',
    group: 'Generic',
    help: 'Path to the kubeconfig file. Without it and --master the in-cluster configuration is used.',
  },
  master: {
    kind: 'string',
    default: '',
    group: 'Generic',
    help: 'The address of the API server; overrides the one in the kubeconfig.',
  },
  'kube-api-qps': {
    kind: 'float',
    default: 20,
    group: 'Generic',
    help: 'A cap on the requests a second to the API server. Only when set; otherwise the requests in flight are bounded.',
    check: (value) => (value > 0 ? undefined : 'write a number above 0, or leave it out for no cap'),
  },
  'kube-api-burst': {
    kind: 'int',
    default: 30,
    group: 'Generic',
    help: 'Requests that may come at once under --kube-api-qps.',
    check: atLeastOne,
  },
  'kube-api-max-in-flight': {
    kind: 'int',
    default: 64,
    group: 'Generic',
    help: 'Requests to the API server at the same time, watches apart.',
    check: atLeastOne,
  },
  'kube-api-content-type': {
    kind: 'string',
    default: 'application/vnd.kubernetes.protobuf',
    group: 'Generic',
    help: 'What is asked of the API server; JSON is taken where it has nothing else.',
    check: (value) =>
      value === 'application/vnd.kubernetes.protobuf' || value === 'application/json'
        ? undefined
        : 'write application/vnd.kubernetes.protobuf or application/json',
  },
  'use-service-account-credentials': {
    kind: 'bool',
    default: false,
    group: 'Generic',
    help: 'Use a service account of kube-system for each controller, with a token of its own.',
  },
  'leader-elect': {
    kind: 'bool',
    default: true,
    group: 'Leader election',
    help: 'Gain leadership by a lease before controllers run.',
  },
  'leader-elect-lease-duration': {
    kind: 'duration',
    default: Duration.seconds(15),
    group: 'Leader election',
    help: 'How long others wait after the last renewal before they try to lead.',
    check: positive,
  },
  'leader-elect-renew-deadline': {
    kind: 'duration',
    default: Duration.seconds(10),
    group: 'Leader election',
    help: 'How long the leader tries to renew before it stops leading. Less than the lease duration.',
    check: positive,
  },
  'leader-elect-retry-period': {
    kind: 'duration',
    default: Duration.seconds(2),
    group: 'Leader election',
    help: 'Time between two tries to acquire or renew.',
    check: positive,
  },
  'leader-elect-resource-lock': {
    kind: 'string',
    default: 'leases',
    group: 'Leader election',
    help: 'The kind of object that is used for locking.',
    check: (value) => (value === 'leases' ? undefined : 'write leases, the only kind there is'),
  },
  'leader-elect-resource-name': {
    kind: 'string',
    default: 'cloud-controller-manager',
    group: 'Leader election',
    help: 'The name of the lease.',
    check: anObjectName,
  },
  'leader-elect-resource-namespace': {
    kind: 'string',
    default: 'kube-system',
    group: 'Leader election',
    help: 'The namespace of the lease.',
    check: aNamespace,
  },
  'enable-leader-migration': {
    kind: 'bool',
    default: false,
    group: 'Leader election',
    help: 'Run the controllers that another manager also runs under a lock of their own while a cluster migrates.',
  },
  'leader-migration-config': {
    kind: 'string',
    default: '',
    group: 'Leader election',
    help: 'The LeaderMigrationConfiguration: which controllers, and the name of their lock. Empty for the usual one.',
  },
  ...servingFlags,
  ...webhookFlags,
  profiling: {
    kind: 'bool',
    default: true,
    group: 'Debugging',
    help: 'Serve profiles of the processor and of memory under /debug/pprof/.',
  },
  'contention-profiling': {
    kind: 'bool',
    default: false,
    group: 'Debugging',
    help: 'Profile lock contention.',
    withoutEffect: 'there are no locks between threads here',
  },
  ...logFlags,
  config: {
    kind: 'string',
    default: '',
    group: 'Generic',
    help: 'A file of flags, YAML or JSON; flags of the command line win.',
  },
  mode: {
    kind: 'string',
    default: 'run',
    group: 'Generic',
    help: 'run, or observe: then nothing is written to the cloud, and to the cluster nothing but the lease and Events.',
    check: (value) => (value === 'run' || value === 'observe' ? undefined : 'write run or observe'),
  },
  help: { kind: 'bool', default: false, group: 'Global', shorthand: 'h', help: 'Show this text.' },
  version: { kind: 'bool', default: false, group: 'Global', help: 'Show the version.' },
} as const satisfies FlagTable;

export type ManagerFlags = FlagSet<typeof managerFlags>;
