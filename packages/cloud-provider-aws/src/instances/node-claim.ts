import type { NodeClaim } from '@ccm-ts/cloud-provider';
import { providerName } from '../provider-id.ts';

const zoneOfProviderID = new RegExp(`^${providerName}:///([^/]+)/`);

/** Zones bear the name of their region in front, local and Wavelength Zones too: `us-gov-west-1a`, `us-west-2-lax-1a`. */
const regionOfZone = /^[a-z]+(?:-[a-z]+)+-\d+/;

/**
 * A node whose providerID names a zone of another region is another manager's: EC2 would say of this region, and with truth,
 * that it has no such instance. Whatever does not look like a zone decides nothing. Pure.
 */
export function claimByZone(providerID: string, region: string): NodeClaim {
  const zone = zoneOfProviderID.exec(providerID)?.[1] ?? '';
  const written = regionOfZone.exec(zone)?.[0];
  return written === undefined || written === region ? 'open' : 'foreign';
}
