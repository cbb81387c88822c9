import { claimsOf, loadBalancerClaims } from '../claim.ts';
import type { CaseDraft } from '../conformance-case.ts';
import { demand } from '../conformance-failure.ts';
import { nodes } from '../settled.ts';

/** What a provider says of itself agrees with what it is. */
export const declarationCases: readonly CaseDraft[] = [
  {
    group: 'declaration',
    name: 'what is declared is there, before and after connecting',
    claims: [],
    async run(stage) {
      await stage.until('the provider is connected', () =>
        stage.main.tap.calls.length > 0 ? undefined : 'no call yet',
      );
      const { provider } = stage.main;
      const claims = claimsOf(provider.capabilities);
      const early = stage.world.provider.capabilities;
      const kinds = provider.loadBalancers ?? [];
      const declared = loadBalancerClaims.filter((claim) => claims.has(claim));
      const ofKinds = loadBalancerClaims.filter((claim) =>
        stage.subject.loadBalancers.some(({ capabilities }) => capabilities.includes(claim)),
      );
      demand(
        early && JSON.stringify(early) !== JSON.stringify(provider.capabilities)
          ? 'the capabilities change with connecting'
          : undefined,
        differs('instances', claims.has('instances'), provider.instances !== undefined),
        differs('routes', claims.has('routes'), provider.routes !== undefined),
        differs('volumes', claims.has('volumes'), provider.volumes !== undefined),
        differs('load balancers', declared.length > 0, kinds.length > 0),
        kinds.map(({ name }) => name).join() === stage.subject.loadBalancers.map(({ name }) => name).join()
          ? undefined
          : `its kinds are ${kinds.map(({ name }) => name).join()}, not those of the subject`,
        declared.join() === ofKinds.join()
          ? undefined
          : `it declares ${declared.join()}, its kinds are said to have ${ofKinds.join()}`,
      );
    },
  },
  {
    group: 'declaration',
    name: 'every request passes the gate exactly once',
    claims: ['instances'],
    async run(stage) {
      const machines = await nodes(stage, 2);
      for (const kind of stage.subject.loadBalancers) {
        stage.main.server.store.create('services', {
          metadata: { name: kind.name, namespace: 'default', annotations: { ...kind.annotations } },
          spec: { type: 'LoadBalancer', ports: [{ name: 'http', port: 80 }] },
        });
      }
      await stage.until('the cloud is at rest', () =>
        stage.clock.monotonic() > 60_000 && machines.length > 0 ? undefined : 'it is not',
      );
      const passed = new Map<string, number>();
      for (const { operation } of stage.main.tap.calls) passed.set(operation, (passed.get(operation) ?? 0) + 1);
      const counted = await stage.world.requests();
      const operations = new Set([...passed.keys(), ...counted.keys()]);
      demand(
        ...[...operations].map((operation) => {
          const [gate, cloud] = [passed.get(operation) ?? 0, counted.get(operation) ?? 0];
          return gate === cloud ? undefined : `${operation}: ${gate} passed the gate, ${cloud} reached the cloud`;
        }),
      );
    },
  },
];

function differs(what: string, declared: boolean, present: boolean): string | undefined {
  if (declared === present) return undefined;
  return declared ? `${what} are declared and not there` : `${what} are there and not declared`;
}
