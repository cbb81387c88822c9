import { CloudError } from '../../cloud/cloud-error.ts';
import type { Member } from '../../cloud/load-balancer-kind.ts';
import { handsIn } from '../acts.ts';
import { problemOfGoneService } from '../checks.ts';
import type { CaseDraft } from '../conformance-case.ts';
import { demand } from '../conformance-failure.ts';
import { call, connected, kindOf, memberOf } from '../direct-questions.ts';
import type { Stage } from '../stage.ts';
import type { KindSubject, ServiceIdentity } from '../subject.ts';
import { nodes, served } from '../settled.ts';

/** What the loops rely on without seeing it themselves. */
export const contractCases: readonly CaseDraft[] = [
  {
    group: 'contract',
    name: 'exactly one kind claims a Service, and it is the one that is asked for',
    claims: ['tcp'],
    per: 'kind',
    async run(stage, kind) {
      await connected(stage);
      const web = handsIn(stage).createService({ name: 'web', kind, spec: { type: 'ClusterIP' } });
      const service = await stage.main.readService(web);
      const kinds = stage.main.provider.loadBalancers ?? [];
      const claiming = kinds.find((one) => one.claims({ ...service, spec: { ...service.spec, type: 'LoadBalancer' } }));
      demand(claiming?.name === kind.name ? undefined : `${claiming?.name ?? 'no kind'} claims it`);
    },
  },
  {
    group: 'contract',
    name: 'traces are there as long as anything is, and no longer',
    claims: ['tcp'],
    per: 'kind',
    async run(stage, kind) {
      const hands = handsIn(stage);
      const machines = await nodes(stage, 1);
      const web = hands.createService({ name: 'web', kind, spec: { type: 'ClusterIP' } });
      demand(await differ(stage, web, { kind, wanted: 'none' }));
      hands.deleteService(web);
      const served2 = await served(stage, { name: 'served', kind }, { machines });
      const member = await memberOf(stage, served2);
      demand(await differ(stage, served2, { kind, wanted: 'present', member }));
      hands.deleteService(served2);
      await stage.until('it is gone', () => problemOfGoneService(stage, served2));
      demand(await differ(stage, served2, { kind, wanted: 'none', member }));
    },
  },
  {
    group: 'contract',
    name: 'a cloud that does not answer proves no absence of traces',
    claims: ['tcp'],
    per: 'kind',
    async run(stage, kind) {
      const machines = await nodes(stage, 1);
      const web = await served(stage, { name: 'web', kind }, { machines });
      stage.main.tap.strike = () => 'unavailable';
      const member = await memberOf(stage, web);
      const answer = await kindOf(stage, kind)
        .traces(member, call)
        .catch((error: unknown) => (error instanceof CloudError ? 'unknown' : `an error (${String(error)})`));
      demand(answer === 'unknown' ? undefined : `the traces are ${answer}`);
    },
  },
  {
    group: 'contract',
    name: 'what is wanted no more is planned to go, object by object, and all of it is ours',
    claims: ['tcp'],
    per: 'kind',
    async run(stage, kind) {
      const machines = await nodes(stage, 1);
      const web = await served(stage, { name: 'web', kind }, { machines });
      const member = await memberOf(stage, web);
      const own = kindOf(stage, kind);
      const observed = await own.observe(`service/${web.uid}`, [member], call);
      const plan = own.plan(new Map([[web.uid, { kind: 'gone' }]]), observed);
      demand(
        plan.operations.length === 0 ? 'nothing is planned' : undefined,
        plan.operations.some(({ verb }) => verb === 'create') ? 'something is created' : undefined,
        ...plan.operations.map(({ object }) =>
          object.ownership.kind === 'ours' ? undefined : `${object.kind} ${object.name} is ${object.ownership.kind}`,
        ),
      );
    },
  },
  {
    group: 'contract',
    name: 'the probe asks the cloud once, and fails when it does not answer',
    claims: [],
    async run(stage) {
      await connected(stage);
      const before = stage.main.tap.calls.length;
      await stage.main.provider.probe(call);
      demand(
        stage.main.tap.calls.length === before + 1
          ? undefined
          : `the probe took ${stage.main.tap.calls.length - before} calls`,
      );
      stage.main.tap.strike = () => 'denied';
      const outcome = await stage.main.provider.probe(call).then(
        () => 'the probe found nothing wrong',
        (error: unknown) =>
          error instanceof Error && error.name === 'CloudError' ? undefined : `it threw ${String(error)}`,
      );
      demand(outcome);
    },
  },
];

async function differ(
  stage: Stage,
  web: ServiceIdentity,
  expected: { readonly kind: KindSubject; readonly wanted: string; readonly member?: Member },
): Promise<string | undefined> {
  const member = expected.member ?? (await memberOf(stage, web));
  const answer = await kindOf(stage, expected.kind)
    .traces(member, call)
    .catch((error: unknown) => `an error (${String(error)})`);
  return answer === expected.wanted ? undefined : `the traces are ${answer}, not ${expected.wanted}`;
}
