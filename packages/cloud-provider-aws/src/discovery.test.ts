import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  CloudError,
  ConfigError,
  type DiscoveryContext,
  Duration,
  type LogFields,
  type ProviderConfigInput,
  silentLogger,
} from '@ccm-ts/cloud-provider';
import { FakeClock, directGate } from '@ccm-ts/cloud-provider/testing';
import { awsCloudProvider } from './aws-cloud-provider.ts';
import type { InstanceMetadataPort } from './client/instance-metadata.ts';
import type { CloudConfig } from './config/cloud-config.ts';
import { discoverConfig, readClusterTagging } from './discovery.ts';
import { AwsAccount, testInstanceID } from './testing/aws-account.ts';

class ScriptedMetadata implements InstanceMetadataPort {
  readonly asked: string[] = [];
  readonly answers: Readonly<Record<string, string>> | undefined;

  /** @param answers undefined does not answer at all */
  constructor(answers: Readonly<Record<string, string>> | undefined) {
    this.answers = answers;
  }

  async read(path: string): Promise<string | undefined> {
    this.asked.push(path);
    if (this.answers === undefined) throw new CloudError('Unavailable', 'nobody answers');
    return this.answers[path];
  }
}

const whole = { 'placement/region': 'eu-test-1', 'instance-id': testInstanceID(1) };
let account: AwsAccount;
let clock: FakeClock;
let warnings: unknown[];

beforeEach(() => {
  account = AwsAccount.withNetwork();
  clock = new FakeClock();
  warnings = [];
});

function context(): DiscoveryContext {
  const logger = {
    ...silentLogger,
    warn: (message: string, fields?: LogFields) => void warnings.push([message, fields]),
  };
  return { gate: directGate(), clock, logger, signal: new AbortController().signal };
}

function input(lines: string, overrides: Partial<ProviderConfigInput> = {}): ProviderConfigInput {
  return {
    file: { path: 'cloud.conf', text: `[Global]\n${lines}` },
    environment: {},
    allowUntaggedCloud: 'no',
    clusterName: 'kubernetes',
    ...overrides,
  };
}

function discover(from: ProviderConfigInput, metadata: InstanceMetadataPort): Promise<CloudConfig> {
  return discoverConfig(from, { metadata, connectEc2: () => account.ec2 }, context());
}

describe('a configuration', () => {
  it('that is whole asks nobody', async () => {
    const metadata = new ScriptedMetadata(undefined);
    const config = await discover(input('Region = eu-test-1\nKubernetesClusterID = c1'), metadata);
    expect(config.tagging.id).toBe('c1');
    expect([metadata.asked, account.recorder.take()]).toEqual([[], []]);
  });

  it('without a region has that of the machine', async () => {
    const metadata = new ScriptedMetadata(whole);
    const config = await discover(input('KubernetesClusterID = c1'), metadata);
    expect(config).toMatchObject({ scope: { region: 'eu-test-1' }, tagging: { id: 'c1' }, missing: [] });
    expect([metadata.asked, account.recorder.take()]).toEqual([['placement/region'], []]);
  });

  it('that is empty is completed with one question each and one look at the machine', async () => {
    account.launch(1);
    const metadata = new ScriptedMetadata(whole);
    const config = await discover(input(''), metadata);
    expect(config).toMatchObject({
      scope: { region: 'eu-test-1' },
      tagging: { id: 'judge', isLegacy: false },
      vpcID: 'vpc-1',
    });
    expect(metadata.asked).toEqual(['placement/region', 'instance-id']);
    expect(account.recorder.takeCounts()).toEqual({ DescribeInstances: 1 });
  });

  it('is completed although EC2 is busy for a while', async () => {
    account.launch(1);
    account.recorder.throttleNext('DescribeInstances');
    account.recorder.throttleNext('DescribeInstances');
    const found = discover(input('Region = eu-test-1'), new ScriptedMetadata(whole));
    for (let turn = 0; turn < 4; turn += 1) await clock.advance(Duration.seconds(5));
    expect((await found).tagging.id).toBe('judge');
    expect(account.recorder.takeCounts()).toEqual({ DescribeInstances: 3 });
  });

  it.each([
    ['nobody answers', new ScriptedMetadata(undefined), {}, 'Region', /say which region.*\(nobody answers\)/],
    [
      'it is forbidden',
      new ScriptedMetadata(whole),
      { AWS_EC2_METADATA_DISABLED: 'true' },
      'Region',
      /DISABLED forbids/,
    ],
    [
      'EC2 does not know it',
      new ScriptedMetadata(whole),
      { AWS_REGION: 'eu-test-1' },
      'KubernetesClusterID',
      /NotFound/,
    ],
    [
      'it has no id',
      new ScriptedMetadata({}),
      { AWS_REGION: 'eu-test-1' },
      'KubernetesClusterID',
      /does not know inst/,
    ],
  ])('says what to write when %s', async (_name, metadata, environment, field, fix) => {
    const told = await discover(input('', { environment }), metadata).catch((error: unknown) => error);
    if (!(told instanceof ConfigError)) throw told;
    expect(told.faults).toEqual([
      { file: 'cloud.conf', field: `[Global] ${field}`, value: '', fix: expect.stringMatching(fix) },
    ]);
  });

  it('does not ask whose it is when it may not ask where it is', async () => {
    const metadata = new ScriptedMetadata({});
    await expect(discover(input(''), metadata)).rejects.toThrow(ConfigError);
    expect(metadata.asked).toEqual(['placement/region']);
  });
});

