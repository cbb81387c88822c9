import { expect, it } from '@jest/globals';
import { type ConformanceSubject, runConformance } from '@ccm-ts/cloud-provider/conformance';
import { awsSubject } from './test-subject.ts';
import { openAwsWorld } from './test-world.ts';

it('a provider that leaks a target group is found out', async () => {
  const leaking: ConformanceSubject = {
    ...awsSubject,
    async open() {
      const { account, world } = openAwsWorld();
      account.elbv2.deleteTargetGroup = async () => undefined;
      return world;
    },
  };
  const title = 'load balancers (network): a Service that is deleted leaves nothing';
  const { cases } = await runConformance(leaking, { only: title });
  expect(cases.map((one) => one.outcome)).toEqual([
    { kind: 'failed', message: expect.stringMatching(/TargetGroup .* is left over|still being deleted/) },
  ]);
});
