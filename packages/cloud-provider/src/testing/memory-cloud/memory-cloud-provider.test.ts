import { describe, expect, it } from '@jest/globals';
import { embeddedTransport } from './client/embedded-transport.ts';
import { memoryCloudProvider } from './memory-cloud-provider.ts';
import { call, setUp, ways } from './test-bed.ts';

const input = { file: undefined, environment: {}, allowUntaggedCloud: 'no', clusterName: 'kubernetes' } as const;

describe.each(ways)('the provider over %s', (way) => {
  it('says whether the cloud answers, and what is wrong when it does not', async () => {
    await using bed = await setUp(way);
    await bed.provider.probe(call);
    bed.cloud.configure({ denied: ['GetAccount'] });
    await expect(bed.provider.probe(call)).rejects.toMatchObject({
      code: 'Denied',
      details: { permission: 'memory:GetAccount', operation: 'GetAccount' },
    });
  });
});

describe('memoryCloudProvider', () => {
  it('needs an endpoint when it is not given a way to the cloud', () => {
    expect(() => memoryCloudProvider().configure(input)).toThrow('--cloud-config: endpoint: ""');
    const file = { path: 'cloud.json', text: '{}' };
    expect(() => memoryCloudProvider().configure({ ...input, file })).toThrow('cloud.json: endpoint: ""');
  });

  it('contacts nothing before the first call', async () => {
    await using bed = await setUp('embedded');
    memoryCloudProvider({ transport: embeddedTransport(bed.cloud) }).configure(input);
    expect(bed.cloud.log.records).toEqual([]);
  });
});
