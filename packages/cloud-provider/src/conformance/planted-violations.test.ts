import { describe, expect, it } from '@jest/globals';
import type { Capabilities } from '../cloud/capabilities.ts';
import type { CloudProvider, ProviderContext } from '../cloud/cloud-provider.ts';
import type { InstanceView, Instances } from '../cloud/instances.ts';
import type { InventoryKind } from '../cloud/inventory.ts';
import type { LoadBalancerKind, Member, ServiceRequest, Wish } from '../cloud/load-balancer-kind.ts';
import type { Operation } from '../cloud/operation.ts';
import type { Plan } from '../cloud/plan.ts';
import type { Routes } from '../cloud/routes.ts';
import { embeddedTransport } from '../testing/memory-cloud/client/embedded-transport.ts';
import { memoryCloudProvider } from '../testing/memory-cloud/memory-cloud-provider.ts';
import { memoryKinds, memoryKindsSubject, memorySubject, openMemoryWorld } from './memory-subject.ts';
import { judgePermissions } from './permission-use.ts';
import { runConformance } from './run-conformance.ts';
import type { ConformanceSubject } from './subject.ts';

type Wishes = ReadonlyMap<string, Wish<unknown>>;
type Connect = (context: ProviderContext) => CloudProvider;

/** The memory cloud's provider with a defect. */
function subjectWith(
  plant: (connect: Connect) => Connect,
  changes: Partial<ConformanceSubject> = {},
): ConformanceSubject {
  return {
    ...memorySubject,
    ...changes,
    async open(ground) {
      const { world } = openMemoryWorld(ground);
      const { provider } = world;
      const capabilities = changes.capabilities ?? memorySubject.capabilities;
      const connect = plant((context) => provider.connect(context));
      return { ...world, provider: { capabilities, connect } };
    },
  };
}

function withInstances(describeThem: (view: InstanceView) => InstanceView | undefined): ConformanceSubject {
  return subjectWith((connect) => (context) => {
    const provider = connect(context);
    const { instances } = provider;
    const planted: Instances = {
      maxBatch: instances!.maxBatch,
      scopeOf: (node) => instances!.scopeOf(node),
      async describe(nodes, need, call) {
        const views = await instances!.describe(nodes, need, call).catch(() => new Map<string, InstanceView>());
        const unknown: InstanceView = { kind: 'unknown', reason: undefined as never };
        const answers = nodes.map(({ name }) => [name, describeThem(views.get(name) ?? unknown)] as const);
        return new Map(answers.filter((one): one is [string, InstanceView] => one[1] !== undefined));
      },
    };
    return { ...provider, close: () => provider.close(), probe: (call) => provider.probe(call), instances: planted };
  });
}

function withFickleLabels(): ConformanceSubject {
  let asked = 0;
  return withInstances((view) => {
    if (view.kind !== 'present' || !view.metadata) return view;
    return { ...view, metadata: { ...view.metadata, additionalLabels: { 'memory.example/asked': `${asked++}` } } };
  });
}

function withKind(plant: (kind: LoadBalancerKind, context: ProviderContext) => Partial<LoadBalancerKind>) {
  return subjectWith((connect) => (context) => {
    const provider = connect(context);
    const kinds = provider.loadBalancers!.map((kind) => ({ ...kind, ...plant(kind, context) }));
    return { ...provider, loadBalancers: kinds };
  });
}

/** With every kind that the memory cloud has, and a defect in the one whose load balancers are shared. */
function withShared(plant: (kind: LoadBalancerKind) => Partial<LoadBalancerKind>): ConformanceSubject {
  return {
    ...memoryKindsSubject,
    async open(ground) {
      const { world } = openMemoryWorld(ground, memoryKinds);
      const connect: Connect = (context) => {
        const provider = world.provider.connect(context);
        const kinds = provider.loadBalancers!.map((kind) =>
          kind.name === 'memory-shared' ? { ...kind, ...plant(kind) } : kind,
        );
        return { ...provider, loadBalancers: kinds };
      };
      return { ...world, provider: { capabilities: memoryKindsSubject.capabilities, connect } };
    },
  };
}

