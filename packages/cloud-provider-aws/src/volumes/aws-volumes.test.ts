import { describe, expect, it } from '@jest/globals';
import type { VolumeSource } from '@ccm-ts/cloud-provider';
import { InMemoryEc2 } from '../testing/in-memory-ec2.ts';
import { testCall } from '../testing/aws-account.ts';
import { CallRecorder } from '../testing/call-recorder.ts';
import { AwsVolumes } from './aws-volumes.ts';

function setUp() {
  const calls = new CallRecorder();
  const ec2 = new InMemoryEc2(calls);
  ec2.volumes.set('vol-0a1', { id: 'vol-0a1', zone: 'eu-test-1b' });
  const volumes = new AwsVolumes({ ec2, region: 'eu-test-1' });
  const locate = (source: VolumeSource) => volumes.locate({ name: 'pv', source }, testCall());
  return { calls, locate };
}

const csi = (handle: string, driver = 'ebs.csi.aws.com'): VolumeSource => ({ kind: 'csi', driver, handle });
const former = (volumeID: unknown): VolumeSource => ({
  kind: 'field',
  field: 'awsElasticBlockStore',
  values: { volumeID },
});

describe('AwsVolumes', () => {
  it.each([
    ['CSI', csi('vol-0a1')],
    ['before CSI', former('vol-0a1')],
    ['with a zone', former('aws://eu-test-1b/vol-0a1')],
    ['with room for a zone', former('aws:///vol-0a1')],
  ])('finds volumes, %s, with one call', async (_, source) => {
    const { calls, locate } = setUp();
    expect(await locate(source)).toEqual({ kind: 'placed', zones: ['eu-test-1b'], region: 'eu-test-1' });
    expect(calls.take()).toEqual(['DescribeVolumes']);
  });

  it.each([
    ['another driver', csi('vol-0a1', 'efs.csi.aws.com')],
    ['another field', { kind: 'field', field: 'nfs', values: { path: '/' } } as const],
    ['one that is about to be made', former('placeholder-for-provisioning')],
    ['no id at all', former(7)],
  ])('has nothing to do with %s', async (_, source) => {
    const { calls, locate } = setUp();
    expect(await locate(source)).toEqual({ kind: 'foreign' });
    expect(calls.take()).toEqual([]);
  });

  it('says when EC2 has none', async () => {
    const { locate } = setUp();
    expect(await locate(csi('vol-0ff'))).toMatchObject({
      kind: 'absent',
      statement: expect.stringContaining("The volume 'vol-0ff' does not exist"),
    });
    expect(await locate(csi('fs-1'))).toEqual({
      kind: 'absent',
      statement: '"fs-1" is not the id of an EBS volume',
    });
  });

  it('takes no other failure for an answer', async () => {
    const { calls, locate } = setUp();
    calls.throttleNext('DescribeVolumes');
    await expect(locate(csi('vol-0a1'))).rejects.toMatchObject({ code: 'Throttled' });
  });
});
