import { sourceRangesAnnotation } from '../../api/well-known.ts';
import { Duration } from '../../base/duration.ts';
import { type ServiceDraft, handsIn } from '../acts.ts';
import { balancersOf, compareAccounts, problemOfGoneService, problemOfService } from '../checks.ts';
import type { CaseDraft } from '../conformance-case.ts';
import { demand, offered } from '../conformance-failure.ts';
import type { Claim } from '../claim.ts';
import { wasWarned } from '../direct-questions.ts';
import type { Stage } from '../stage.ts';
import { nodes, served } from '../settled.ts';
import type { KindSubject, ServiceIdentity } from '../subject.ts';

/** Slow passes come about once an hour. */
const slowPass = Duration.hours(2);

/** Services get load balancers as they want them, and lose them without a trace. */
export const loadBalancerCases: readonly CaseDraft[] = [
  {
    group: 'load balancers',
    name: 'a Service gets one with its ports and the nodes, and its address',
    claims: ['tcp'],
    per: 'kind',
    shows: 'tcp',
    async run(stage, kind) {
      const machines = await nodes(stage, 2);
      const ports = [
        { name: 'http', port: 80 },
        { name: 'https', port: 443 },
      ];
      await served(stage, { name: 'web', kind, ports }, { machines });
    },
  },
  {
    group: 'load balancers',
    name: 'nothing is written while nothing changes',
    claims: ['tcp'],
    per: 'kind',
    async run(stage, kind) {
      const machines = await nodes(stage, 2);
      await served(stage, { name: 'web', kind }, { machines });
      await stage.rest(Duration.minutes(1));
      await unwritten(stage, () => stage.rest(Duration.hours(1)));
    },
  },
  {
    group: 'load balancers',
    name: 'nothing is written by a manager that starts and finds all as it must be',
    claims: ['tcp'],
    per: 'kind',
    async run(stage, kind) {
      const machines = await nodes(stage, 2);
      const web = await served(stage, { name: 'web', kind }, { machines });
      await stage.rest(Duration.minutes(1));
      await stage.main.stop();
      await unwritten(stage, async () => {
        await stage.until('all is well', () => problemOfService(stage, web, { machines }));
        await stage.rest(Duration.minutes(10));
      });
    },
  },
  {
    group: 'load balancers',
    name: 'ports that come and go are followed',
    claims: ['tcp'],
    per: 'kind',
    async run(stage, kind) {
      const machines = await nodes(stage, 1);
      const web = await served(stage, { name: 'web', kind }, { machines });
      const hands = handsIn(stage);
      const [first] = hands.service(web)?.spec.ports ?? [];
      hands.patchService(web, { spec: { ports: [first, { name: 'more', port: 8443 }] } });
      await stage.until('a port was added', () => problemOfService(stage, web, { machines }));
      hands.patchService(web, { spec: { ports: [{ name: 'more', port: 8443 }] } });
      await stage.until('a port was taken away', () => problemOfService(stage, web, { machines }));
      hands.patchService(web, { spec: { ports: [{ name: 'more', port: 9443 }] } });
      await stage.until('a port was changed', () => problemOfService(stage, web, { machines }));
      hands.patchService(web, { spec: { ports: [{ name: 'more', port: 9443, nodePort: 30_123 }] } });
      await stage.until('a node port was changed', () => problemOfService(stage, web, { machines }));
    },
  },
  {
    group: 'load balancers',
    name: 'nodes that come and go are followed',
    claims: ['tcp', 'instances'],
    per: 'kind',
    async run(stage, kind) {
      const hands = handsIn(stage);
      const machines = [...(await nodes(stage, 1))];
      const web = await served(stage, { name: 'web', kind }, { machines });
      machines.push(...(await nodes(stage, 2)));
      await stage.until('nodes were added', () => problemOfService(stage, web, { machines }));
      await stage.rest(Duration.minutes(3));
      const [gone] = machines.splice(1, 1);
      if (!gone) return;
      await stage.world.machines.terminate(gone);
      hands.fallSilent(gone.nodeName);
      await stage.until('a node is gone', () => problemOfService(stage, web, { machines }));
    },
  },
  {
    group: 'load balancers',
    name: 'two Services have one each, and each its own end',
    claims: ['tcp'],
    per: 'kind',
    async run(stage, kind) {
      const hands = handsIn(stage);
      const machines = await nodes(stage, 2);
      const before = await stage.world.account();
      const web = hands.createService({ name: 'web', kind });
      const api = hands.createService({ name: 'api', kind });
      for (const one of [web, api])
        await stage.until('both are served', () => problemOfService(stage, one, { machines }));
      hands.deleteService(web);
      await stage.until('one is gone', () => problemOfGoneService(stage, web));
      await stage.rest(Duration.minutes(1));
      demand(await problemOfService(stage, api, { machines }));
      hands.deleteService(api);
      await stage.until('the other is gone', () => problemOfGoneService(stage, api));
      await stage.until('nothing is left', async () => compareAccounts(before, await stage.world.account())[0]);
    },
  },
  {
    group: 'load balancers',
    name: 'a Service that is deleted leaves nothing',
    claims: ['tcp'],
    per: 'kind',
    run: async (stage, kind) => endsWithoutTrace(stage, kind, (web) => handsIn(stage).deleteService(web)),
  },
  {
    group: 'load balancers',
    name: 'a Service that wants none any more leaves nothing',
    claims: ['tcp'],
    per: 'kind',
    run: async (stage, kind) =>
      endsWithoutTrace(stage, kind, (web) => handsIn(stage).patchService(web, { spec: { type: 'ClusterIP' } })),
  },
  {
    group: 'load balancers',
    name: 'a Service that is deleted before it is served leaves nothing',
    claims: ['tcp'],
    per: 'kind',
    stage: { pace: 'slow' },
    async run(stage, kind) {
      const hands = handsIn(stage);
      await nodes(stage, 1);
      const before = await stage.world.account();
      const web = hands.createService({ name: 'web', kind });
      let writes = 0;
      stage.main.tap.strike = (call) => {
        // In the midst of it: something is there, and not everything yet.
        if (call.kind === 'write' && ++writes === 2) hands.deleteService(web);
        return undefined;
      };
      await stage.rest(Duration.minutes(1));
      if (hands.service(web)?.metadata.deletionTimestamp === undefined) hands.deleteService(web);
      await stage.until('it is gone', () => problemOfGoneService(stage, web));
      await stage.until('nothing is left', async () => compareAccounts(before, await stage.world.account())[0]);
    },
  },
  {
    group: 'load balancers',
    name: 'a cloud that takes its time is waited for',
    claims: ['tcp'],
    per: 'kind',
    stage: { pace: 'slow' },
    async run(stage, kind) {
      const machines = await nodes(stage, 1);
      const before = await stage.world.account();
      const web = await served(stage, { name: 'web', kind }, { machines });
      const hands = handsIn(stage);
      const [first] = hands.service(web)?.spec.ports ?? [];
      hands.patchService(web, { spec: { ports: [first, { name: 'more', port: 8443 }] } });
      await stage.until('a port was added', () => problemOfService(stage, web, { machines }));
      hands.deleteService(web);
      await stage.until('it is gone', () => problemOfGoneService(stage, web));
      await stage.until('nothing is left', async () => compareAccounts(before, await stage.world.account())[0]);
    },
  },
  {
    group: 'load balancers',
    name: 'backends that somebody took away come back',
    claims: ['tcp'],
    per: 'kind',
    async run(stage, kind) {
      const machines = await nodes(stage, 2);
      const web = await served(stage, { name: 'web', kind }, { machines });
      await stage.rest(Duration.minutes(1));
      const [balancer] = await balancersOf(stage, web);
      const hasBackends = balancer?.listeners.some(({ backends }) => backends !== 'unknown');
      const yard = hasBackends === true ? stage.world.loadBalancers : undefined;
      await offered(yard?.emptyBackends?.bind(yard), 'load balancers that are tampered with')(web);
      await stage.until('they are back', () => problemOfService(stage, web, { machines }), slowPass);
    },
  },
  {
    group: 'load balancers',
    name: 'what only this kind knows is done once, changed once, and leaves nothing',
    claims: ['tcp'],
    per: 'kind',
    async run(stage, kind) {
      const hands = handsIn(stage);
      await nodes(stage, 1);
      const before = await stage.world.account();
      for (const { name, steps } of offered(kind.journeys, 'journeys')) {
        const web = hands.createService({ name: 'web', kind, annotations: steps[0] ?? {} });
        for (const [number, step] of steps.entries()) {
          const none = Object.fromEntries(Object.keys(steps[number - 1] ?? {}).map((key) => [key, null]));
          hands.patchService(web, { metadata: { annotations: { ...none, ...step } } });
          const what = `${name}, step ${number + 1}`;
          await stage.until(what, async () => {
            const [balancer] = await balancersOf(stage, web);
            const [ingress] = hands.service(web)?.status?.loadBalancer?.ingress ?? [];
            const told = ingress?.ip || ingress?.hostname || '';
            return balancer && told === balancer.address ? undefined : `the Service tells the address '${told}'`;
          });
          await stage.rest(Duration.minutes(1));
          await unwritten(stage, () => stage.rest(Duration.minutes(30)), what);
        }
        hands.deleteService(web);
        await stage.until(`${name}: it is gone`, () => problemOfGoneService(stage, web));
        await stage.until(
          `${name}: nothing is left`,
          async () => compareAccounts(before, await stage.world.account())[0],
        );
      }
    },
  },
  protocolCase('udp', 'UDP is served', [{ name: 'dns', protocol: 'UDP', port: 53 }]),
  protocolCase('mixed-protocols', 'TCP and UDP are served by one', [
    { name: 'web', protocol: 'TCP', port: 80 },
    { name: 'dns', protocol: 'UDP', port: 53 },
  ]),
  {
    group: 'load balancers',
    name: 'one without a public address can be had',
    claims: ['internal'],
    per: 'kind',
    shows: 'internal',
    async run(stage, kind) {
      const annotations = offered(kind.internalAnnotations, 'annotations for internal load balancers');
      const machines = await nodes(stage, 1);
      await served(stage, { name: 'web', kind, annotations }, { machines, scheme: 'internal' });
    },
  },
  {
    group: 'load balancers',
    name: 'a Service of both families has an address of each',
    claims: ['tcp', 'dual-stack'],
    per: 'kind',
    shows: 'dual-stack',
    async run(stage, kind) {
      const machines = await nodes(stage, 1);
      const spec = { ipFamilyPolicy: 'PreferDualStack', ipFamilies: ['IPv4', 'IPv6'] };
      const web = await served(stage, { name: 'web', kind, spec }, { machines });
      const [balancer] = await balancersOf(stage, web);
      const families = balancer?.families ?? ['IPv4'];
      demand(
        ...(['IPv4', 'IPv6'] as const).map((family) =>
          families.includes(family) ? undefined : `it has no address of the family ${family}`,
        ),
      );
    },
  },
  {
    group: 'load balancers',
    name: 'source ranges are kept, and followed when they change',
    claims: ['source-ranges'],
    per: 'kind',
    shows: 'source-ranges',
    async run(stage, kind) {
      const machines = await nodes(stage, 1);
      const [one, other] = ['10.0.0.0/8', '192.0.2.0/24'];
      const web = await served(
        stage,
        { name: 'web', kind, spec: { loadBalancerSourceRanges: [one] } },
        { machines, sourceRanges: [one] },
      );
      const [balancer] = await balancersOf(stage, web);
      demand(balancer?.sourceRanges === 'unknown' ? 'it lets everybody in' : undefined);
      const hands = handsIn(stage);
      hands.patchService(web, { spec: { loadBalancerSourceRanges: [one, other] } });
      await stage.until('a range was added', () =>
        problemOfService(stage, web, { machines, sourceRanges: [one, other] }),
      );
      hands.patchService(web, { spec: { loadBalancerSourceRanges: [other] } });
      await stage.until('a range was taken away', () =>
        problemOfService(stage, web, { machines, sourceRanges: [other] }),
      );
    },
  },
  {
    group: 'load balancers',
    name: 'a Service that says who may connect is refused by what lets everybody in',
    claims: ['tcp'],
    without: 'source-ranges',
    per: 'kind',
    async run(stage, kind) {
      const hands = handsIn(stage);
      const machines = await nodes(stage, 1);
      const asked: readonly Pick<ServiceDraft, 'annotations' | 'spec'>[] = [
        { spec: { loadBalancerSourceRanges: ['10.0.0.0/8'] } },
        { annotations: { [sourceRangesAnnotation]: '10.0.0.0/8' } },
      ];
      const guarded = asked.map((draft, number) => hands.createService({ name: `web-${number}`, kind, ...draft }));
      for (const one of guarded) {
        await stage.until('it is told', () => (wasWarned(stage, one) ? undefined : `nobody was told of ${one.name}`));
      }
      await stage.holds('nobody is let in', Duration.minutes(10), async () => {
        const balancers = (await Promise.all(guarded.map((one) => balancersOf(stage, one)))).flat();
        return balancers.length > 0 ? 'it has a load balancer, which lets everybody in' : undefined;
      });
      const none = { metadata: { annotations: { [sourceRangesAnnotation]: null } } };
      for (const one of guarded) {
        hands.patchService(one, { ...none, spec: { loadBalancerSourceRanges: null } });
        await stage.until('it asks for nothing more', () => problemOfService(stage, one, { machines }));
      }
    },
  },
];

