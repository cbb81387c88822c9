import { describe, expect, it } from '@jest/globals';
import { Duration } from '../../../base/duration.ts';
import type { NodeRef } from '../../../cloud/instances.ts';
import { call, setUp, ways } from '../test-bed.ts';

const node = (name: string, providerID = ''): NodeRef => ({
  name,
  uid: `uid-${name}`,
  providerID,
  labels: {},
  annotations: {},
});

describe.each(ways)('machines over %s', (way) => {
  it('finds them by name and by id with one request, and tells everything that a Node needs', async () => {
    await using bed = await setUp(way);
    const one = bed.cloud.operator.launch({ name: 'n1', zone: 'memory-1a', hasPublicIP: 'yes' });
    const two = bed.cloud.operator.launch({ name: 'n2', zone: 'memory-1b' });
    bed.cloud.operator.stop(two.id);
    const nodes = [node('n1'), node('n2', `memory:///memory-1b/${two.id}`)];
    const views = await bed.provider.instances?.describe(nodes, 'metadata', call);
    expect(views?.get('n1')).toEqual({
      kind: 'present',
      state: 'running',
      metadata: {
        providerID: `memory:///memory-1a/${one.id}`,
        instanceType: 'standard-2',
        addresses: [
          { type: 'InternalIP', address: one.privateIP },
          { type: 'ExternalIP', address: one.publicIP },
          { type: 'InternalDNS', address: one.privateDNS },
        ],
        zone: 'memory-1a',
        region: 'memory-1',
        additionalLabels: { 'topology.memory-cloud/host': one.host },
      },
    });
    expect(views?.get('n2')).toMatchObject({ kind: 'present', state: 'stopped' });
    expect(bed.gate.calls).toHaveLength(1);
    expect(bed.cloud.log.counts()).toEqual({ DescribeInstances: { accepted: 1, throttled: 0, failed: 0 } });
  });

  it('says absent only on a positive statement about that very machine', async () => {
    await using bed = await setUp(way);
    const { operator } = bed.cloud;
    const ended = operator.launch({ name: 'ended', zone: 'memory-1a' });
    const replaced = operator.launch({ name: 'replaced', zone: 'memory-1a' });
    operator.terminate(ended.id);
    operator.terminate(replaced.id);
    const successor = operator.launch({ name: 'replaced', zone: 'memory-1a' });
    const twins = [1, 2].map(() => operator.launch({ name: 'twin', zone: 'memory-1a' }).id);
    const nodes = [
      node('ended', `memory:///memory-1a/${ended.id}`),
      node('gone', 'memory:///memory-1a/m-0123'),
      node('unheard'),
      node('replaced', `memory:///memory-1a/${replaced.id}`),
      node('twin'),
      node('elsewhere', 'other:///x/y'),
      node('garbled', 'memory:///memory-1a'),
    ];
    const views = await bed.provider.instances?.describe(nodes, 'existence', call);
    expect(views?.get('ended')).toMatchObject({
      kind: 'absent',
      evidence: { operation: 'DescribeInstances', requestId: 'req-1' },
    });
    expect(views?.get('gone')).toMatchObject({
      kind: 'absent',
      evidence: { operation: 'GetInstance', statement: 'there is no instance m-0123' },
    });
    expect(views?.get('unheard')).toMatchObject({ kind: 'absent', evidence: { operation: 'GetInstanceByName' } });
    expect(views?.get('replaced')).toEqual({ kind: 'replaced', providerID: `memory:///memory-1a/${successor.id}` });
    expect(views?.get('twin')).toEqual({ kind: 'ambiguous', ids: twins });
    expect(views?.get('elsewhere')).toEqual({ kind: 'foreign' });
    expect(views?.get('garbled')).toMatchObject({ kind: 'unknown', reason: { code: 'Invalid' } });
  });

  it('never takes a partial list, a refusal or silence for absence', async () => {
    await using bed = await setUp(way);
    const ids = ['n1', 'n2'].map((name) => bed.cloud.operator.launch({ name, zone: 'memory-1a' }).id);
    const nodes = ids.map((id, index) => node(`n${index + 1}`, `memory:///memory-1a/${id}`));
    bed.cloud.faults.add({ effect: { kind: 'omit', every: 1 } });
    const partial = await bed.provider.instances?.describe(nodes, 'existence', call);
    expect([...(partial?.values() ?? [])].map((view) => view.kind)).toEqual(['present', 'present']);

    bed.cloud.configure({ denied: ['GetInstance'] });
    const denied = await bed.provider.instances?.describe(nodes, 'existence', call);
    expect(denied?.get('n1')).toMatchObject({ kind: 'unknown', reason: { code: 'Denied' } });

    bed.cloud.faults.clear();
    bed.cloud.faults.add({ effect: { kind: 'throttle', retryAfter: Duration.seconds(3) } });
    await expect(bed.provider.instances?.describe(nodes, 'existence', call)).rejects.toMatchObject({
      code: 'Throttled',
      details: { retryAfter: Duration.seconds(3) },
    });
  });

  it('gives up when no answer comes within the time of the call', async () => {
    await using bed = await setUp(way);
    bed.cloud.faults.add({ effect: { kind: 'loseReply', how: 'silence' } });
    const asked = bed.provider.probe(call);
    const failure = expect(asked).rejects.toMatchObject({ code: 'Unavailable', isOutcomeUnknown: true });
    await new Promise<void>((resolve) => {
      bed.cloud.log.onCall(() => resolve());
    });
    await bed.clock.advance(call.timeout);
    await failure;
  });
});
