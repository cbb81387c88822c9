import type { VolumeRef, VolumeSource } from '../../cloud/volumes.ts';
import { isJsonObject } from './json-object.ts';

/** What the labeler reads of a PersistentVolume. */
export interface PersistentVolume {
  readonly labels: Readonly<Record<string, string>> | undefined;
  readonly annotations: Readonly<Record<string, string>>;
  /** Undefined when it says nothing about its storage. */
  readonly ref: VolumeRef | undefined;
  readonly affinity: VolumeAffinity;
}

/** How far `spec.nodeAffinity.required.nodeSelectorTerms` is there. */
export type VolumeAffinity =
  | { readonly kind: 'none' }
  /** `nodeAffinity` without terms. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'terms'; readonly terms: readonly SelectorTerm[] };

export interface SelectorTerm {
  /** The keys of its `matchExpressions`; undefined when it has no such list. */
  readonly keys: readonly string[] | undefined;
}

/** Objects in `spec` that are no source. */
const otherFields: ReadonlySet<string> = new Set(['capacity', 'claimRef', 'nodeAffinity', 'csi']);

/** Reads an object of JSON; undefined for what is no PersistentVolume. */
export function readPersistentVolume(object: unknown): PersistentVolume | undefined {
  if (!isJsonObject(object)) return undefined;
  const { metadata, spec } = object;
  if (!isJsonObject(metadata) || !isJsonObject(spec)) return undefined;
  const source = sourceOf(spec);
  const name = typeof metadata['name'] === 'string' ? metadata['name'] : '';
  return {
    labels: isJsonObject(metadata['labels']) ? textsOf(metadata['labels']) : undefined,
    annotations: textsOf(metadata['annotations']),
    ref: source && { name, source },
    affinity: affinityOf(spec['nodeAffinity']),
  };
}

function sourceOf(spec: Readonly<Record<string, unknown>>): VolumeSource | undefined {
  const { csi } = spec;
  if (isJsonObject(csi)) {
    const { driver, volumeHandle: handle } = csi;
    if (typeof driver === 'string' && typeof handle === 'string') return { kind: 'csi', driver, handle };
  }
  for (const [field, values] of Object.entries(spec)) {
    if (isJsonObject(values) && !otherFields.has(field)) return { kind: 'field', field, values };
  }
  return undefined;
}

function affinityOf(affinity: unknown): VolumeAffinity {
  if (!isJsonObject(affinity)) return { kind: 'none' };
  const required = affinity['required'];
  const terms = isJsonObject(required) ? required['nodeSelectorTerms'] : undefined;
  if (!Array.isArray(terms) || terms.length === 0) return { kind: 'empty' };
  return {
    kind: 'terms',
    terms: terms.map((term: unknown) => ({ keys: isJsonObject(term) ? keysOf(term) : undefined })),
  };
}

function keysOf(term: Readonly<Record<string, unknown>>): readonly string[] | undefined {
  const expressions = term['matchExpressions'];
  if (!Array.isArray(expressions)) return undefined;
  return expressions.map((each: unknown) => (isJsonObject(each) && typeof each['key'] === 'string' ? each['key'] : ''));
}

function textsOf(value: unknown): Readonly<Record<string, string>> {
  if (!isJsonObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
