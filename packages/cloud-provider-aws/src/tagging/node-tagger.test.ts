import { describe, expect, it } from '@jest/globals';
import { ConfigError, Duration, type NodeRef, type ProviderConfigInput } from '@ccm-ts/cloud-provider';
import { FakeClock } from '@ccm-ts/cloud-provider/testing';
import { AwsAccount, testCall } from '../testing/aws-account.ts';
import { NodeTagger, taggedLabel, tagsHash } from './node-tagger.ts';
import { readTaggingSettings } from './tagging-settings.ts';

const tags = { team: 'a', cost: '7' };
const [first, second, unknown] = ['i-00000000000000001', 'i-00000000000000002', 'i-0000000000000000f'] as const;

function node(id: string, labels: Record<string, string> = {}): NodeRef {
  return { name: id, uid: `uid-${id}`, providerID: `aws:///eu-test-1a/${id}`, labels, annotations: {} };
}

function setUp() {
  const account = new AwsAccount();
  const clock = new FakeClock();
  account.launch(1);
  account.launch(2);
  const settings = { tags, concurrency: 1, limit: undefined };
  return { account, clock, tagger: new NodeTagger({ ec2: account.ec2, settings, clock }) };
}

describe('the tagging controller', () => {
  it('tags instances in one call and labels their nodes as the Go manager does', async () => {
    const { account, tagger } = setUp();
    const answers = await tagger.settle([node(first), node(second)], testCall());
    const labels = { [taggedLabel]: 'daf6a4ee19dc966bd2267fb900e6d1df' };
    expect(answers).toEqual([
      { kind: 'done', labels },
      { kind: 'done', labels },
    ]);
    expect(account.recorder.take()).toEqual(['CreateTags']);
    expect(account.ec2.instances.get(first)?.tags).toMatchObject(tags);
    expect(tagger.isSettled(node(first, labels))).toBe(true);
    expect(tagger.isSettled(node(first, { [taggedLabel]: tagsHash({ team: 'b' }) }))).toBe(false);
  });

  it('takes its tags off when the Node goes, and leaves those that somebody changed', async () => {
    const { account, tagger } = setUp();
    await tagger.settle([node(first)], testCall());
    const instance = account.ec2.instances.get(first)!;
    account.ec2.instances.set(first, { ...instance, tags: { ...instance.tags, cost: '8' } });
    expect(await tagger.release([node(first), node(unknown)], testCall())).toEqual([
      { kind: 'done', labels: {} },
      { kind: 'done', labels: {} },
    ]);
    expect(account.ec2.instances.get(first)?.tags).toEqual({ ...instance.tags, cost: '8', team: undefined });
  });

  it('leaves out what EC2 does not know, and gives it up after five minutes', async () => {
    const { account, clock, tagger } = setUp();
    const nodes = [node(first), node(unknown)];
    expect((await tagger.settle(nodes, testCall())).map(({ kind }) => kind)).toEqual(['done', 'failed']);
    expect(account.recorder.take()).toEqual(['CreateTags', 'CreateTags']);
    await clock.advance(Duration.minutes(5));
    expect((await tagger.settle([node(unknown)], testCall())).map(({ kind }) => kind)).toEqual(['given-up']);
  });

  it.each([
    ['a node on Fargate', 'aws:///eu-test-1a/x/fargate-ip-10-0-0-1'],
    ['a node without providerID', ''],
    ['a node of another cloud', 'gce://project/zone/machine'],
  ])('has nothing to do for %s', (_, providerID) => {
    expect(setUp().tagger.isSettled({ ...node(first), providerID })).toBe(true);
  });

  it('gives up an id that EC2 never gave, without asking', async () => {
    const { account, tagger } = setUp();
    expect((await tagger.settle([node('i-kwok')], testCall())).map(({ kind }) => kind)).toEqual(['given-up']);
    expect(account.recorder.take()).toEqual([]);
  });
});

describe('its flags', () => {
  const input = (flags: Record<string, unknown>, controllers = ['tagging']): ProviderConfigInput => ({
    file: undefined,
    environment: {},
    allowUntaggedCloud: 'no',
    clusterName: 'c1',
    flags: new Map(Object.entries(flags)),
    controllers,
  });

  it('are read', () => {
    const flags = { tags, resources: ['instance'], 'tagging-controller-rate-limit': 2 };
    expect(readTaggingSettings(input(flags))).toEqual({ tags, concurrency: 1, limit: undefined });
    expect(readTaggingSettings(input({ ...flags, 'tagging-controller-burst-limit': 5 }))).toMatchObject({
      limit: { perSecond: 2, burst: 5 },
    });
  });

  it('do not matter while the controller is off', () => {
    expect(readTaggingSettings(input({}, []))).toBeUndefined();
  });

  it.each([
    [{}, ['--tags', '--resources']],
    [{ tags, resources: ['instance', 'volume'] }, ['--resources']],
    [
      { tags, resources: ['instance'], 'tagging-controller-concurrent-node-syncs': 0 },
      ['--tagging-controller-concurrent-node-syncs'],
    ],
  ])('are refused: %j', (flags, fields) => {
    let faults: readonly string[] = [];
    try {
      readTaggingSettings(input(flags));
    } catch (error) {
      if (error instanceof ConfigError) faults = error.faults.map(({ field }) => field);
    }
    expect(faults).toEqual(fields);
  });
});
