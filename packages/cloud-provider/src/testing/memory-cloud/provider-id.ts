/** `memory:///<zone>/<id>`. Never to be changed: it is written onto Nodes. */
export interface ProviderID {
  readonly zone: string;
  readonly machineID: string;
}

export const providerName = 'memory';

export function formatProviderID(id: ProviderID): string {
  return `${providerName}:///${id.zone}/${id.machineID}`;
}

/** `foreign` is the id of another cloud, `malformed` one of ours that can't be read. */
export function parseProviderID(
  text: string,
): ({ readonly kind: 'ours' } & ProviderID) | { readonly kind: 'foreign' | 'malformed' } {
  if (!text.startsWith(`${providerName}://`)) return { kind: 'foreign' };
  const match = /^memory:\/\/\/([a-z0-9-]+)\/(m-[0-9a-f]+)$/.exec(text);
  if (match?.[1] === undefined || match[2] === undefined) return { kind: 'malformed' };
  return { kind: 'ours', zone: match[1], machineID: match[2] };
}
