import { expect, it } from '@jest/globals';
import { ConfigError, type LogFields, type ProviderContext, silentLogger } from '@ccm-ts/cloud-provider';
import { FakeClock } from '@ccm-ts/cloud-provider/testing';
import { awsCloudProvider } from './aws-cloud-provider.ts';
import { testCluster } from './testing/services.ts';

const context: ProviderContext = {
  cluster: testCluster,
  gate: {
    run() {
      throw new Error('nothing may be sent');
    },
  },
  clock: new FakeClock(),
  logger: silentLogger,
};

const input = (text: string) => ({
  file: { path: 'cloud.conf', text },
  environment: {},
  allowUntaggedCloud: 'no' as const,
  clusterName: 'kubernetes',
});

it('is made without contacting anything, and tells what has no effect', async () => {
  const warned: unknown[] = [];
  const logger = { ...silentLogger, warn: (_message: string, fields?: LogFields) => void warned.push(fields) };
  const configured = awsCloudProvider.configure(
    input('[Global]\nRegion = eu-west-1\nKubernetesClusterID = c1\nVpcs = x'),
  );
  const provider = configured.connect({ ...context, logger });
  expect(provider).toMatchObject({ name: 'aws', capabilities: { instances: true, routes: true } });
  expect(warned).toEqual([{ warning: 'line 4: [Global] Vpcs is not known and has no effect; did you mean VPC?' }]);
  await provider.close();
});

it('is not made of a configuration that is wrong', () => {
  expect(() => awsCloudProvider.configure(input('[Global]\nZone = x'))).toThrow(ConfigError);
});

it('is made elsewhere of what was found out once', async () => {
  const { file, ...silent } = input('');
  const taken = awsCloudProvider.configure({
    ...silent,
    file: { ...file, text: '[Global]\nKubernetesClusterTag = c1\nVPC = vpc-1' },
    environment: { AWS_REGION: 'eu-west-1' },
  });
  const { found = {} } = taken;
  expect(found).toEqual({ region: 'eu-west-1', clusterID: 'c1', clusterTag: 'legacy', vpcID: 'vpc-1' });
  const elsewhere = awsCloudProvider.configure({ ...silent, file: undefined, found });
  expect(elsewhere.found).toEqual(found);
  const provider = elsewhere.connect(context);
  expect(provider.name).toBe('aws');
  await provider.close();
});
