/** What a node's `spec.providerID` says about its machine. */
export type ParsedProviderID =
  | { readonly kind: 'instance'; readonly instanceID: string }
  | { readonly kind: 'fargate'; readonly id: string }
  /** Another provider's, by its scheme. */
  | { readonly kind: 'foreign'; readonly scheme: string }
  /** Of our scheme, or of none, but not of a form that was ever written. */
  | { readonly kind: 'malformed' };

/** The name of the provider and the scheme of its providerIDs. Clusters hold it: it never changes. */
export const providerName = 'aws';

/**
 * The form that nodes get: `aws:///<zone>/<instance id>`. Clusters and autoscalers compare it as text, so it never changes.
 * Source: kubernetes/cloud-provider-aws v1.36, pkg/providers/v1/instances.go.
 */
export function formatProviderID(zone: string, instanceID: string): string {
  return `${providerName}:///${zone}/${instanceID}`;
}

/**
 * Reads every form that was ever written: `aws:///<zone>/<id>`, `aws:////<id>`, a bare `<id>`, and
 * `aws:///<zone>/<x>/fargate-<…>`. The last segment of the path counts.
 */
export function parseProviderID(text: string): ParsedProviderID {
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):\/\//.exec(text);
  if (scheme !== null && scheme[1] !== providerName) return { kind: 'foreign', scheme: scheme[1] ?? '' };
  if (scheme !== null && !text.startsWith(`${providerName}:///`)) return { kind: 'malformed' };
  const last = text.slice(text.lastIndexOf('/') + 1);
  if (last.startsWith('fargate-')) return { kind: 'fargate', id: last };
  return isInstanceID(last) ? { kind: 'instance', instanceID: last } : { kind: 'malformed' };
}

/** Whether the text looks like an instance's id to the Go manager. Deliberately wide: test clusters invent ids. */
function isInstanceID(text: string): boolean {
  return /^i-[^/\s]+$/.test(text);
}

/** Whether EC2 could have given this id to an instance; others it refuses to look up. */
export function isWellFormedInstanceID(id: string): boolean {
  return /^i-(?:[0-9a-f]{8}|[0-9a-f]{17})$/.test(id);
}
