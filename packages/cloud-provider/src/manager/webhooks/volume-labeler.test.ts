import { describe, expect, it } from '@jest/globals';
import { applyPatch } from 'rfc6902';
import type { CallContext } from '../../cloud/call-context.ts';
import type { CloudProvider } from '../../cloud/cloud-provider.ts';
import type { AdmissionRequest, AdmissionVerdict } from '../../cloud/provider-webhook.ts';
import type { VolumePlace, VolumeRef } from '../../cloud/volumes.ts';
import { Duration } from '../../base/duration.ts';
import { labelVolume } from './volume-labeler.ts';

const call: CallContext = {
  signal: new AbortController().signal,
  timeout: Duration.seconds(10),
  freshness: 'live',
  priority: 'change',
};
const zone = 'topology.kubernetes.io/zone';
const region = 'topology.kubernetes.io/region';
const csi = { driver: 'csi.example', volumeHandle: 'vol-1' };
const placed: VolumePlace = { kind: 'placed', zones: ['a-1'], region: 'a' };

function requestFor(object: unknown, change: Partial<AdmissionRequest> = {}): AdmissionRequest {
  return {
    uid: 'u-1',
    kind: { group: '', version: 'v1', kind: 'PersistentVolume' },
    resource: { group: '', version: 'v1', resource: 'persistentvolumes' },
    subResource: '',
    name: 'pv-1',
    namespace: '',
    operation: 'CREATE',
    user: { name: 'jane', groups: [] },
    object,
    oldObject: undefined,
    dryRun: 'no',
    ...change,
  };
}

/** What is asked, the verdict, and the object after it. */
async function label(object: unknown, place: VolumePlace = placed, change: Partial<AdmissionRequest> = {}) {
  const asked: VolumeRef[] = [];
  const provider: Pick<CloudProvider, 'volumes'> = {
    volumes: {
      async locate(volume) {
        asked.push(volume);
        return place;
      },
    },
  };
  const verdict: AdmissionVerdict = await labelVolume(requestFor(object, change), {
    provider: provider as CloudProvider,
    call,
  });
  const after = structuredClone(object);
  const patch = verdict.kind === 'allowed' ? (verdict.patch ?? []) : [];
  expect(applyPatch(after, [...patch]).filter((each) => each !== null)).toEqual([]);
  return { asked, verdict, after };
}

function volume(metadata: object = {}, spec: object = { csi }): object {
  return { metadata: { name: 'pv-1', ...metadata }, spec: { capacity: { storage: '1Gi' }, ...spec } };
}

const requirements = [
  { key: zone, operator: 'In', values: ['a-1'] },
  { key: region, operator: 'In', values: ['a'] },
];

describe('the labeler of volumes', () => {
  it('writes labels and where the volume can be used', async () => {
    const { asked, after } = await label(volume());
    expect(asked).toEqual([{ name: 'pv-1', source: { kind: 'csi', driver: 'csi.example', handle: 'vol-1' } }]);
    expect(after).toEqual({
      metadata: { name: 'pv-1', labels: { [zone]: 'a-1', [region]: 'a' } },
      spec: {
        capacity: { storage: '1Gi' },
        csi,
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: requirements }] } },
      },
    });
  });

  it('tells of a volume from the time before CSI by its field', async () => {
    const { asked } = await label(volume({}, { claimRef: { name: 'c' }, oldDisk: { volumeID: 'vol-1' } }));
    expect(asked).toEqual([
      { name: 'pv-1', source: { kind: 'field', field: 'oldDisk', values: { volumeID: 'vol-1' } } },
    ]);
  });

  it('names all zones of a volume that is kept in several', async () => {
    const { after } = await label(volume(), { kind: 'placed', zones: ['a-2', 'a-1'], region: 'a' });
    expect(after).toMatchObject({
      metadata: { labels: { [zone]: 'a-1__a-2' } },
      spec: {
        nodeAffinity: {
          required: { nodeSelectorTerms: [{ matchExpressions: [{ key: zone, values: ['a-1', 'a-2'] }, {}] }] },
        },
      },
    });
  });

  it('keeps other labels, and says which of its own it corrects', async () => {
    const { after, verdict } = await label(volume({ labels: { app: 'x', [zone]: 'a-9', [region]: 'a' } }));
    expect(after).toMatchObject({ metadata: { labels: { app: 'x', [zone]: 'a-1', [region]: 'a' } } });
    expect(verdict).toMatchObject({ warnings: [`the label ${zone} is a-1 in the cloud, not a-9`] });
  });

  it.each([
    ['no terms', {}, [{ matchExpressions: requirements }]],
    ['no terms in a list', { required: { nodeSelectorTerms: [] } }, [{ matchExpressions: requirements }]],
    [
      'terms about something else',
      {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'disk', operator: 'Exists' }] },
            { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n'] }] },
          ],
        },
      },
      [
        { matchExpressions: [{ key: 'disk', operator: 'Exists' }, ...requirements] },
        { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n'] }], matchExpressions: requirements },
      ],
    ],
    [
      'terms about zones',
      { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: zone, operator: 'In', values: ['a-3'] }] }] } },
      [{ matchExpressions: [{ key: zone, operator: 'In', values: ['a-3'] }] }],
    ],
  ])('adds to a node affinity with %s', async (_, nodeAffinity, terms) => {
    const { after } = await label(volume({}, { csi, nodeAffinity }));
    expect(after).toMatchObject({ spec: { nodeAffinity: { required: { nodeSelectorTerms: terms } } } });
  });

  it.each([
    ['an update', volume(), { operation: 'UPDATE' }],
    ['a status', volume(), { subResource: 'status' }],
    ['another resource', volume(), { resource: { group: '', version: 'v1', resource: 'pods' } }],
    ['what says nothing about its storage', volume({}, {}), {}],
    ['what is no object', 'pv', {}],
    ['nothing', undefined, {}],
    [
      'what a provisioner has labelled',
      volume({
        annotations: { 'pv.kubernetes.io/provisioned-by': 'csi.example' },
        labels: { [zone]: 'a-1', [region]: 'a' },
      }),
      {},
    ],
  ] as const)('asks the cloud nothing about %s', async (_, object, change) => {
    expect(await label(object, placed, change)).toMatchObject({
      asked: [],
      verdict: { kind: 'allowed' },
      after: object,
    });
  });

  it('leaves the volumes of others as they are', async () => {
    expect((await label(volume(), { kind: 'foreign' })).verdict).toEqual({ kind: 'allowed' });
  });

  it('refuses a volume that the cloud does not have', async () => {
    const { verdict } = await label(volume(), { kind: 'absent', statement: 'there is no vol-1' });
    expect(verdict).toEqual({
      kind: 'refused',
      message: 'the cloud does not have the volume of the PersistentVolume pv-1: there is no vol-1',
    });
  });
});
