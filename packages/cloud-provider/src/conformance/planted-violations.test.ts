import { describe, expect, it } from '@jest/globals';
import type { Capabilities } from '../cloud/capabilities.ts';
import type { CloudProvider, ProviderContext } from '../cloud/cloud-provider.ts';
import type { InstanceView, Instances } from '../cloud/instances.ts';
import type { LoadBalancerKind, Member } from '../cloud/load-balancer-kind.ts';
import type { Operation } from '../cloud/operation.ts';
import type { Plan } from '../cloud/plan.ts';
import type { Routes } from '../cloud/routes.ts';
import { embeddedTransport } from '../testing/memory-cloud/client/embedded-transport.ts';
import { memoryCloudProvider } from '../testing/memory-cloud/memory-cloud-provider.ts';
import { memorySubject, openMemoryWorld } from './memory-subject.ts';
import { judgePermissions } from './permission-use.ts';
import { runConformance } from './run-conformance.ts';
import type { ConformanceSubject } from './subject.ts';

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

function withKind(plant: (kind: LoadBalancerKind, context: ProviderContext) => Partial<LoadBalancerKind>) {
  return subjectWith((connect) => (context) => {
    const provider = connect(context);
    const kinds = provider.loadBalancers!.map((kind) => ({ ...kind, ...plant(kind, context) }));
    return { ...provider, loadBalancers: kinds };
  });
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
    defect: 'declares what no case can show',
    subject: subjectWith((connect) => (context) => ({ ...connect(context), capabilities: dualStack }), {
      capabilities: dualStack,
    }),
    red: 'declaration: what is declared is there, before and after connecting',
    because: /dual-stack is declared, and no case can show it/,
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
    red: 'load balancers (memory-lb): a Service gets one with its ports and the nodes, and its address',
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
            call.operation === 'DescribeNetwork' ? send(callContext.signal) : gate.run(call, callContext, send),
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
    defect: 'does not stamp what it makes',
    subject: {
      ...memorySubject,
      async open(ground) {
        const { world, cloud } = openMemoryWorld(ground);
        const whole = embeddedTransport(cloud);
        const transport: typeof whole = {
          send: (request, signal) =>
            whole.send(
              request.operation === 'CreateLoadBalancer'
                ? { ...request, input: { ...request.input, tags: {} } }
                : request,
              signal,
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
