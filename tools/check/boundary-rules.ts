import type { PackageType } from './workspace.ts';

/** Which packages of ours a package may import, by type. Providers never import providers. */
export const allowedPackages: Readonly<Record<PackageType, readonly PackageType[]>> = {
  library: [],
  client: [],
  provider: ['library', 'client'],
  tool: ['library'],
  e2e: ['library', 'client', 'provider'],
};

/** Public entries of the library that ship test doubles: for tests and harnesses, never for what a provider ships. */
export const testingEntries: readonly string[] = ['testing', 'conformance'];

const values = ['src/base', 'src/api', 'src/telemetry'] as const;
const contracts = [...values, 'src/cloud', 'src/kube'] as const;
const loops = [...contracts, 'src/reconcile', 'src/controllers'] as const;
const application = [...loops, 'src/config', 'src/manager'] as const;
const doubles = ['src/testing', 'src/testing/scenario', 'src/testing/proofs'] as const;

/**
 * The zones of the library, lowest first, each with the zones that it may import besides itself. A file belongs to the
 * longest zone that is a prefix of its path; a file in none is a breach.
 */
export const libraryZones: Readonly<Record<string, readonly string[]>> = {
  'src/base': [],
  'src/api': [],
  'src/telemetry': ['src/base'],
  'src/cloud': values,
  'src/kube': values,
  'src/reconcile': contracts,
  'src/controllers': [...contracts, 'src/reconcile'],
  'src/config': loops,
  'src/manager': [...loops, 'src/config'],
  'src/cli': application,
  'src/testing': contracts,
  // The scenario is the one double that runs the whole application.
  'src/testing/scenario': [...application, 'src/testing'],
  // The proofs kill and restart the whole application.
  'src/testing/proofs': [...application, 'src/testing', 'src/testing/scenario'],
  'src/testing/index.ts': [...contracts, ...doubles],
  // The suite runs the whole application, with the provider in it.
  'src/conformance': [...application, ...doubles],
  'src/index.ts': [...application, 'src/cli'],
};

/** Test files may use the doubles whatever zone they stand in. */
export const zonesForTests: readonly string[] = doubles;

/** Zones whose folders must not import one another; files that stand in the zone itself are shared. */
export const zonesOfIslands: readonly string[] = ['src/controllers'];

/** The zones of the library that may import a package from outside. A declared dependency that is not here may stand anywhere. */
export const zonesOfDependency: Readonly<Record<string, readonly string[]>> = {
  '@kubernetes/client-node': ['src/kube'],
  undici: ['src/kube', 'src/testing', 'src/testing/scenario', 'src/testing/proofs'],
  'prom-client': ['src/telemetry'],
  rfc6902: ['src/kube', 'src/testing'],
};

/** The folder of a provider or client package that may import packages from outside, the vendor's SDK first of all. */
export const sdkFolder = 'src/client/';

/** Packages that come with a declared one and are imported under their own name, by the name of the one that is declared. */
export const providedBy: Readonly<Record<string, string>> = { '@jest/globals': 'jest' };

/** Words that the library must not know, whole and in any case. */
export const vendorWords: readonly string[] = [
  ...['alibaba', 'alibabacloud', 'aliyun', 'amazon', 'amazonaws', 'aws', 'azure', 'cloudstack', 'digitalocean', 'ec2'],
  ...[
    'eks',
    'elb',
    'elbv2',
    'equinix',
    'exoscale',
    'gce',
    'gcp',
    'gke',
    'hcloud',
    'hetzner',
    'huaweicloud',
    'ibmcloud',
  ],
  ...[
    'linode',
    'neutron',
    'nova',
    'octavia',
    'openstack',
    'ovh',
    'ovhcloud',
    'scaleway',
    'tencentcloud',
    'vsphere',
    'vultr',
  ],
];
