import { expect, it } from '@jest/globals';
import { Duration } from '../../base/duration.ts';
import { CloudError } from '../../cloud/cloud-error.ts';
import type { NodeRef } from '../../cloud/instances.ts';
import { NodeBatches } from './node-batches.ts';

const call = {
  signal: new AbortController().signal,
  timeout: Duration.minutes(1),
  priority: 'change',
  freshness: 'live',
} as const;

function refOf(name: string): NodeRef {
  return { name, uid: name, providerID: '', labels: {}, annotations: {} };
}

it.each([
  ['the provider has a mistake that shows', new TypeError('x is undefined'), 'one'],
  ['the cloud refuses a request', new CloudError('Invalid', 'malformed id'), 'one'],
  ['the cloud does not answer a request', new CloudError('Unavailable', 'down'), 'all'],
] as const)('when %s with one node in, it costs the answers of as few as can be', async (_, failure, extent) => {
  let calls = 0;
  const batches = new NodeBatches({
    concurrency: 1,
    maxBatch: 8,
    run: async (nodes) => {
      calls++;
      if (nodes.some(({ name }) => name === 'n3')) throw failure;
      return nodes.map(() => ({ kind: 'done', labels: {} }));
    },
  });
  const answers = await Promise.all(Array.from({ length: 8 }, (_each, at) => batches.add(refOf(`n${at}`), call)));
  const failed = answers.flatMap(({ kind }, at) => (kind === 'failed' ? [`n${at}`] : []));
  expect(failed).toHaveLength(extent === 'one' ? 1 : 8);
  expect(failed).toContain('n3');
  expect(calls).toBe(extent === 'one' ? 7 : 1);
});
