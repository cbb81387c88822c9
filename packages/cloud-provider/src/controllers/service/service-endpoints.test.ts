import { describe, expect, it } from '@jest/globals';
import type { Endpoint, EndpointSlice } from '../../api/endpoint-slice.ts';
import { Duration } from '../../base/duration.ts';
import { endpointsOf } from './service-endpoints.ts';
import { testBackend } from './test-backend.ts';
import { Bench } from './test-bench.ts';
import { TestKind, testService } from './test-kind.ts';

type State = 'ready' | 'unsaid' | 'notReady' | 'terminating' | 'ended';

const conditionsOf: Readonly<Record<State, Endpoint['conditions']>> = {
  ready: { ready: true, serving: true, terminating: false },
  unsaid: { ready: undefined, serving: undefined, terminating: undefined },
  notReady: { ready: false, serving: false, terminating: false },
  terminating: { ready: false, serving: true, terminating: true },
  ended: { ready: false, serving: false, terminating: true },
};

function slice(name: string, endpoints: readonly (readonly [string, string, State])[]): EndpointSlice {
  const [service = ''] = name.split('-');
  return {
    metadata: {
      name,
      namespace: 'ns',
      uid: name,
      resourceVersion: '1',
      creationTimestamp: '',
      deletionTimestamp: '',
      labels: { 'kubernetes.io/service-name': service },
      annotations: {},
      finalizers: [],
    },
    addressType: 'IPv4',
    endpoints: endpoints.map(([address, nodeName, state]) => ({
      addresses: [address],
      conditions: conditionsOf[state],
      nodeName,
      zone: '',
    })),
    ports: [{ name: 'http', protocol: 'TCP', port: 8080, appProtocol: '' }],
  };
}

describe('endpointsOf', () => {
  it('keeps what takes traffic, by node', () => {
    const { all, byNode } = endpointsOf([
      slice('web-1', [
        ['10.0.0.3', 'n2', 'terminating'],
        ['10.0.0.1', 'n1', 'ready'],
        ['10.0.0.2', 'n1', 'terminating'],
        ['10.0.0.4', 'n3', 'notReady'],
        ['10.0.0.5', 'n4', 'ended'],
      ]),
      slice('web-2', [['10.0.0.6', '', 'unsaid']]),
    ]);
    expect(all.map(({ address, nodeName, state }) => `${address} ${nodeName} ${state}`)).toEqual([
      '10.0.0.1 n1 ready',
      '10.0.0.2 n1 terminating',
      '10.0.0.3 n2 terminating',
      '10.0.0.6  ready',
    ]);
    expect(all[0]?.ports).toEqual([{ name: 'http', protocol: 'TCP', port: 8080 }]);
    expect(Object.fromEntries(byNode)).toEqual({ n1: 'ready', n2: 'terminating' });
  });

  it('does not depend on how endpoints are cut into slices, nor on those that are in two of them', () => {
    const whole = endpointsOf([
      slice('web-1', [
        ['10.0.0.1', 'n1', 'ready'],
        ['10.0.0.2', 'n2', 'ready'],
      ]),
    ]);
    const cut = endpointsOf([
      slice('web-2', [['10.0.0.2', 'n2', 'ready']]),
      slice('web-1', [
        ['10.0.0.2', 'n2', 'terminating'],
        ['10.0.0.1', 'n1', 'ready'],
      ]),
    ]);
    expect(cut).toEqual(whole);
  });

  it('takes no names for addresses', () => {
    expect(endpointsOf([{ ...slice('web-1', [['a.example', 'n1', 'ready']]), addressType: 'FQDN' }]).all).toEqual([]);
  });
});

describe('a kind that goes by endpoints', () => {
  async function start(policy: string): Promise<Bench> {
    const bench = new Bench({ kinds: [new TestKind('test', undefined, ['nodes', 'endpointSlices'])] });
    for (const name of ['n1', 'n2', 'n3']) bench.cluster.putNode(testBackend(name));
    bench.slices.put(slice('web-1', [['10.0.0.1', 'n1', 'ready']]));
    const service = testService('web');
    bench.cluster.putService({ ...service, spec: { ...service.spec, externalTrafficPolicy: policy } });
    await bench.start();
    await bench.pass(Duration.seconds(2));
    return bench;
  }

  const kindOf = (bench: Bench): TestKind => bench.kinds[0] as TestKind;
  const backendsOf = (bench: Bench): readonly string[] | undefined =>
    kindOf(bench).cloud.get('service/uid-of-web')?.listeners.get('uid-of-web')?.backends;

  it('follows the readiness of pods, in one write for many changes and without reading', async () => {
    await using bench = await start('Local');
    expect(backendsOf(bench)).toEqual(['fake://n1']);
    kindOf(bench).calls.length = 0;
    bench.slices.put(slice('web-1', [['10.0.0.1', 'n1', 'notReady']]));
    bench.slices.put(slice('web-2', [['10.0.0.2', 'n2', 'ready']]));
    bench.slices.put(slice('web-3', [['10.0.0.3', 'n3', 'terminating']]));
    await bench.pass(Duration.seconds(2));
    expect(backendsOf(bench)).toEqual(['fake://n2', 'fake://n3']);
    expect(kindOf(bench).calls).toEqual(['update Listener uid-of-web']);
    bench.slices.remove('ns/web-3');
    await bench.pass(Duration.seconds(2));
    expect(backendsOf(bench)).toEqual(['fake://n2']);
  });

  it('asks nothing of the cloud for pods that change no backend, nor for those of others', async () => {
    await using bench = await start('Cluster');
    kindOf(bench).calls.length = 0;
    bench.cluster.patches.length = 0;
    bench.slices.put(slice('web-2', [['10.0.0.2', 'n2', 'ready']]));
    bench.slices.put(slice('other-1', [['10.0.0.9', 'n2', 'ready']]));
    await bench.pass(Duration.seconds(2));
    expect(kindOf(bench).calls).toEqual([]);
    expect(bench.cluster.patches).toEqual([]);
  });
});

it('EndpointSlices are not asked for when no kind goes by them', async () => {
  await using bench = new Bench({
    endpointSlices: () => {
      throw new Error('nobody needs them');
    },
  });
  bench.cluster.putService(testService('web'));
  await bench.start();
  expect(bench.kind.cloud.size).toBe(1);
});
