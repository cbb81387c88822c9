import type { ResourceValue } from '../testing/api-server/resources/resource-types.ts';
import { kubeletNode, silentKubeletStatus } from '../testing/scenario/manifests.ts';
import type { Cluster } from './cluster.ts';
import { ConformanceFailure } from './conformance-failure.ts';
import type { Stage } from './stage.ts';
import type { KindSubject, Machine, ServiceIdentity } from './subject.ts';

export type ServiceValue = ResourceValue<'services'>;
export type NodeValue = ResourceValue<'nodes'>;
type NodeCondition = NonNullable<NonNullable<NodeValue['status']>['conditions']>[number];

/** What people, kubelets and the control plane do in one cluster. */
export interface Hands {
  /** A machine starts and its kubelet registers its Node. With `nodeName`, another machine of that name. */
  join(options?: { readonly nodeName?: string }): Promise<Machine>;
  /** The kubelet of a machine registers its Node. */
  register(nodeName: string): void;
  fallSilent(nodeName: string): void;
  speakAgain(nodeName: string): void;
  node(nodeName: string): NodeValue | undefined;
  createService(draft: ServiceDraft): ServiceIdentity;
  patchService(service: ServiceIdentity, patch: object): void;
  deleteService(service: ServiceIdentity): void;
  service(service: ServiceIdentity): ServiceValue | undefined;
}

export interface PortDraft {
  readonly name: string;
  readonly protocol?: 'TCP' | 'UDP';
  readonly port: number;
}

export interface ServiceDraft {
  readonly name: string;
  readonly kind: KindSubject;
  /** @default one, TCP 80 */
  readonly ports?: readonly PortDraft[];
  readonly annotations?: Readonly<Record<string, string>>;
  /** More of the spec. */
  readonly spec?: object;
}

export const usualPorts: readonly PortDraft[] = [{ name: 'http', port: 80 }];

/** @param cluster @default the first one */
export function handsIn(stage: Stage, cluster: Cluster = stage.main): Hands {
  const { store } = cluster.server;
  const setReady = (name: string, draft: object): void => {
    const { status } = draft as { readonly status: { readonly conditions: readonly NodeCondition[] } };
    store.update('nodes', { name, subresource: 'status' }, (node) => {
      const others = node.status?.conditions?.filter(({ type }) => type !== 'Ready') ?? [];
      return { ...node, status: { ...node.status, conditions: [...others, ...status.conditions] } };
    });
  };
  const hands: Hands = {
    async join(options) {
      const machine = await stage.world.machines.launch(options);
      hands.register(machine.nodeName);
      return machine;
    },
    register: (nodeName) => void store.create('nodes', kubeletNode(nodeName, stage.clock.now())),
    fallSilent: (nodeName) => setReady(nodeName, silentKubeletStatus(stage.clock.now())),
    speakAgain: (nodeName) => setReady(nodeName, kubeletNode(nodeName, stage.clock.now())),
    node: (nodeName) => store.get('nodes', nodeName),
    createService({ name, kind, ports = usualPorts, annotations, spec }) {
      const { metadata } = store.create('services', {
        metadata: { name, namespace: 'default', annotations: { ...kind.annotations, ...annotations } },
        spec: { type: 'LoadBalancer', ports: [...ports], ...spec },
      });
      if (metadata.uid === undefined) throw new ConformanceFailure(`the Service ${name} was given no UID`);
      return { uid: metadata.uid, namespace: 'default', name };
    },
    patchService: ({ name }, patch) => void store.patch('services', name, patch),
    deleteService: ({ name }) => void store.delete('services', name),
    service: ({ name }) => store.get('services', name),
  };
  return hands;
}
