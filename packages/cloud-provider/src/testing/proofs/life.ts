import { Duration } from '../../base/duration.ts';
import { clusterStampKey } from '../../cloud/ownership.ts';
import { balancerName, kindAnnotation, serviceUIDTag } from '../memory-cloud/load-balancers/memory-lb/desired.ts';
import type { ResourceValue } from '../api-server/resources/resource-types.ts';
import { kubeletNode, silentKubeletStatus } from '../scenario/manifests.ts';
import type { Clock } from '../../base/clock.ts';
import type { ProofGround } from './ground.ts';

/** Where a life is lived. */
export type Stage = Pick<ProofGround, 'cloud' | 'server'> & { readonly clock: Clock };

/** One thing that happens in a cluster. What it must lead to follows from the state of cluster and cloud; see `findProblems`. */
export interface LifeStep {
  readonly name: string;
  readonly act: (world: Stage) => void;
  /** For so long the cluster is left alone afterwards, and longer until everything is as it must be. @default zero */
  readonly rest?: Duration;
  /** It takes back what was wished in the step before, so that what is under way for that may still be done. */
  readonly takesBack?: 'yes';
  /** The next step comes after so long already, whether everything is as it must be or not. */
  readonly haste?: Duration;
}

/** Longer than machines take to change and reads lag behind: before, nobody could tell a machine from the next of its name. */
const shortRest = Duration.seconds(10);

/**
 * A life of a cluster that goes through everything that a manager does for it: machines join, Services get load balancers, are
 * edited, stop being of the type and are again, change to another kind and back, machines stop, start and are terminated,
 * Services are deleted.
 */
export const life: readonly LifeStep[] = [
  {
    name: 'two machines join',
    act(world) {
      join(world, 'a', 'memory-1a');
      join(world, 'b', 'memory-1b');
    },
  },
  {
    name: 'two Services want load balancers',
    act({ server }) {
      server.store.create('services', {
        metadata: { name: 'web', namespace: 'default' },
        spec: {
          type: 'LoadBalancer',
          ports: [
            { name: 'http', port: 80 },
            { name: 'https', port: 443 },
          ],
        },
      });
      server.store.create('services', {
        metadata: { name: 'dns', namespace: 'default' },
        spec: {
          type: 'LoadBalancer',
          ports: [{ name: 'dns', protocol: 'UDP', port: 53 }],
          loadBalancerSourceRanges: ['10.0.0.0/8'],
        },
      });
    },
  },
  {
    name: 'another cluster takes the name of what a Service will want',
    act({ cloud, server }) {
      const { metadata } = server.store.create('services', {
        metadata: { name: 'clash', namespace: 'default' },
        spec: { ports: [{ name: 'http', port: 80 }] },
      });
      plantNamesake(cloud, metadata.uid ?? '');
    },
    rest: shortRest,
  },
  {
    name: 'the Service wants it',
    act: ({ server }) => void server.store.patch('services', 'clash', { spec: { type: 'LoadBalancer' } }),
    rest: shortRest,
  },
  {
    name: 'a Service wants one for a moment',
    act({ server }) {
      const metadata = { name: 'brief', namespace: 'default' };
      server.store.create('services', {
        metadata,
        spec: { type: 'LoadBalancer', ports: [{ name: 'http', port: 80 }] },
      });
    },
  },
  { name: 'it is deleted', act: ({ server }) => void server.store.delete('services', 'brief') },
  {
    name: 'a Service wants one and is not given the time to get it',
    act({ server }) {
      const spec = { type: 'LoadBalancer' as const, ports: [{ name: 'http', port: 80 }] };
      server.store.create('services', { metadata: { name: 'haste', namespace: 'default' }, spec });
    },
    haste: Duration.milliseconds(1),
  },
  {
    name: 'it is deleted at once',
    act: ({ server }) => void server.store.delete('services', 'haste'),
    rest: shortRest,
  },
  {
    name: 'a port goes, another comes; source ranges change',
    act({ server }) {
      const [http] = server.store.get('services', 'web')?.spec.ports ?? [];
      const ports = [...(http ? [http] : []), { name: 'alt', port: 8443 }];
      server.store.patch('services', 'web', { spec: { ports } });
      server.store.patch('services', 'dns', { spec: { loadBalancerSourceRanges: ['10.0.0.0/8', '192.0.2.0/24'] } });
    },
  },
  { name: 'a third machine joins', act: (world) => join(world, 'c', 'memory-1a') },
  {
    name: 'nothing happens, so that no Node is too young to be deleted',
    act: () => undefined,
    rest: Duration.minutes(3),
  },
  {
    name: 'a machine is stopped',
    act(world) {
      world.cloud.operator.stop(machineID(world, 'b'));
      fallSilent(world, 'b');
    },
    rest: Duration.seconds(40),
  },
  {
    name: 'it is started again',
    act(world) {
      world.cloud.operator.start(machineID(world, 'b'));
      speakAgain(world, 'b');
    },
  },
  {
    name: 'a Service wants no load balancer any more',
    act: ({ server }) => void server.store.patch('services', 'web', { spec: { type: 'ClusterIP' } }),
  },
  {
    name: 'it wants one again',
    act: ({ server }) => void server.store.patch('services', 'web', { spec: { type: 'LoadBalancer' } }),
    takesBack: 'yes',
  },
  {
    name: 'a Service wants the other kind of load balancer',
    act: ({ server }) => wantKind(server, 'dns', 'express'),
  },
  {
    name: 'it wants the first kind again',
    act: ({ server }) => wantKind(server, 'dns', 'usual'),
    takesBack: 'yes',
  },
  {
    name: 'a machine is terminated',
    act(world) {
      world.cloud.operator.terminate(machineID(world, 'c'));
      fallSilent(world, 'c');
    },
  },
  {
    name: 'a machine is terminated and its Node deleted by hand',
    act(world) {
      world.cloud.operator.terminate(machineID(world, 'b'));
      world.server.store.delete('nodes', 'b');
    },
    rest: shortRest,
  },
  { name: 'another machine of its name joins', act: (world) => join(world, 'b', 'memory-1c') },
  {
    name: 'a Service is deleted',
    act: ({ server }) => void server.store.delete('services', 'web'),
  },
  { name: 'nothing happens', act: () => undefined, rest: Duration.minutes(12) },
];

