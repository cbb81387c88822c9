import { describe, expect, it } from '@jest/globals';
import type { InstanceMetadata } from '../../cloud/instances.ts';
import { type LabelHistory, type LabelIntent, type Labels, planLabels } from './node-labels.ts';
import { testMetadata } from './test-nodes.ts';
import { countCases } from '../test-case-count.ts';

countCases('go-cases-node-labels');

const zone = 'topology.kubernetes.io/zone';
const betaZone = 'failure-domain.beta.kubernetes.io/zone';
const host = 'v.example/host';

describe('planLabels', () => {
  type Row = readonly [
    string,
    Labels,
    Partial<InstanceMetadata>,
    { readonly ours?: readonly string[]; readonly foreign?: Labels },
    LabelIntent | undefined,
  ];
  const rows: readonly Row[] = [
    ['nothing is there, nothing is said', {}, {}, {}, undefined],
    ['a stable label is missing', { [betaZone]: 'z' }, {}, {}, { labels: { [betaZone]: 'z', [zone]: 'z' }, stale: [] }],
    ['a stable label is equal', { [betaZone]: 'z', [zone]: 'z' }, {}, {}, undefined],
    [
      'a stable label differs from its beta label',
      { [betaZone]: 'z', [zone]: 'y' },
      {},
      {},
      { labels: { [betaZone]: 'z', [zone]: 'z' }, stale: [] },
    ],
    [
      'both differ from the cloud',
      { [betaZone]: 'z', [zone]: 'y' },
      { zone: 'x' },
      {},
      { labels: { [betaZone]: 'x', [zone]: 'x' }, stale: [] },
    ],
    [
      'the cloud is silent about a zone while a type changes',
      { [zone]: 'mine' },
      { instanceType: 'l' },
      {},
      {
        labels: {
          'beta.kubernetes.io/instance-type': 'l',
          'node.kubernetes.io/instance-type': 'l',
          [zone]: 'mine',
        },
        stale: [],
      },
    ],
    [
      'an additional label is missing',
      {},
      { additionalLabels: { [host]: '2' } },
      {},
      { labels: { [host]: '2' }, stale: [] },
    ],
    ['an additional label is there', { [host]: '2' }, { additionalLabels: { [host]: '2' } }, {}, undefined],
    [
      'an additional label changed: whose it is, the API server knows',
      { [host]: '1' },
      { additionalLabels: { [host]: '2' } },
      {},
      { labels: { [host]: '2' }, stale: [] },
    ],
    [
      'an additional label that another holds',
      { [host]: '1' },
      { additionalLabels: { [host]: '2' } },
      { foreign: { [host]: '1' } },
      undefined,
    ],
    [
      'another let go of an additional label',
      {},
      { additionalLabels: { [host]: '2' } },
      { foreign: { [host]: '1' } },
      { labels: { [host]: '2' }, stale: [] },
    ],
    ['our additional label went', { [host]: '1' }, {}, { ours: [host] }, { labels: {}, stale: [host] }],
    ['our additional label went already', {}, {}, { ours: [host] }, undefined],
    ['a label of ours in a domain of Kubernetes', { [zone]: 'z' }, {}, { ours: [zone] }, undefined],
    ['a cloud that speaks for Kubernetes', {}, { additionalLabels: { 'x.k8s.io/a': '1', [zone]: 'z' } }, {}, undefined],
  ];
  it.each(rows)('%s', (_name, present, metadata, history, expected) => {
    const known: LabelHistory = { ours: new Set(history.ours ?? []), foreign: history.foreign ?? {} };
    expect(planLabels(present, testMetadata(metadata), known)).toEqual(expected);
  });
});
