import { ConfigError, type ConfigFault, type ProviderConfigInput, type ProviderFlag } from '@ccm-ts/cloud-provider';
import type { Tags } from '../cluster-tags.ts';

/** The name in `--controllers`. */
export const taggingControllerName = 'tagging';

/** The Go manager's flags (kubernetes/cloud-provider-aws v1.36, pkg/controllers/options/tagging_controller.go). */
export const taggingFlags = {
  tags: {
    kind: 'map',
    default: {},
    help: 'The tags that the tagging controller puts on resources of the cluster, as key=value. Required by it.',
  },
  resources: {
    kind: 'list',
    default: [],
    help: 'The resources that the tagging controller tags; there is instance. Required by it.',
  },
  'tagging-controller-rate-limit': {
    kind: 'float',
    default: 0,
    help: 'Nodes a second that the tagging controller works on; 0, or no burst limit, for no limit.',
  },
  'tagging-controller-burst-limit': {
    kind: 'int',
    default: 0,
    help: 'Nodes that the tagging controller works on at once under --tagging-controller-rate-limit.',
  },
  'tagging-controller-concurrent-node-syncs': {
    kind: 'int',
    default: 1,
    help: 'Calls of the tagging controller that are made at once.',
  },
  'tagging-controller-enable-batching': {
    kind: 'bool',
    default: false,
    help: 'Accepted without effect: nodes that come together always share a call.',
  },
} as const satisfies Readonly<Record<string, ProviderFlag>>;

/** What is tagged with what. */
export interface TaggingSettings {
  readonly tags: Tags;
  readonly concurrency: number;
  /** Undefined for no limit. */
  readonly limit: { readonly perSecond: number; readonly burst: number } | undefined;
}

/**
 * Reads the flags; undefined when the controller is switched off.
 * @throws ConfigError as the Go manager ends, with all faults
 */
export function readTaggingSettings(input: ProviderConfigInput): TaggingSettings | undefined {
  if (input.controllers?.includes(taggingControllerName) !== true) return undefined;
  const values = { ...defaults(), ...Object.fromEntries(input.flags ?? []) };
  const faults: ConfigFault[] = [];
  const fault = (flag: string, value: string, fix: string): void =>
    void faults.push({ file: '', field: `--${flag}`, value, fix });
  const tags = asTags(values.tags);
  if (Object.keys(tags).length === 0) fault('tags', '', 'write the tags for instances, as in --tags=team=a,cost=7');
  const resources = Array.isArray(values.resources) ? values.resources.map(String) : [];
  if (resources.length === 0) fault('resources', '', 'write --resources=instance');
  const unknown = resources.filter((resource) => resource !== 'instance');
  if (unknown.length > 0)
    fault('resources', unknown.join(','), 'only instance can be tagged: write --resources=instance');
  const perSecond = asNumber(values['tagging-controller-rate-limit']);
  const burst = asNumber(values['tagging-controller-burst-limit']);
  const concurrency = asNumber(values['tagging-controller-concurrent-node-syncs']);
  if (perSecond < 0) fault('tagging-controller-rate-limit', String(perSecond), 'write 0 or more');
  if (burst < 0) fault('tagging-controller-burst-limit', String(burst), 'write 0 or more');
  if (concurrency < 1) fault('tagging-controller-concurrent-node-syncs', String(concurrency), 'write 1 or more');
  if (faults.length > 0) throw new ConfigError(faults);
  return { tags, concurrency, limit: perSecond > 0 && burst > 0 ? { perSecond, burst } : undefined };
}

function defaults(): Record<string, unknown> {
  return Object.fromEntries(Object.entries(taggingFlags).map(([name, flag]) => [name, flag.default]));
}

function asTags(value: unknown): Tags {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([key, tag]) => [key, String(tag)]));
}

function asNumber(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
