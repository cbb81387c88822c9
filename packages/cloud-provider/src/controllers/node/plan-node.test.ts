import { describe, expect, it } from '@jest/globals';
import { providedNodeIPAnnotation } from '../../api/well-known.ts';
import { CloudError } from '../../cloud/cloud-error.ts';
import type { InstanceMetadata, InstanceView } from '../../cloud/instances.ts';
import { sameAddresses } from './node-addresses.ts';
import { type NodeWrites, planInitialization, planUpkeep } from './plan-node.ts';
import { type TestNodeOptions, addressList, testMetadata, testNode, waitingTaint } from './test-nodes.ts';
import { countCases } from '../test-case-count.ts';

countCases('go-cases-node');

const otherTaint = {
  key: 'node.kubernetes.io/not-ready',
  value: '',
  effect: 'NoSchedule',
  timeAdded: '2026-01-01T00:00:00Z',
};

describe('planInitialization of a machine that is there', () => {
  const rows: readonly (readonly [string, TestNodeOptions, Partial<InstanceMetadata>, Partial<NodeWrites>])[] = [
    [
      'the cloud names the host',
      {},
      { addresses: addressList('InternalIP=10.0.0.1', 'Hostname=cloud-name') },
      { addresses: addressList('InternalIP=10.0.0.1', 'Hostname=cloud-name') },
    ],
    [
      'the cloud does not name the host',
      {},
      { addresses: addressList('InternalIP=10.0.0.1') },
      { addresses: addressList('InternalIP=10.0.0.1', 'Hostname=a') },
    ],
    [
      'addresses are right already',
      { addresses: addressList('Hostname=a', 'InternalIP=10.0.0.1') },
      { addresses: addressList('InternalIP=10.0.0.1') },
      { addresses: undefined },
    ],
    ['no addresses are offered', {}, {}, { addresses: undefined }],
    [
      'an address is offered twice',
      {},
      { addresses: addressList('InternalIP=10.0.0.1', 'InternalIP=10.0.0.1') },
      { addresses: addressList('InternalIP=10.0.0.1', 'Hostname=a') },
    ],
    [
      'two families',
      {},
      { addresses: addressList('InternalIP=10.0.0.1', 'InternalIP=fd00::1') },
      { addresses: addressList('InternalIP=10.0.0.1', 'InternalIP=fd00::1', 'Hostname=a') },
    ],
    ['providerID from the cloud', {}, {}, { providerID: 'fake://12345' }],
    ['providerID of the node stays', { providerID: 'fake://from-kubelet' }, {}, { providerID: undefined }],
    [
      'providerID only on the node',
      { providerID: 'fake://from-kubelet' },
      { providerID: '' },
      { providerID: undefined, taints: [] },
    ],
    [
      'zone and region',
      {},
      { zone: 'us-1a', region: 'us-1' },
      {
        labels: {
          'topology.kubernetes.io/zone': 'us-1a',
          'failure-domain.beta.kubernetes.io/zone': 'us-1a',
          'topology.kubernetes.io/region': 'us-1',
          'failure-domain.beta.kubernetes.io/region': 'us-1',
        },
      },
    ],
    [
      'type',
      { labels: { 'node.kubernetes.io/instance-type': 'old' } },
      { instanceType: 't1.micro' },
      { labels: { 'node.kubernetes.io/instance-type': 't1.micro', 'beta.kubernetes.io/instance-type': 't1.micro' } },
    ],
    ['nothing of the cloud', { labels: { 'topology.kubernetes.io/zone': 'mine' } }, {}, { labels: {} }],
    ['other taints stay', { taints: [otherTaint, waitingTaint] }, {}, { taints: [otherTaint] }],
    [
      'the taint with another effect falls too',
      { taints: [waitingTaint, { ...waitingTaint, effect: 'NoExecute' }] },
      {},
      { taints: [] },
    ],
    [
      'additional labels',
      { labels: { 'my.custom.label/present': 'old' } },
      {
        additionalLabels: {
          'topology.kubernetes.io/region': 'x',
          'topology.k8s.io/zone': 'x',
          'kubernetes.io/label': 'x',
          'k8s.io/label': 'x',
          'my.custom.label/present': 'new',
          'my.custom.label/added': 'yes',
          'k8snio/label': 'yes',
          'app.k8snio/label': 'yes',
        },
      },
      { labels: { 'my.custom.label/added': 'yes', 'k8snio/label': 'yes', 'app.k8snio/label': 'yes' } },
    ],
    [
      'the kubelet chose an address',
      { annotations: { [providedNodeIPAnnotation]: '10.0.0.1' } },
      { addresses: addressList('InternalIP=10.0.0.2', 'InternalIP=10.0.0.1') },
      { addresses: addressList('InternalIP=10.0.0.1', 'Hostname=a') },
    ],
    [
      'a --node-ip that is none: what the kubelet says of itself stays',
      {
        annotations: { [providedNodeIPAnnotation]: 'nonsense' },
        addresses: addressList('InternalIP=10.0.0.7', 'Hostname=a'),
      },
      { addresses: addressList('InternalIP=10.0.0.1') },
      {
        addresses: undefined,
        taints: [],
        addressCondition: expect.objectContaining({ status: 'True', reason: 'ProvidedNodeIPInvalid' }) as never,
      },
    ],
    [
      "a --node-ip that is not offered, of a kubelet that says nothing: the cloud's",
      { annotations: { [providedNodeIPAnnotation]: '10.0.0.9' } },
      { addresses: addressList('InternalIP=10.0.0.1') },
      {
        addresses: addressList('InternalIP=10.0.0.1', 'Hostname=a'),
        taints: [],
        addressCondition: expect.objectContaining({ status: 'True', reason: 'ProvidedNodeIPInvalid' }) as never,
      },
    ],
    [
      'a prefix, with the address in it that the kubelet was told to use',
      { annotations: { [providedNodeIPAnnotation]: '10.0.0.1,2001:db8:1::1' } },
      { addresses: addressList('InternalIP=2001:db8:1::/64', 'InternalIP=10.0.0.1') },
      {
        addresses: addressList('InternalIP=10.0.0.1', 'InternalIP=2001:db8:1::1', 'Hostname=a'),
        addressCondition: undefined,
      },
    ],
    [
      'a prefix of whose addresses none is known',
      {},
      { addresses: addressList('InternalIP=10.0.0.1', 'InternalIP=2001:db8:1::/64') },
      {
        addresses: addressList('InternalIP=10.0.0.1', 'Hostname=a'),
        taints: [],
        addressCondition: expect.objectContaining({ status: 'True', reason: 'CloudAddressInvalid' }) as never,
      },
    ],
    [
      'nothing but nonsense',
      { addresses: addressList('InternalIP=10.0.0.7', 'Hostname=a') },
      { addresses: addressList('InternalIP=nonsense', 'ExternalIP=fe80::1%eth0', 'ExternalDNS=') },
      {
        addresses: undefined,
        taints: [],
        addressCondition: expect.objectContaining({ status: 'True', reason: 'CloudAddressInvalid' }) as never,
      },
    ],
  ];
  it.each(rows)('%s', (_name, node, metadata, expected) => {
    const view: InstanceView = { kind: 'present', state: 'running', metadata: testMetadata(metadata) };
    const plan = planInitialization(testNode('a', node), view);
    expect(plan).toEqual({ kind: 'writes', writes: expect.objectContaining(expected) as unknown });
  });
});