/** The plan for what is made of the wishes. */
function wishing(change: (wishes: Wishes) => Wishes): (kind: LoadBalancerKind) => Partial<LoadBalancerKind> {
  return (kind) => ({ plan: (wishes, observed) => kind.plan(change(wishes), observed) });
}

function withInventory(plant: (kind: InventoryKind) => Partial<InventoryKind>): ConformanceSubject {
  return subjectWith((connect) => (context) => {
    const provider = connect(context);
    return { ...provider, inventory: provider.inventory!.map((kind) => ({ ...kind, ...plant(kind) })) };
  });
}

/** Its load balancers have two addresses, as far as Services and the world are told. */
function withTwoAddresses(): ConformanceSubject {
  const subject = subjectWith(
    (connect) => (context) => {
      const provider = connect(context);
      const kinds = provider.loadBalancers!.map(
        (kind): LoadBalancerKind => ({
          ...kind,
          result(observed, member) {
            const { status } = kind.result(observed, member);
            const ingress = status?.ingress.flatMap((one) => [one, { ...one, ip: `2001:db8::${one.ip}` }]) ?? [];
            return { ...(status && { status: { ingress } }) };
          },
        }),
      );
      return { ...provider, capabilities: dualStack, loadBalancers: kinds };
    },
    {
      capabilities: dualStack,
      loadBalancers: [{ ...memorySubject.loadBalancers[0]!, capabilities: dualStack.loadBalancers }],
    },
  );
  return {
    ...subject,
    async open(ground) {
      const world = await subject.open(ground);
      const yard = world.loadBalancers!;
      const of: typeof yard.of = async (service) =>
        (await yard.of(service)).map((view) => ({
          ...view,
          moreAddresses: [`2001:db8::${view.address}`],
          families: ['IPv4', 'IPv6'],
        }));
      return { ...world, loadBalancers: { ...yard, of } };
    },
  };
}

function withRoutes(plant: (routes: Routes) => Partial<Routes>): ConformanceSubject {
  return subjectWith((connect) => (context) => {
    const provider = connect(context);
    const { routes } = provider;
    return { ...provider, routes: { ...routes!, ...plant(routes!) } };
  });
}

const evidence = { statement: 'it did not answer', operation: 'DescribeInstances', requestId: '' };
const absent: InstanceView = { kind: 'absent', evidence };

function owned(plan: Plan): Plan {
  const own = (operation: Operation): Operation => ({
    ...operation,
    object: {
      ...operation.object,
      ownership: operation.verb === 'create' ? { kind: 'new' } : { kind: 'ours', proof: 'stamp' },
    },
  });
  return { ...plan, operations: plan.operations.map(own) };
}

/** The UID of every Service, to a provider that tells them by their names; the case has them of one name only. */
const uidOfName = 'aaaaaaaa-0000-4000-8000-000000000000';

function byName(member: Member): Member {
  const { service } = member;
  return { ...member, uid: uidOfName, service: { ...service, metadata: { ...service.metadata, uid: uidOfName } } };
}

/** Its world finds a Service's load balancer where that provider puts it. */
function seenByName(subject: ConformanceSubject): ConformanceSubject {
  return {
    ...subject,
    async open(ground) {
      const world = await subject.open(ground);
      const yard = world.loadBalancers!;
      return { ...world, loadBalancers: { ...yard, of: (service) => yard.of({ ...service, uid: uidOfName }) } };
    },
  };
}

const noUDP: Capabilities = {
  ...memorySubject.capabilities,
  loadBalancers: memorySubject.capabilities.loadBalancers.filter((one) => one !== 'udp'),
};
const noRanges: Capabilities = {
  ...memorySubject.capabilities,
  loadBalancers: memorySubject.capabilities.loadBalancers.filter((one) => one !== 'source-ranges'),
};
const dualStack: Capabilities = { ...memorySubject.capabilities, loadBalancers: ['tcp', 'dual-stack'] };

