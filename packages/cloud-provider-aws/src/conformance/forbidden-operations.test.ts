import { expect, it } from '@jest/globals';
import { forbidEachOperation } from '@ccm-ts/cloud-provider/conformance';
import { awsSubject } from './test-subject.ts';

it('stays up, says what is forbidden and leaves nothing behind when any action is forbidden for a while', async () => {
  // Nodes work without the labels of their place in the network, and regions without these are many.
  const dispensable = ['DescribeInstanceTopology'];
  const { points, problems } = await forbidEachOperation(awsSubject, { dispensable });
  process.stdout.write(`${JSON.stringify({ proof: 'forbidden-operations', subject: awsSubject.name, points })}\n`);
  expect(problems).toEqual([]);
  expect(points).toBeGreaterThan(60);
}, 600_000);
