import type { EndpointSlice } from '../../api/endpoint-slice.ts';
import type { Node } from '../../api/node.ts';
import { type Service } from '../../api/service.ts';
import type { CloudProvider } from '../../cloud/cloud-provider.ts';
import type { ClusterIdentity } from '../../cloud/cluster-identity.ts';
import { endpointSlices, nodes, services } from '../../kube/resources.ts';
import type { Session } from '../session/session.ts';

/** The objects of a cluster at one moment. Plain data. */
export interface Snapshot {
  readonly cluster: ClusterIdentity;
  readonly nodes: readonly Node[];
  readonly services: readonly Service[];
  /** Empty when no kind of load balancer goes by them. */
  readonly endpointSlices: readonly EndpointSlice[];
}

/** Reads everything that plans are made from: two lists, three where the readiness of pods counts. @throws ApiError */
export async function readSnapshot(
  session: Session,
  provider: Pick<CloudProvider, 'loadBalancers'>,
): Promise<Snapshot> {
  session.progress.step('Reading the cluster');
  const { signal } = session;
  const client = await session.client();
  const goesByPods = provider.loadBalancers?.some(({ inputs }) => inputs.includes('endpointSlices')) ?? false;
  const [cluster, nodeList, serviceList, sliceList] = await Promise.all([
    session.cluster(),
    client.list(nodes, { signal }),
    client.list(services, { signal }),
    goesByPods ? client.list(endpointSlices, { signal }) : { items: [] },
  ]);
  return { cluster, nodes: nodeList.items, services: serviceList.items, endpointSlices: sliceList.items };
}