describe('planInitialization of a node that can not be initialised', () => {
  const present = (metadata: Partial<InstanceMetadata>): InstanceView => ({
    kind: 'present',
    state: 'running',
    metadata: testMetadata(metadata),
  });
  const rows: readonly (readonly [string, TestNodeOptions, InstanceView, string])[] = [
    ['no providerID anywhere', {}, present({ providerID: '' }), 'lasting ProviderIDMissing'],
    [
      'absent',
      {},
      { kind: 'absent', evidence: { statement: 'gone', operation: 'Describe', requestId: '' } },
      'lasting InstanceNotFound',
    ],
    ['replaced', {}, { kind: 'replaced', providerID: 'fake://2' }, 'lasting InstanceReplaced'],
    ['ambiguous', {}, { kind: 'ambiguous', ids: ['1', '2'] }, 'lasting InstanceAmbiguous'],
    [
      'throttled',
      {},
      { kind: 'unknown', reason: new CloudError('Throttled', 'slow down') },
      'transient InstanceUnknown',
    ],
    ['denied', {}, { kind: 'unknown', reason: new CloudError('Denied', 'not allowed') }, 'lasting InstanceUnknown'],
    [
      'on its way out',
      {},
      { kind: 'present', state: 'terminating', metadata: testMetadata() },
      'lasting InstanceTerminating',
    ],
    ['not described', {}, { kind: 'present', state: 'running' }, 'transient InstanceMetadataMissing'],
  ];
  it.each(rows)('%s', (_name, node, view, expected) => {
    const plan = planInitialization(testNode('a', node), view);
    expect(plan.kind === 'obstacle' ? `${plan.expectation} ${plan.reason}` : plan.kind).toBe(expected);
  });

  it('leaves machines of others alone', () => {
    expect(planInitialization(testNode('a'), { kind: 'foreign' })).toEqual({ kind: 'handsOff' });
  });
});

