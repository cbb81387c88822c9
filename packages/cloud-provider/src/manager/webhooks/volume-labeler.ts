import { regionLabel, zoneLabel } from '../../api/well-known.ts';
import type { AdmissionVerdict, JsonPatchOperation } from '../../cloud/provider-webhook.ts';
import type { VolumePlace } from '../../cloud/volumes.ts';
import { type PersistentVolume, readPersistentVolume, type SelectorTerm } from './persistent-volume.ts';
import type { Admission } from './admission.ts';

/** Set by what makes volumes for claims, which knows where it made them. Source: pv.kubernetes.io/provisioned-by. */
const provisionedBy = 'pv.kubernetes.io/provisioned-by';
/** Between the zones of a volume that is in several. Source: k8s.io/cloud-provider, volume/helpers. */
const zoneSeparator = '__';

type Placed = Extract<VolumePlace, { kind: 'placed' }>;

/**
 * Labels a new PersistentVolume with its zone and region, and lets it be used there only. What it says of the volumes of
 * others, and of those that a provisioner has labelled, stays as it is. Source: the admission plugin PersistentVolumeLabel
 * of the Go API servers.
 */
export const labelVolume: Admission = async (request, { provider, call }) => {
  const { operation, resource, subResource } = request;
  const isNewVolume = operation === 'CREATE' && resource.resource === 'persistentvolumes' && subResource === '';
  const volume = isNewVolume ? readPersistentVolume(request.object) : undefined;
  if (!volume?.ref || !provider.volumes || isLabelledByProvisioner(volume)) return { kind: 'allowed' };
  const place = await provider.volumes.locate(volume.ref, call);
  switch (place.kind) {
    case 'foreign':
      return { kind: 'allowed' };
    case 'absent':
      return {
        kind: 'refused',
        message: `the cloud does not have the volume of ${nameOf(volume)}: ${place.statement}`,
      };
    case 'placed':
      return verdictFor(volume, place);
  }
};

function nameOf({ ref }: PersistentVolume): string {
  return ref === undefined || ref.name === '' ? 'the PersistentVolume' : `the PersistentVolume ${ref.name}`;
}

function isLabelledByProvisioner({ annotations, labels = {} }: PersistentVolume): boolean {
  return provisionedBy in annotations && zoneLabel in labels && regionLabel in labels;
}

function verdictFor(volume: PersistentVolume, place: Placed): AdmissionVerdict {
  const labels = { [zoneLabel]: place.zones.toSorted().join(zoneSeparator), [regionLabel]: place.region };
  const warnings = Object.entries(labels).flatMap(([key, value]) => {
    const given = volume.labels?.[key];
    return given === undefined || given === value ? [] : [`the label ${key} is ${value} in the cloud, not ${given}`];
  });
  return { kind: 'allowed', patch: [...labelSteps(volume, labels), ...affinitySteps(volume, place)], warnings };
}

function labelSteps(volume: PersistentVolume, labels: Readonly<Record<string, string>>): readonly JsonPatchOperation[] {
  if (!volume.labels) return [{ op: 'add', path: '/metadata/labels', value: labels }];
  return Object.entries(labels)
    .filter(([key, value]) => volume.labels?.[key] !== value)
    .map(([key, value]) => ({ op: 'add', path: `/metadata/labels/${escapePointer(key)}`, value }));
}

/** Terms that speak of zone or region already are somebody's own wish. */
function affinitySteps({ affinity }: PersistentVolume, place: Placed): readonly JsonPatchOperation[] {
  const requirements = [
    { key: zoneLabel, operator: 'In', values: place.zones.toSorted() },
    { key: regionLabel, operator: 'In', values: [place.region] },
  ];
  const required = { nodeSelectorTerms: [{ matchExpressions: requirements }] };
  switch (affinity.kind) {
    case 'none':
      return [{ op: 'add', path: '/spec/nodeAffinity', value: { required } }];
    case 'empty':
      return [{ op: 'add', path: '/spec/nodeAffinity/required', value: required }];
    case 'terms':
      if (affinity.terms.some(speaksOfPlace)) return [];
      return affinity.terms.flatMap(({ keys }, index): readonly JsonPatchOperation[] => {
        const path = `/spec/nodeAffinity/required/nodeSelectorTerms/${index}/matchExpressions`;
        if (!keys) return [{ op: 'add', path, value: requirements }];
        return requirements.map((value) => ({ op: 'add', path: `${path}/-`, value }));
      });
  }
}

function speaksOfPlace({ keys = [] }: SelectorTerm): boolean {
  return keys.includes(zoneLabel) || keys.includes(regionLabel);
}

function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
