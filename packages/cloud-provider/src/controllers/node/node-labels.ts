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

/** Each stable label with the beta label that still goes with it. */
const labelPairs = [
  { stable: instanceTypeLabel, beta: betaInstanceTypeLabel, value: (m: InstanceMetadata) => m.instanceType },
  { stable: zoneLabel, beta: betaZoneLabel, value: (m: InstanceMetadata) => m.zone },
  { stable: regionLabel, beta: betaRegionLabel, value: (m: InstanceMetadata) => m.region },
] as const;

/** Domains that belong to Kubernetes; a cloud's additional labels may not speak for it. */
const reservedDomain = /(^|\.)(kubernetes|k8s)\.io\//;

/** What is known about the additional labels of one Node besides what it shows. */
export interface LabelHistory {
  /** Keys that we wrote, now or before. */
  readonly ours: ReadonlySet<string>;
  /** Labels that somebody else set to these values against the cloud's. */
  readonly foreign: Labels;
}

/** How the labels of a Node are to be, in the form of a server-side apply. */
export interface LabelIntent {
  /** All that the cloud says, and only that: what was applied before and is not among it goes. */
  readonly labels: Labels;
  /** Labels of ours that the cloud does not give any more. */
  readonly stale: readonly string[];
}

/** Whether the label says where and what the machine is: what the cloud's manager alone can know. */
export function isTopologyLabel(key: string): boolean {
  return labelPairs.some(({ stable, beta }) => key === stable || key === beta);
}

/** The topology labels that are to be written; see {@link topologyLabels}. */
export function changedTopologyLabels(present: Labels, metadata: InstanceMetadata): Labels {
  return Object.fromEntries(
    Object.entries(topologyLabels(present, metadata)).filter(([key, value]) => present[key] !== value),
  );
}

/**
 * The additional labels that a Node does not have. While it is initialised, a label that is there already belongs to
 * somebody else and stays, as in the Go managers.
 */
export function newAdditionalLabels(present: Labels, metadata: InstanceMetadata): Labels {
  return Object.fromEntries(
    Object.entries(allowedAdditionalLabels(metadata.additionalLabels)).filter(([key]) => present[key] === undefined),
  );
}

/** How the labels of an initialised Node are to be; undefined when they are so. Pure. */
export function planLabels(
  present: Labels,
  metadata: InstanceMetadata,
  history: LabelHistory,
): LabelIntent | undefined {
  const additional = allowedAdditionalLabels(metadata.additionalLabels);
  const isForeign = (key: string): boolean =>
    history.foreign[key] !== undefined && history.foreign[key] === present[key];
  const labels = {
    ...Object.fromEntries(Object.entries(additional).filter(([key]) => !isForeign(key))),
    ...topologyLabels(present, metadata),
  };
  const stale = [...history.ours].filter(
    (key) => present[key] !== undefined && additional[key] === undefined && isAdditionalLabel(key) && !isForeign(key),
  );
  const isTrue = Object.entries(labels).every(([key, value]) => present[key] === value);
  return isTrue && stale.length === 0 ? undefined : { labels, stale };
}

/** Labels of a Node that the cloud may have given once and does not give now: whose they are is to be found out. */
export function unexplainedLabels(present: Labels, metadata: InstanceMetadata): readonly string[] {
  return Object.keys(present).filter((key) => isAdditionalLabel(key) && metadata.additionalLabels[key] === undefined);
}

/**
 * The machine's type, zone and region. Whatever the cloud leaves empty stays as it is, except that a stable label follows
 * its beta label then, as in the Go managers.
 */
function topologyLabels(present: Labels, metadata: InstanceMetadata): Labels {
  const labels: Record<string, string> = {};
  for (const { stable, beta, value } of labelPairs) {
    const given = value(metadata);
    const wanted = isLabel(stable, given) ? given : '';
    const betaValue = wanted === '' ? present[beta] : wanted;
    const stableValue = betaValue ?? present[stable];
    if (betaValue !== undefined) labels[beta] = betaValue;
    if (stableValue !== undefined) labels[stable] = stableValue;
  }
  return labels;
}

/** Whether a stable label is missing or differs while its beta label is there: somebody touched one of them. */
export function hasLabelDisagreement(labels: Labels): boolean {
  return labelPairs.some(({ stable, beta }) => labels[beta] !== undefined && labels[stable] !== labels[beta]);
}

/**
 * What of a cloud's labels can't be a label, as `key=value`. Such a one is left out: the API server would refuse it, and the
 * whole Node with it.
 */
export function unusableLabels(metadata: InstanceMetadata): readonly string[] {
  const topology = labelPairs.map(({ stable, value }) => [stable, value(metadata)] as const);
  const additional = Object.entries(metadata.additionalLabels).filter(([key]) => isAdditionalLabel(key));
  return [...topology, ...additional]
    .filter(([key, value]) => !isLabel(key, value))
    .map(([key, value]) => `${key}=${value}`);
}

/** The additional labels that a cloud may set: those outside Kubernetes' own domains. */
function allowedAdditionalLabels(additional: Labels): Labels {
  return Object.fromEntries(
    Object.entries(additional).filter(([key, value]) => isAdditionalLabel(key) && isLabel(key, value)),
  );
}

/** Whether a cloud may give the label besides those of topology and type. */
export function isAdditionalLabel(key: string): boolean {
  return !reservedDomain.test(key) && !isTopologyLabel(key);
}

const labelName = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const labelDomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Source: k8s.io/apimachinery pkg/util/validation, IsQualifiedName and IsValidLabelValue. */
function isLabel(key: string, value: string): boolean {
  const slash = key.indexOf('/');
  const domain = slash < 0 ? undefined : key.slice(0, slash);
  const isDomain = domain === undefined || (domain.length <= 253 && labelDomain.test(domain));
  return isDomain && labelName.test(key.slice(slash + 1)) && (value === '' || labelName.test(value));
}