describe('planUpkeep', () => {
  const settled: TestNodeOptions = {
    taints: [],
    providerID: 'fake://12345',
    addresses: addressList('InternalIP=10.0.0.1', 'Hostname=a'),
  };
  const offered = addressList('InternalIP=10.0.0.1');
  type Row = readonly [string, TestNodeOptions, Partial<InstanceMetadata>, Partial<NodeWrites>];
  const rows: readonly Row[] = [
    [
      'nothing changed',
      {},
      {},
      { addresses: undefined, addressCondition: undefined, labels: {}, providerID: undefined, taints: undefined },
    ],
    [
      'a value differs',
      {},
      { addresses: addressList('InternalIP=10.0.0.2') },
      { addresses: addressList('InternalIP=10.0.0.2', 'Hostname=a') },
    ],
    [
      'one more',
      {},
      { addresses: addressList('InternalIP=10.0.0.1', 'ExternalIP=5.5.5.5') },
      { addresses: addressList('InternalIP=10.0.0.1', 'ExternalIP=5.5.5.5', 'Hostname=a') },
    ],
    [
      'one fewer',
      { addresses: addressList('InternalIP=10.0.0.1', 'ExternalIP=5.5.5.5', 'Hostname=a') },
      {},
      { addresses: addressList('InternalIP=10.0.0.1', 'Hostname=a') },
    ],
    [
      'types change places',
      { addresses: addressList('InternalIP=10.0.0.1', 'ExternalIP=5.5.5.5', 'Hostname=a') },
      { addresses: addressList('InternalIP=5.5.5.5', 'ExternalIP=10.0.0.1') },
      { addresses: addressList('InternalIP=5.5.5.5', 'ExternalIP=10.0.0.1', 'Hostname=a') },
    ],
    ['the cloud offers none', {}, { addresses: [] }, { addresses: undefined }],
    [
      'an unusable --node-ip',
      { annotations: { [providedNodeIPAnnotation]: '10.0.0.9' } },
      { addresses: addressList('InternalIP=10.0.0.2') },
      {
        addresses: undefined,
        addressCondition: expect.objectContaining({ status: 'True', reason: 'ProvidedNodeIPInvalid' }) as never,
      },
    ],
    ['the providerID is missing', { providerID: '' }, {}, { providerID: 'fake://12345' }],
  ];
  it.each(rows)('%s', (_name, node, metadata, expected) => {
    const writes = planUpkeep(
      testNode('a', { ...settled, ...node }),
      testMetadata({ addresses: offered, ...metadata }),
    );
    expect(writes).toEqual(expect.objectContaining(expected));
  });
});

describe('sameAddresses', () => {
  const base = ['InternalIP=10.0.0.1', 'ExternalIP=5.5.5.5'];
  const rows: readonly (readonly [string, readonly string[], boolean])[] = [
    ['same', base, true],
    ['a value differs', ['InternalIP=10.0.0.1', 'ExternalIP=5.5.5.6'], false],
    ['one fewer', ['InternalIP=10.0.0.1'], false],
    ['one more', [...base, 'Hostname=a'], false],
    ['types swapped', ['ExternalIP=10.0.0.1', 'InternalIP=5.5.5.5'], false],
    ['types in another order', ['ExternalIP=5.5.5.5', 'InternalIP=10.0.0.1'], true],
  ];
  it.each(rows)('%s', (_name, other, expected) => {
    expect(sameAddresses(addressList(...base), addressList(...other))).toBe(expected);
  });

  it('sees no change in two addresses of one type, and sees when they change places', () => {
    const dual = addressList('InternalIP=10.0.0.1', 'InternalIP=fd00::1');
    expect(sameAddresses(dual, addressList('InternalIP=10.0.0.1', 'InternalIP=fd00::1'))).toBe(true);
    expect(sameAddresses(dual, addressList('InternalIP=fd00::1', 'InternalIP=10.0.0.1'))).toBe(false);
  });
});