/** A machine starts, and its kubelet registers. */
export function join({ cloud, server, clock }: Stage, name: string, zone: string): void {
  cloud.operator.launch({ name, zone });
  server.store.create('nodes', kubeletNode(name, clock.now()));
}

function wantKind(server: Stage['server'], service: string, kind: string): void {
  server.store.patch('services', service, { metadata: { annotations: { [kindAnnotation]: kind } } });
}

/** Another cluster, restored from the same backup, has a load balancer for a Service of the same UID. */
function plantNamesake(cloud: Stage['cloud'], uid: string): void {
  const [machine] = cloud.snapshot().instances;
  const record = {
    name: balancerName(uid),
    networkID: 'net-main',
    scheme: 'public',
    allowedRanges: ['0.0.0.0/0'],
    healthCheck: { protocol: 'tcp', port: 8080, path: '' },
    listeners: [{ protocol: 'TCP', port: 8080, backendPort: 30_999, affinity: 'none' }],
    backends: machine ? [machine.id] : [],
    tags: { [clusterStampKey]: 'another-cluster', [serviceUIDTag]: uid },
  };
  cloud.operator.plantLoadBalancer(record, 'another-cluster');
}

/** The one of that name that is not terminated. */
export function machineID({ cloud }: Stage, name: string): string {
  const machine = cloud.snapshot().instances.find((one) => one.name === name && !one.state.startsWith('terminat'));
  if (!machine) throw new Error(`there is no machine ${name}`);
  return machine.id;
}

/** Its kubelet is not heard of any more. */
export function fallSilent({ server, clock }: Stage, name: string): void {
  setReady(server, name, silentKubeletStatus(clock.now()));
}

function speakAgain({ server, clock }: Stage, name: string): void {
  setReady(server, name, kubeletNode(name, clock.now()));
}

/** Takes over the condition of the draft; those of others stay. */
function setReady(server: Stage['server'], name: string, draft: object): void {
  const { status } = draft as { readonly status: { readonly conditions: readonly NodeCondition[] } };
  server.store.update('nodes', { name, subresource: 'status' }, (node) => {
    const others = node.status?.conditions?.filter(({ type }) => type !== 'Ready') ?? [];
    return { ...node, status: { ...node.status, conditions: [...others, ...status.conditions] } };
  });
}

type NodeCondition = NonNullable<NonNullable<ResourceValue<'nodes'>['status']>['conditions']>[number];
