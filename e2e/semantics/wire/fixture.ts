import { after } from '../../harness/node-test.ts';
import type { WireObject } from './objects.ts';
import { Connection, kubeconfigVariable } from './connection.ts';

/** The connection of a test file to the server under test, closed when its tests are over. */
export function connectToServer(): Connection {
  const kubeconfig = process.env[kubeconfigVariable];
  if (!kubeconfig) throw new Error(`${kubeconfigVariable} must name a kubeconfig`);
  const connection = new Connection(kubeconfig);
  after(() => connection.close());
  return connection;
}

/** A name that no other test uses: cluster-scoped objects of all tests share one cluster. */
export function uniqueName(stem: string): string {
  return `${stem}-${crypto.randomUUID().slice(0, 8)}`;
}

/** Paths of collections. */
export const paths = {
  nodes: '/api/v1/nodes',
  namespaces: '/api/v1/namespaces',
  allServices: '/api/v1/services',
  allConfigMaps: '/api/v1/configmaps',
  configMaps: (namespace: string) => `/api/v1/namespaces/${namespace}/configmaps`,
  services: (namespace: string) => `/api/v1/namespaces/${namespace}/services`,
  coreEvents: (namespace: string) => `/api/v1/namespaces/${namespace}/events`,
  events: (namespace: string) => `/apis/events.k8s.io/v1/namespaces/${namespace}/events`,
  leases: (namespace: string) => `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`,
  endpointSlices: (namespace: string) => `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`,
};

/** A namespace of a test's own. It is not deleted: nothing in these clusters would finish the deletion. */
export async function ownNamespace(server: Connection, stem: string): Promise<string> {
  const name = uniqueName(stem);
  await server.create(paths.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  return name;
}

/** A minimal Node. */
export function node(
  name: string,
  more: Readonly<Record<string, unknown>> = {},
  meta: Readonly<Record<string, unknown>> = {},
) {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, ...meta }, ...more };
}

/** A ConfigMap: the simplest object there is. */
export function configMap(
  name: string,
  data: Readonly<Record<string, string>> = {},
  meta: Readonly<Record<string, unknown>> = {},
) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...meta }, data };
}

/** A Service with one TCP port 80. */
export function service(
  name: string,
  spec: Readonly<Record<string, unknown>> = {},
  meta: Readonly<Record<string, unknown>> = {},
) {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, ...meta },
    spec: { selector: { app: name }, ports: [{ port: 80 }], ...spec },
  };
}

export function lease(
  name: string,
  spec: Readonly<Record<string, unknown>> = {},
  meta: Readonly<Record<string, unknown>> = {},
) {
  return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, ...meta }, spec };
}

interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

/** The taints of a Node but for the one that admission gives to every new Node. */
export function ownTaints(of: WireObject): readonly Taint[] {
  const taints = (of.spec.taints ?? []) as readonly Taint[];
  return taints.filter((taint) => taint.key !== 'node.kubernetes.io/not-ready');
}
