import type { DerivedFile } from './derived-file.ts';

/** The provider of the memory cloud, which the library's own tests prove: the example in every generated package. */
export const exampleFolder = 'packages/cloud-provider/src/testing/memory-cloud';

const realCloud = 'your SDK or your HTTP API';
const balancer = 'load-balancers/memory-lb';

/**
 * What is taken over, with `__vendor__` in the names of files for the vendor's name. Everything else of the example (further
 * kinds of load balancers, ranges of pods) would be in the way of somebody who reads it for the first time.
 */
export const exampleFiles: readonly DerivedFile[] = [
  {
    source: 'cloud/api.ts',
    target: 'src/client/api.ts',
    note: `the types of ${realCloud} stand here: an SDK brings its own, then this file goes.`,
    edits: [
      { kind: 'replace', from: "import type { CloudQuotas } from './settings.ts';\n", to: '' },
      { kind: 'replace', from: '; readonly quotas: CloudQuotas };', to: ' };' },
      { kind: 'cut', from: '/**\n * Takes ports at an address', upTo: '/** One item of a batch' },
      { kind: 'cut', from: '  ListForwarders: {\n    input', upTo: '  ListRoutes: {\n    input' },
      { kind: 'replace', from: "  | 'forwarders-read'\n  | 'forwarders-write'\n", to: '' },
      { kind: 'cut', from: '  ListForwarders: { apiGroup', upTo: '  ListRoutes: { apiGroup' },
    ],
  },
  {
    source: 'client/memory-client.ts',
    target: 'src/client/__vendor__-client.ts',
    note: "one method for each question and each write, each through the gate once. Their signatures may stay as they are; what they send is the cloud's.",
    edits: [
      { kind: 'cut', from: "/** A forwarder, as this provider's own code", upTo: 'export type RouteFailure' },
      { kind: 'cut', from: '  async listForwarders', upTo: '  /** The whole table.' },
    ],
  },
  {
    source: 'client/balancer.ts',
    target: 'src/client/balancer.ts',
    note: "the cloud's load balancers become these types here.",
  },
  { source: 'client/machine.ts', target: 'src/client/machine.ts', note: "the cloud's machines become this type here." },
  {
    source: 'client/cloud-error-mapping.ts',
    target: 'src/client/cloud-error-mapping.ts',
    note: 'every failure that the cloud or its SDK knows becomes one of eight codes here. What only looks like "not found" must not become NotFound.',
  },
  {
    source: 'client/transport.ts',
    target: 'src/client/transport.ts',
    note: 'goes, with an SDK that has connections of its own.',
  },
  { source: 'client/deadline.ts', target: 'src/client/deadline.ts' },
  { source: 'client/facts-cache.ts', target: 'src/client/facts-cache.ts' },
  { source: 'client/recent-creates.ts', target: 'src/client/recent-creates.ts' },
  {
    source: 'provider-id.ts',
    target: 'src/provider-id.ts',
    note: 'the form of the providerIDs that your nodes have or had.',
  },
  {
    source: 'config.ts',
    target: 'src/config.ts',
    note: 'the fields of your cloud-config. Credentials belong into the environment or a file of their own.',
  },
  {
    source: 'permissions.ts',
    target: 'src/permissions.ts',
    note: 'the permissions as the policies of your cloud spell them, for messages and for the conformance suite.',
  },
  {
    source: 'capabilities.ts',
    target: 'src/capabilities.ts',
    note: 'what your cloud can do. What is not claimed here is not demanded.',
  },
  {
    source: 'instances/describe-instances.ts',
    target: 'src/instances/describe-instances.ts',
    note: 'how many machines one request finds, and which of its answers prove that a machine is gone.',
  },
  { source: 'instances/memory-instances.ts', target: 'src/instances/__vendor__-instances.ts' },
  {
    source: `${balancer}/desired.ts`,
    target: 'src/load-balancers/desired.ts',
    note: 'what a Service means in the terms of your cloud, and what of it can not be had.',
    edits: [
      {
        kind: 'replace',
        from: "import ipaddr from 'ipaddr.js';\n",
        to: "import { parseCidr } from '../../../../base/cidr.ts';\n",
      },
      { kind: 'cut', from: '/** The annotation that says which kind of', upTo: '/**\n * The name of a Service' },
      { kind: 'replace', from: 'the initial of its kind and the UID', to: 'a letter and the UID' },
      { kind: 'replace', from: "serviceUID: string, initial: NameInitial = 'a'", to: 'serviceUID: string' },
      { kind: 'replace', from: '`${initial}$', to: '`a$' },
      { kind: 'replace', from: "  initial: NameInitial = 'a',\n", to: '' },
      { kind: 'replace', from: 'balancerName(uid, initial)', to: 'balancerName(uid)' },
      { kind: 'replace', from: 'canonicalRange(text.trim())', to: 'parseCidr(text.trim())?.text' },
      { kind: 'cut', from: '/** The network that the text names', upTo: 'function desireHealthCheck' },
    ],
  },
  {
    source: `${balancer}/observe.ts`,
    target: 'src/load-balancers/observe.ts',
    note: 'how the load balancer of a Service is found, and what proves that it is ours.',
    edits: [
      { kind: 'replace', from: 'type NameInitial, ', to: '' },
      { kind: 'replace', from: '; readonly initial?: NameInitial', to: '' },
      { kind: 'replace', from: 'member.uid, options.initial', to: 'member.uid' },
    ],
  },
  {
    source: `${balancer}/operations.ts`,
    target: 'src/load-balancers/operations.ts',
    note: 'every write that there is.',
  },
  {
    source: `${balancer}/plan.ts`,
    target: 'src/load-balancers/plan.ts',
    note: 'from wanted and observed to writes. Pure: it asks nobody.',
  },
  {
    source: `${balancer}/apply.ts`,
    target: 'src/load-balancers/apply.ts',
    note: 'one write at a time, each of which may have been done before.',
  },
  { source: 'routes/observe.ts', target: 'src/routes/observe.ts' },
  { source: 'routes/plan.ts', target: 'src/routes/plan.ts' },
  { source: 'routes/apply.ts', target: 'src/routes/apply.ts' },
  {
    source: 'routes/memory-routes.ts',
    target: 'src/routes/__vendor__-routes.ts',
    note: 'delete the folder if your cloud has no route tables, then what the types name, and `routes` among the capabilities.',
  },
  {
    source: 'inventory/balancers.ts',
    target: 'src/inventory/balancers.ts',
    note: 'everything that is made is listed here, for finding what lost its owner.',
  },
  { source: 'inventory/routes.ts', target: 'src/inventory/routes.ts' },
  {
    source: 'volumes/memory-volumes.ts',
    target: 'src/volumes/__vendor__-volumes.ts',
    note: 'delete the folder if your disks are labelled by their CSI driver, then what the types name, and `volumes` among the capabilities.',
  },
];