describe('an untagged cloud', () => {
  const untagged = input('Region = eu-test-1', { allowUntaggedCloud: 'yes' });

  it.each([
    ['a machine without tags', () => account.launch(1, { tags: {} }), whole],
    ['nobody who could be asked', () => account.launch(1), undefined],
  ])('works with %s, and is warned about', async (_name, prepare, answers) => {
    prepare();
    const config = await discover(untagged, new ScriptedMetadata(answers));
    expect(config.tagging).toEqual({ id: '', isLegacy: false });
    expect(warnings).toHaveLength(1);
  });

  it('has the ID of the tags when there are some', async () => {
    account.launch(1);
    expect((await discover(untagged, new ScriptedMetadata(whole))).tagging.id).toBe('judge');
    expect(warnings).toEqual([]);
  });
});

describe('tags', () => {
  it.each([
    [{}, { id: '', isLegacy: false }],
    [
      { 'kubernetes.io/cluster/a': 'owned', Name: 'x' },
      { id: 'a', isLegacy: false },
    ],
    [{ 'kubernetes.io/cluster/a': 'shared' }, { id: 'a', isLegacy: false }],
    [{ KubernetesCluster: 'a' }, { id: 'a', isLegacy: true }],
    [
      { KubernetesCluster: 'a', 'kubernetes.io/cluster/a': 'owned' },
      { id: 'a', isLegacy: true },
    ],
  ])('%j', (tags, expected) => {
    expect(readClusterTagging(tags)).toEqual(expected);
  });

  it.each([
    [{ 'kubernetes.io/cluster/a': 'owned', 'kubernetes.io/cluster/b': 'shared' }],
    [{ 'kubernetes.io/cluster/a': 'owned', KubernetesCluster: 'b' }],
  ])('%j name more than one cluster', (tags) => {
    expect(() => readClusterTagging(tags)).toThrow(/the tags of several clusters, a, b/);
  });
});

it('is part of the provider', async () => {
  const configured = awsCloudProvider.configure(input('Region = eu-west-1\nKubernetesClusterID = c1'));
  expect(configured.capabilities).toMatchObject({ routes: true });
  const discovered = await configured.discover!(context());
  const cluster = { uid: 'u', name: 'c' };
  const provider = discovered.connect({ ...context(), cluster });
  expect(provider.instances?.scopeOf({ name: 'n', uid: '', providerID: '', labels: {}, annotations: {} })).toEqual({
    account: 'default',
    region: 'eu-west-1',
  });
  await provider.close();
});