function protocolCase(claim: Claim, name: string, ports: NonNullable<ServiceDraft['ports']>): CaseDraft {
  return {
    group: 'load balancers',
    name,
    claims: [claim],
    per: 'kind',
    shows: claim,
    async run(stage, kind) {
      const machines = await nodes(stage, 1);
      await served(stage, { name: 'web', kind, ports }, { machines });
    },
  };
}

async function endsWithoutTrace(
  stage: Stage,
  kind: KindSubject,
  end: (service: ServiceIdentity) => void,
): Promise<void> {
  const machines = await nodes(stage, 2);
  const before = await stage.world.account();
  const web = await served(stage, { name: 'web', kind }, { machines });
  end(web);
  await stage.until('it is gone', () => problemOfGoneService(stage, web));
  await stage.until('nothing is left', async () => compareAccounts(before, await stage.world.account())[0]);
}

/** No request that writes may be sent meanwhile. */
async function unwritten(stage: Stage, deed: () => Promise<void>, what = 'nothing changes'): Promise<void> {
  const { calls } = stage.main.tap;
  const before = calls.length;
  await deed();
  const writes = calls.slice(before).filter((call) => call.kind === 'write');
  demand(
    writes.length > 0 ? `${what}: ${writes.length} writes, the first is ${writes[0]?.operation ?? ''}` : undefined,
  );
}