interface Plant {
  readonly defect: string;
  readonly subject: ConformanceSubject;
  /** The case that must turn red; without `only`, all cases are run. */
  readonly red: string;
  readonly because: RegExp;
}

const plants: readonly Plant[] = [
  {
    defect: 'declares UDP and refuses it',
    subject: withKind((kind) => ({
      desire: (request, facts) =>
        request.service.spec.ports.some(({ protocol }) => protocol === 'UDP')
          ? { kind: 'refusal', reason: 'NoUDP', field: 'spec.ports', value: 'UDP', fix: 'use TCP' }
          : kind.desire(request, facts),
    })),
    red: 'load balancers (memory-lb): UDP is served',
    because: /it has no load balancer/,
  },
  {
    defect: 'lets everybody in where a Service says who may connect',
    subject: subjectWith(
      (connect) => (context) => {
        const provider = connect(context);
        const kinds = provider.loadBalancers!.map((kind): LoadBalancerKind => {
          const open = (request: ServiceRequest): ServiceRequest => {
            const { metadata, spec } = request.service;
            const service = {
              metadata: { ...metadata, annotations: {} },
              spec: { ...spec, loadBalancerSourceRanges: [] },
            };
            return { ...request, service: { ...request.service, ...service } };
          };
          return { ...kind, desire: (request, facts) => kind.desire(open(request), facts) };
        });
        return { ...provider, capabilities: noRanges, loadBalancers: kinds };
      },
      {
        capabilities: noRanges,
        loadBalancers: [{ ...memorySubject.loadBalancers[0]!, capabilities: noRanges.loadBalancers }],
      },
    ),
    red: 'load balancers (memory-lb): a Service that says who may connect is refused by what lets everybody in',
    because: /nobody was told of web-0/,
  },
  {
    defect: 'declares both families and has addresses of one',
    subject: subjectWith((connect) => (context) => ({ ...connect(context), capabilities: dualStack }), {
      capabilities: dualStack,
      loadBalancers: [{ ...memorySubject.loadBalancers[0]!, capabilities: dualStack.loadBalancers }],
    }),
    red: 'load balancers (memory-lb): a Service of both families has an address of each',
    because: /no address of the family IPv6/,
  },
  {
    defect: 'has routes and does not declare them',
    subject: subjectWith(
      (connect) => (context) => ({
        ...connect(context),
        capabilities: { ...memorySubject.capabilities, routes: false },
      }),
      { capabilities: { ...memorySubject.capabilities, routes: false } },
    ),
    red: 'declaration: what is declared is there, before and after connecting',
    because: /routes are there and not declared/,
  },
  {
    defect: 'calls a machine gone when it is throttled',
    subject: withInstances((view) => (view.kind === 'unknown' ? absent : view)),
    red: 'lifecycle: a cloud whose answers are throttled proves nothing',
    because: /was deleted/,
  },
  {
    defect: 'calls a machine gone when it gets no answer',
    subject: withInstances((view) => (view.kind === 'unknown' ? absent : view)),
    red: 'lifecycle: a cloud whose answers are lostReply proves nothing',
    because: /was deleted/,
  },
  {
    defect: 'calls a machine gone that is off',
    subject: withInstances((view) => (view.kind === 'present' && view.state === 'stopped' ? absent : view)),
    red: 'lifecycle: the node of a machine that is off is tainted, not deleted, and freed when it is on again',
    because: /shutdown taint is missing/,
  },
  {
    defect: 'never finds a machine gone',
    subject: withInstances((view) => (view.kind === 'absent' ? undefined : view)),
    red: 'lifecycle: the node of a machine that ended is deleted, and no other',
    because: /still there/,
  },
  {
    defect: 'says something else each time',
    subject: withFickleLabels(),
    red: 'registration: nothing is written to Nodes and Services in an idle hour',
    because: /\d+ writes, the first: machine-\d was MODIFIED/,
  },
  {
    defect: 'picks one of two machines',
    subject: withInstances((view) => {
      if (view.kind !== 'ambiguous') return view;
      const providerID = `memory:///memory-1a/${view.ids[0]}`;
      const metadata = { providerID, instanceType: 'x', addresses: [], zone: 'z', region: 'r', additionalLabels: {} };
      return { kind: 'present', state: 'running', metadata };
    }),
    red: 'registration: a node with two machines of its name stays tainted and is not deleted',
    because: /one of the machines was picked/,
  },
  {
    defect: 'calls everything its own',
    subject: withKind((kind) => ({ plan: (wishes, observed) => owned(kind.plan(wishes, observed)) })),
    red: 'ownership (memory-lb): an object of another cluster under the name that is wanted is not touched, and the Service is told',
    because: /is gone|was changed/,
  },
  {
    defect: 'adopts by the name of the Service',
    subject: seenByName(
      withKind((kind) => ({
        desire: (request, facts) =>
          kind.desire({ ...request, service: byName({ ...request, uid: uidOfName }).service }, facts),
        observe: (group, members, call) => kind.observe(group, members.map(byName), call),
        plan: (wishes, observed) =>
          owned(kind.plan(new Map([...wishes.values()].map((wish) => [uidOfName, wish])), observed)),
        result: (observed, member) => kind.result(observed, byName(member)),
      })),
    ),
    red: 'ownership (memory-lb): two clusters of the same name share an account without touching what is the other one’s',
    because: /the Service is served, after .*: Service web/,
  },
  {
    defect: 'leaks the load balancer',
    subject: withKind((kind) => ({
      apply: async (operation, observed, call) =>
        operation.verb === 'delete' && operation.object.kind === 'LoadBalancer'
          ? { kind: 'done', outputs: {} }
          : kind.apply(operation, observed, call),
    })),
    red: 'load balancers (memory-lb): a Service that is deleted leaves nothing',
    because: /left over/,
  },
  {
    defect: 'writes while it looks',
    subject: withKind((kind, { gate }) => ({
      async observe(group, members, call) {
        const scope = { account: 'memory', region: 'memory-1' };
        const touch = { apiGroup: 'load-balancers-write', operation: 'Touch', scope, kind: 'write' } as const;
        await gate.run(touch, call, async () => undefined);
        return kind.observe(group, members, call);
      },
    })),
    red: 'load balancers (memory-lb): ports that come and go are followed',
    because: /Touch was sent outside of apply/,
  },
  {
    defect: 'plans otherwise each time',
    subject: withKind((kind) => {
      let asked = 0;
      return {
        plan: (wishes, observed) => {
          const plan = kind.plan(wishes, observed);
          return asked++ % 2 === 0 ? plan : { ...plan, operations: plan.operations.toReversed() };
        },
      };
    }),
    red: 'load balancers (memory-lb): a Service gets one with its ports and the nodes, and its address',
    because: /plan of memory-lb is not pure/,
  },
  {
    defect: 'demands a permission that it does not declare',
    subject: withKind((kind) => ({
      plan: (wishes, observed) => {
        const plan = kind.plan(wishes, observed);
        const operations = plan.operations.map((one) => ({ ...one, permission: 'memory:Everything' }));
        return { ...plan, operations };
      },
    })),
    red: 'load balancers (memory-lb): a Service gets one with its ports and the nodes, and its address',
    because: /needs memory:Everything, which is not declared/,
  },
  {
    defect: 'takes silence for no traces',
    subject: withKind((kind) => ({ traces: (member, call) => kind.traces(member, call).catch(() => 'none' as const) })),
    red: 'contract (memory-lb): a cloud that does not answer proves no absence of traces',
    because: /the traces are none/,
  },
  {
    defect: 'has requests that pass no gate',
    subject: subjectWith((connect) => (context) => {
      const { gate } = context;
      return connect({
        ...context,
        gate: {
          run: (call, callContext, send) =>
            call.operation === 'DescribeNetwork'
              ? send(callContext.signal, () => {})
              : gate.run(call, callContext, send),
        },
      });
    }),
    red: 'declaration: every request passes the gate exactly once',
    because: /DescribeNetwork: 0 passed the gate/,
  },
  {
    defect: 'calls every route its own',
    subject: withRoutes((routes) => ({
      routesIn: (observed) =>
        routes.routesIn(observed).map((route) => ({ ...route, ownership: { kind: 'ours', proof: 'stamp' } })),
    })),
    red: 'routes: routes of others are left alone',
    because: /Route 10.244.200.0\/24 is gone/,
  },
  {
    defect: 'declares shared ones and gives each its own',
    subject: withShared(() => ({ group: ({ service }) => `service/${service.metadata.uid}` })),
    red: 'groups (memory-shared): Services of one group have one load balancer, and each its own ports there',
    because: /they have fwd-.*,fwd-.*, not one/,
  },
  {
    defect: 'declares shared ones and does not say how',
    subject: {
      ...memoryKindsSubject,
      loadBalancers: memoryKindsSubject.loadBalancers.map(({ name, annotations, capabilities }) => ({
        name,
        annotations,
        capabilities,
      })),
    },
    red: 'groups (memory-shared): Services of one group have one load balancer, and each its own ports there',
    because: /nothing says how/,
  },
  {
    defect: 'writes one member after the other',
    subject: withShared((kind) => ({
      plan(wishes, observed) {
        for (const wish of wishes) {
          const plan = kind.plan(new Map([wish]), observed);
          if (plan.operations.length > 0) return plan;
        }
        return kind.plan(wishes, observed);
      },
    })),
    red: 'groups (memory-shared): what changes of all members at once is written as one',
    because: /3 members took \d writes, and one took 1/,
  },
  {
    defect: 'drops all members with the first',
    subject: withShared(
      wishing((wishes) => {
        const isAnyGone = [...wishes.values()].some(({ kind }) => kind === 'gone');
        return isAnyGone ? new Map([...wishes.keys()].map((uid) => [uid, { kind: 'gone' }])) : wishes;
      }),
    ),
    red: 'groups (memory-shared): one that goes leaves the others untouched',
    because: /the others are whole: /,
  },
  {
    defect: 'takes from a refused member what it has',
    subject: withShared((kind) => {
      const members = new Set<string>();
      return {
        observe(group, all, call) {
          for (const { uid } of all) members.add(uid);
          return kind.observe(group, all, call);
        },
        plan: (wishes, observed) => {
          const silent = [...members].filter((uid) => !wishes.has(uid)).map((uid) => [uid, { kind: 'gone' }] as const);
          return kind.plan(new Map<string, Wish<unknown>>([...wishes, ...silent]), observed);
        },
      };
    }),
    red: 'groups (memory-shared): a member that is refused keeps what it has, and keeps nobody up',
    because: /the refused one has/,
  },
  {
    defect: 'keeps a shared one when the last is gone',
    subject: withShared((kind) => ({
      plan(wishes, observed) {
        const plan = kind.plan(wishes, observed);
        return { ...plan, operations: plan.operations.filter(({ verb }) => verb !== 'delete') };
      },
    })),
    red: 'groups (memory-shared): the last one that goes takes it along, whoever runs then',
    because: /left over/,
  },
  {
    defect: 'does not look where a member was before',
    subject: withShared((kind) => ({
      plan: (wishes, observed) =>
        kind.plan(new Map([...wishes].filter(([, wish]) => wish.kind === 'present')), observed),
    })),
    red: 'groups (memory-shared): a member that leaves for one of its own leaves nothing, though the manager dies with each write',
    because: /it is where it was/,
  },
  {
    defect: 'lists nothing of what it makes',
    subject: withInventory(() => ({ list: async () => [] })),
    red: 'inventory (memory-lb): what is made for a Service is listed as ours and as that Service’s, and no longer than it is there',
    because: /nothing is said to be the Service’s/,
  },
  {
    defect: 'tells the wrong owner',
    subject: withInventory((kind) => ({
      list: async (call) =>
        (await kind.list(call)).map((item) => ({
          ...item,
          claim: { kind: 'service', uid: 'd0d0d0d0-0000-4000-8000-000000000000', name: '' },
        })),
    })),
    red: 'inventory (memory-lb): what is made for a Service is listed as ours and as that Service’s, and no longer than it is there',
    because: /an owner that is not there/,
  },
  {
    defect: 'sees what is gone',
    subject: withInventory((kind) => {
      let last: unknown;
      return {
        async observe(item, call) {
          last ??= await kind.observe(item, call);
          return last;
        },
      };
    }),
    red: 'inventory (memory-lb): what is listed is found by itself, and nothing once it is gone',
    because: /is not gone when it is looked at/,
  },
  {
    defect: 'lists what others have as its own',
    subject: withInventory((kind) => ({
      list: async (call) =>
        (await kind.list(call)).map((item) => ({ ...item, ownership: { kind: 'ours', proof: 'stamp' } })),
    })),
    red: 'inventory (memory-lb): what belongs to others is never listed as ours',
    because: /is listed as ours/,
  },
  {
    defect: 'takes an unanswered list for an empty one',
    subject: withInventory((kind) => ({ list: (call) => kind.list(call).catch(() => []) })),
    red: 'inventory (memory-lb): a list that the cloud does not give wholly is not given',
    because: /without read 1 the list of LoadBalancer was 0, with it 1/,
  },
  {
    defect: 'finds nothing of what has lost its owner',
    subject: withInventory((kind) => ({
      list: async (call) => (await kind.list(call)).map((item) => ({ ...item, claim: { kind: 'none' } })),
    })),
    red: 'inventory (memory-lb): what has lost its Service is told of, and stays as long as nobody asks for its deletion',
    because: /it is told of, after .*: no Event/,
  },
  {
    defect: 'says that it deletes what has lost its owner',
    subject: withInventory(() => ({ apply: async () => ({ kind: 'done', outputs: {} }) })),
    red: 'inventory (memory-lb): what has lost its Service goes when its deletion is asked for, and nothing else does',
    because: /it is deleted, after .*: it is still there/,
  },
  {
    defect: 'deletes more than what has lost its owner',
    subject: withInventory((kind) => ({
      async apply(operation, observed, call) {
        for (const item of await kind.list(call)) {
          const other = await kind.observe(item, call);
          for (const one of kind.plan(other).operations) await kind.apply(one, other, call);
        }
        return kind.apply(operation, observed, call);
      },
    })),
    red: 'inventory (memory-lb): what has lost its Service goes when its deletion is asked for, and nothing else does',
    because: /is gone|has no load balancer/,
  },
  {
    defect: 'looks at each to say that it is as it was',
    subject: withKind((kind) => ({
      async listUnchanged(groups, call) {
        for (const group of groups.keys()) {
          const uid = group.slice('service/'.length);
          await kind
            .traces({ uid, service: undefined as never, cluster: undefined as never }, call)
            .catch(() => 'none');
        }
        return new Set(groups.keys());
      },
    })),
    red: 'survey (memory-lb): what is as it was costs no read of its own',
    because: /one took 1 reads, and 5 took 5/,
  },
  {
    defect: 'suspects everything always',
    subject: withKind(() => ({ listUnchanged: async () => new Set() })),
    red: 'survey (memory-lb): what is as it was costs no read of its own',
    because: /is never said to be as it was/,
  },
  {
    defect: 'suspects nothing ever',
    subject: withKind(() => ({ listUnchanged: async (groups) => new Set(groups.keys()) })),
    red: 'survey (memory-lb): what somebody altered is looked at by itself',
    because: /never suspected/,
  },
  {
    defect: 'does not say that an address goes',
    subject: withKind((kind) => ({
      plan(wishes, observed) {
        const plan = kind.plan(wishes, observed);
        const operations = plan.operations.map((one) => {
          const { kind: what, name, ownership } = one.object;
          return { ...one, object: { kind: what, name, ownership } };
        });
        return { ...plan, operations };
      },
    })),
    red: 'ownership (memory-lb): a protected Service keeps its address, though it asks for what takes another load balancer',
    because: /it stays: it is /,
  },
  {
    defect: 'never lets go',
    subject: withKind((kind) => ({
      plan: (wishes, observed) => {
        const isGoing = [...wishes.values()].some((wish) => wish.kind === 'gone');
        return isGoing ? { operations: [], next: { kind: 'converged' } } : kind.plan(wishes, observed);
      },
    })),
    red: 'ownership (memory-lb): a protected Service that is deleted keeps its load balancer until it is let go of',
    because: /is left over/,
  },
  {
    defect: 'does not hear of adoption',
    subject: withKind((kind) => ({
      observe: (group, members, call) =>
        kind.observe(
          group,
          members.map(({ uid, service, cluster }) => ({ uid, service, cluster })),
          call,
        ),
    })),
    red: 'ownership (memory-lb): an object whose owner nothing tells is taken over when the Service names it, and not before',
    because: /it is taken over, after/,
  },
  {
    defect: 'takes over what another cluster has stamped',
    subject: withKind((kind) => ({ plan: (wishes, observed) => owned(kind.plan(wishes, observed)) })),
    red: 'ownership (memory-lb): an object of another cluster is not taken over, though the Service names it',
    because: /is gone|was changed|there is no Event/,
  },
  {
    defect: 'does not stamp what it makes',
    subject: {
      ...memorySubject,
      async open(ground) {
        const { world, cloud } = openMemoryWorld(ground);
        const whole = embeddedTransport(cloud);
        const transport: typeof whole = {
          send: (request, signal, beforeSend) =>
            whole.send(
              request.operation === 'CreateLoadBalancer'
                ? { ...request, input: { ...request.input, tags: {} } }
                : request,
              signal,
              beforeSend,
            ),
          close: () => whole.close(),
        };
        const input = {
          file: undefined,
          environment: {},
          allowUntaggedCloud: 'no',
          clusterName: 'kubernetes',
        } as const;
        return { ...world, provider: memoryCloudProvider({ transport }).configure(input) };
      },
    },
    red: 'ownership (memory-lb): what is made carries the stamp of the cluster',
    because: /no stamp/,
  },
];

