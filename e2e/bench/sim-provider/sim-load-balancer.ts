import {
  loadBalancerCleanupFinalizer,
  type LoadBalancerKind,
  type Operation,
  type Plan,
  type ResourceKey,
  type Wish,
} from '@ccm-ts/cloud-provider';
import type { CloudsimClient, SimLoadBalancer } from './cloudsim-client.ts';
import { isSameList, NodeLists } from './node-lists.ts';

const groupPrefix = 'service/';

interface Desired {
  readonly nodes: readonly string[];
  readonly ports: readonly number[];
}

interface Observed {
  readonly name: string;
  readonly balancer: SimLoadBalancer | undefined;
}

interface SimOperation extends Operation {
  readonly desired: Desired | undefined;
}

type SimKind = LoadBalancerKind<undefined, Desired, Observed, SimOperation>;

/** One load balancer for each Service, named after its UID, with all nodes behind it: what the Go side of the benchmark does too. */
export function simLoadBalancer(client: CloudsimClient): SimKind {
  const lists = new NodeLists();
  return {
    name: 'sim',
    finalizer: loadBalancerCleanupFinalizer,
    inputs: ['nodes'],
    claims: (service) => service.spec.loadBalancerClass === undefined,
    traces: async (member, call) => ((await client.getLoadBalancer(member.uid, call)) ? 'present' : 'none'),
    group: (request) => `${groupPrefix}${request.service.metadata.uid}`,
    facts: async () => undefined,
    desire: (request) => ({
      kind: 'desired',
      desired: {
        nodes: lists.of(request.backends),
        ports: request.service.spec.ports.map((port) => port.port),
      },
    }),
    // Its name is the Service's UID.
    untouched: (group) => ({ name: nameOf(group), balancer: undefined }),
    observe: async (group, _members, call) => {
      const name = nameOf(group);
      const balancer = await client.getLoadBalancer(name, call);
      return { name, balancer: balancer && { ...balancer, nodes: lists.shared(balancer.nodes) } };
    },
    listUnchanged: async (groups, call) => {
      const listed = await client.listLoadBalancers(call);
      const isAsItWas = ({ name, balancer }: Observed): boolean => {
        const now = listed.get(name);
        return balancer !== undefined && now !== undefined && isAsDesired(now, balancer);
      };
      return new Set([...groups].filter(([, observed]) => isAsItWas(observed)).map(([group]) => group));
    },
    plan: (wishes, observed) => plan([...wishes.values()][0], observed, client),
    apply: async (operation, _observed, call) => {
      const { name } = operation.object;
      if (!operation.desired) {
        await client.deleteLoadBalancer(name, call);
        return { kind: 'done', outputs: {} };
      }
      const balancer = await client.putLoadBalancer(name, operation.desired, call);
      return { kind: 'done', outputs: { address: balancer.address } };
    },
    fold: (observed, operation, outputs) => ({
      name: observed.name,
      balancer: operation.desired && { ...operation.desired, address: outputs.address ?? '' },
    }),
    result: (observed) => ({
      status: { ingress: observed.balancer ? [{ ip: observed.balancer.address, hostname: '', ipMode: '' }] : [] },
    }),
  };
}

function nameOf(group: ResourceKey): string {
  return group.slice(groupPrefix.length);
}

function plan(wish: Wish<Desired> | undefined, observed: Observed, client: CloudsimClient): Plan<SimOperation> {
  const desired = wish?.kind === 'present' ? wish.desired : undefined;
  const operations: SimOperation[] = [];
  if (desired === undefined ? observed.balancer !== undefined : !isAsDesired(observed.balancer, desired)) {
    operations.push({
      verb: desired === undefined ? 'delete' : observed.balancer === undefined ? 'create' : 'update',
      object: {
        kind: 'LoadBalancer',
        name: observed.name,
        // The name is the Service's UID, and nobody else uses this cloud.
        ownership: observed.balancer ? { kind: 'ours', proof: 'service-uid' } : { kind: 'new' },
      },
      changes: [],
      permission: 'PutLoadBalancer',
      scope: client.scope,
      locks: [observed.name],
      identity: { by: 'name', key: observed.name },
      desired,
    });
  }
  return { operations, next: { kind: 'converged' } };
}

function isAsDesired(balancer: SimLoadBalancer | undefined, desired: Desired): boolean {
  return (
    balancer !== undefined && isSameList(balancer.nodes, desired.nodes) && isSameList(balancer.ports, desired.ports)
  );
}
