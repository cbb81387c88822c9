import { describe, expect, it } from '@jest/globals';
import { guardOperation, protectAddresses } from '../../../../cloud/guard.ts';
import { clusterStampKey, judgeOwnership } from '../../../../cloud/ownership.ts';
import { describeOperation } from '../../../../cloud/operation.ts';
import { call, type TestBed, setUp } from '../../test-bed.ts';
import { balancerName, internalAnnotation, serviceUIDTag } from './desired.ts';
import { testCluster, testPort, testRequest, testService, testServiceUID } from './test-services.ts';

const group = `service/${testServiceUID}`;
const name = balancerName(testServiceUID);

function plant(bed: TestBed, tags: Readonly<Record<string, string>>, scheme = 'public'): string {
  return bed.cloud.operator.plantLoadBalancer(
    {
      name,
      networkID: 'net-main',
      scheme,
      allowedRanges: ['0.0.0.0/0'],
      healthCheck: { protocol: 'http', port: 10_256, path: '/healthz' },
      listeners: [{ protocol: 'TCP', port: 8443, backendPort: 30_443, affinity: 'none' }],
      backends: [],
      tags,
    },
    testCluster.uid,
  );
}

/** What would be done for the Service, and what the guard says to each when the Service is protected. */
async function judge(bed: TestBed, service = testService(), adopts: ReadonlySet<string> = new Set()) {
  const answer = bed.balancers.desire(testRequest({ service }), await bed.balancers.facts(testRequest(), call));
  if (answer.kind === 'refusal') throw new Error(answer.fix);
  const member = { uid: testServiceUID, service, cluster: testCluster, adopts };
  const observed = await bed.balancers.observe(group, [member], call);
  const policy = protectAddresses({ mode: 'run', isProtected: () => false }, new Set([testServiceUID]));
  const { operations } = bed.balancers.plan(
    new Map([[testServiceUID, { kind: 'present', desired: answer.desired }]]),
    observed,
  );
  return operations.map((operation) => [
    describeOperation(operation).split(' ').slice(0, 2).join(' '),
    guardOperation(operation, policy)?.reason ?? 'passes',
  ]);
}

describe('a load balancer of a protected Service', () => {
  it('is not made anew, but its parts are', async () => {
    await using bed = await setUp('embedded');
    plant(bed, { [clusterStampKey]: testCluster.uid, [serviceUIDTag]: testServiceUID });
    expect(await judge(bed, testService({ ports: [testPort({ port: 80 })] }))).toEqual([
      ['delete Listener', 'passes'],
      ['create Listener', 'passes'],
      ['update LoadBalancer', 'passes'],
    ]);
    expect(await judge(bed, testService({}, { annotations: { [internalAnnotation]: 'true' } }))).toEqual([
      ['delete LoadBalancer', 'Protected'],
    ]);
  });
});

describe('a load balancer without a proof of ownership', () => {
  const tags = { [serviceUIDTag]: 'of-another-service' };

  it('is taken over by the Service that names its id, and by no other', async () => {
    await using bed = await setUp('embedded');
    const id = plant(bed, tags);
    const verdicts = async (adopts: readonly string[]) =>
      new Set((await judge(bed, testService(), new Set(adopts))).map(([, verdict]) => verdict));
    expect(await verdicts([])).toEqual(new Set(['OwnershipConflict']));
    expect(await verdicts(['lb-000000000000', name])).toEqual(new Set(['OwnershipConflict']));
    expect(await verdicts([id])).toEqual(new Set(['passes']));
  });

  it("is not taken from another cluster, though the Service names it: the annotation may be a backup's", async () => {
    await using bed = await setUp('embedded');
    const id = plant(bed, { ...tags, [clusterStampKey]: 'cluster-green' });
    expect((await judge(bed, testService(), new Set([id]))).map(([, verdict]) => verdict)).not.toContain('passes');
    const evidence = { stamp: 'cluster-green', holdsServiceUID: true, isRecorded: true, isAdopted: true };
    expect(judgeOwnership(testCluster, evidence).kind).toBe('foreign');
  });
});
