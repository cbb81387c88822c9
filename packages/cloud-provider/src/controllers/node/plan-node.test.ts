import { describe, expect, it } from '@jest/globals';
import { providedNodeIPAnnotation } from '../../api/well-known.ts';
import { CloudError } from '../../cloud/cloud-error.ts';
import type { InstanceMetadata, InstanceView } from '../../cloud/instances.ts';
import { sameAddresses } from './node-addresses.ts';
import { type NodeWrites, planInitialization, planUpkeep } from './plan-node.ts';
import { type TestNodeOptions, addressList, testMetadata, testNode, waitingTaint } from './test-nodes.ts';

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
      'an unusable --node-ip',
      { annotations: { [providedNodeIPAnnotation]: 'nonsense' } },
      present({ addresses: addressList('InternalIP=10.0.0.1') }),
      'lasting ProvidedNodeIPInvalid',
    ],
    [
      'a --node-ip that is not offered',
      { annotations: { [providedNodeIPAnnotation]: '10.0.0.9' } },
      present({ addresses: addressList('InternalIP=10.0.0.1') }),
      'lasting ProvidedNodeIPInvalid',
    ],
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
  type Row = readonly [
    string,
    TestNodeOptions,
    Partial<InstanceMetadata>,
    Readonly<Record<string, string>>,
    Partial<NodeWrites>,
  ];
  const rows: readonly Row[] = [
    ['nothing changed', {}, {}, {}, { addresses: undefined, labels: {}, providerID: undefined, taints: undefined }],
    [
      'a value differs',
      {},
      { addresses: addressList('InternalIP=10.0.0.2') },
      {},
      { addresses: addressList('InternalIP=10.0.0.2', 'Hostname=a') },
    ],
    [
      'one more',
      {},
      { addresses: addressList('InternalIP=10.0.0.1', 'ExternalIP=5.5.5.5') },
      {},
      { addresses: addressList('InternalIP=10.0.0.1', 'ExternalIP=5.5.5.5', 'Hostname=a') },
    ],
    ['the cloud offers none', {}, { addresses: [] }, {}, { addresses: undefined }],
    [
      'an unusable --node-ip',
      { annotations: { [providedNodeIPAnnotation]: '10.0.0.9' } },
      { addresses: addressList('InternalIP=10.0.0.2') },
      {},
      { addresses: undefined },
    ],
    [
      'stable label missing',
      { labels: { 'failure-domain.beta.kubernetes.io/zone': 'z' } },
      {},
      {},
      { labels: { 'topology.kubernetes.io/zone': 'z' } },
    ],
    [
      'stable label equal',
      { labels: { 'failure-domain.beta.kubernetes.io/zone': 'z', 'topology.kubernetes.io/zone': 'z' } },
      {},
      {},
      { labels: {} },
    ],
    [
      'stable label differs',
      { labels: { 'failure-domain.beta.kubernetes.io/zone': 'z', 'topology.kubernetes.io/zone': 'y' } },
      {},
      {},
      { labels: { 'topology.kubernetes.io/zone': 'z' } },
    ],
    [
      'both differ from the cloud',
      { labels: { 'failure-domain.beta.kubernetes.io/zone': 'z', 'topology.kubernetes.io/zone': 'y' } },
      { zone: 'x' },
      {},
      { labels: { 'topology.kubernetes.io/zone': 'x', 'failure-domain.beta.kubernetes.io/zone': 'x' } },
    ],
    [
      'type changed',
      { labels: { 'node.kubernetes.io/instance-type': 's', 'beta.kubernetes.io/instance-type': 's' } },
      { instanceType: 'l' },
      {},
      { labels: { 'node.kubernetes.io/instance-type': 'l', 'beta.kubernetes.io/instance-type': 'l' } },
    ],
    [
      'our additional label changed',
      { labels: { 'v.example/host': '1' } },
      { additionalLabels: { 'v.example/host': '2' } },
      { 'v.example/host': '1' },
      { labels: { 'v.example/host': '2' } },
    ],
    [
      'our additional label went',
      { labels: { 'v.example/host': '1' } },
      {},
      { 'v.example/host': '1' },
      { labels: { 'v.example/host': null } },
    ],
    [
      'an additional label of somebody else',
      { labels: { 'v.example/host': '1' } },
      { additionalLabels: { 'v.example/host': '2' } },
      {},
      { labels: {} },
    ],
    [
      'somebody took our additional label over',
      { labels: { 'v.example/host': '3' } },
      { additionalLabels: { 'v.example/host': '2' } },
      { 'v.example/host': '1' },
      { labels: {} },
    ],
    [
      'an additional label is missing',
      {},
      { additionalLabels: { 'v.example/host': '2' } },
      {},
      { labels: { 'v.example/host': '2' } },
    ],
    ['the providerID is missing', { providerID: '' }, {}, {}, { providerID: 'fake://12345' }],
  ];
  it.each(rows)('%s', (_name, node, metadata, written, expected) => {
    const writes = planUpkeep(
      testNode('a', { ...settled, ...node }),
      testMetadata({ addresses: offered, ...metadata }),
      written,
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
