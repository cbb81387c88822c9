import {
  betaInstanceTypeLabel,
  betaRegionLabel,
  betaZoneLabel,
  instanceTypeLabel,
  regionLabel,
  zoneLabel,
} from '../../api/well-known.ts';
import type { InstanceMetadata } from '../../cloud/instances.ts';

export type Labels = Readonly<Record<string, string>>;

/** Labels to set, and with null to remove: the form of a patch. */
export type LabelChanges = Readonly<Record<string, string | null>>;

/** Each stable label with the beta label that still goes with it. */
const labelPairs = [
  { stable: instanceTypeLabel, beta: betaInstanceTypeLabel, value: (m: InstanceMetadata) => m.instanceType },
  { stable: zoneLabel, beta: betaZoneLabel, value: (m: InstanceMetadata) => m.zone },
  { stable: regionLabel, beta: betaRegionLabel, value: (m: InstanceMetadata) => m.region },
] as const;

/** Domains that belong to Kubernetes; a cloud's additional labels may not speak for it. */
const reservedDomain = /(^|\.)(kubernetes|k8s)\.io\//;

/**
 * The changes that make a Node's labels agree with the machine's type, zone and region; whatever the cloud leaves empty is
 * left alone, except that a stable label follows its beta label then, as in the Go managers.
 */
export function planTopologyLabels(labels: Labels, metadata: InstanceMetadata): LabelChanges {
  const changes: Record<string, string> = {};
  for (const { stable, beta, value } of labelPairs) {
    const wanted = value(metadata);
    if (wanted !== '') {
      if (labels[stable] !== wanted) changes[stable] = wanted;
      if (labels[beta] !== wanted) changes[beta] = wanted;
      continue;
    }
    const betaValue = labels[beta];
    if (betaValue !== undefined && labels[stable] !== betaValue) changes[stable] = betaValue;
  }
  return changes;
}

/** Whether a stable label is missing or differs while its beta label is there: somebody touched one of them. */
export function hasLabelDisagreement(labels: Labels): boolean {
  return labelPairs.some(({ stable, beta }) => labels[beta] !== undefined && labels[stable] !== labels[beta]);
}

/** The additional labels that a cloud may set: those outside Kubernetes' own domains. */
export function allowedAdditionalLabels(additional: Labels): Labels {
  return Object.fromEntries(Object.entries(additional).filter(([key]) => !reservedDomain.test(key)));
}

/**
 * The changes for additional labels. A label that is on the Node already and that we did not write belongs to somebody else
 * and stays.
 *
 * @param written the additional labels as they were last seen to be written by us; empty when nothing is known
 */
export function planAdditionalLabels(labels: Labels, wanted: Labels, written: Labels): LabelChanges {
  const changes: Record<string, string | null> = {};
  for (const [key, value] of Object.entries(wanted)) {
    const present = labels[key];
    const isOurs = present === undefined || present === written[key];
    if (isOurs && present !== value) changes[key] = value;
  }
  for (const [key, value] of Object.entries(written)) {
    if (wanted[key] === undefined && labels[key] === value) changes[key] = null;
  }
  return changes;
}