describe('a provider with a defect', () => {
  it.each(plants.map((plant) => [plant.defect, plant] as const))('that %s is found out', async (_, plant) => {
    const report = await runConformance(plant.subject, { only: plant.red });
    expect(report.cases).toHaveLength(1);
    const [found] = report.cases;
    expect(found?.title).toBe(plant.red);
    expect(found?.outcome).toEqual({ kind: 'failed', message: expect.stringMatching(plant.because) });
  });
});

describe('judgePermissions', () => {
  const subject = {
    ...memorySubject,
    permissions: { Look: 'x:Look', Make: 'x:Make', MakeMany: 'x:Make', Rest: 'x:Rest' },
    unseenPermissions: { 'x:Rest': 'never' },
  };
  it.each([
    ['all that are declared and no others', ['Look', 'MakeMany'], { kind: 'passed' }],
    ['one that is not declared', ['Look', 'Make', 'Take'], failed('Take is sent and its permission is not declared')],
    ['too few', ['Make'], failed('x:Look is declared and nothing uses it')],
  ])('judges the use of %s', (_, used, outcome) => {
    expect(judgePermissions(subject, new Set(used))).toEqual(outcome);
  });

  function failed(message: string): object {
    return { kind: 'failed', message };
  }
});

describe('a capability that holds and is not declared', () => {
  it('is reported, and does not fail', async () => {
    const [kind] = memorySubject.loadBalancers;
    const subject = subjectWith((connect) => (context) => ({ ...connect(context), capabilities: noUDP }), {
      capabilities: noUDP,
      loadBalancers: [{ ...kind!, capabilities: noUDP.loadBalancers }],
    });
    const report = await runConformance(subject, { only: 'UDP is served' });
    expect(report.cases.map(({ outcome }) => outcome)).toEqual([{ kind: 'notClaimed', claims: ['udp'] }]);
    expect(report.undeclared).toEqual(['memory-lb: udp']);
  });
});

describe('the case of both families', () => {
  it('is passed by a load balancer with an address of each', async () => {
    const report = await runConformance(withTwoAddresses(), { only: 'both families' });
    expect(report.cases.map(({ outcome }) => outcome)).toEqual([{ kind: 'passed' }]);
  });
});
