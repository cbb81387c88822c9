import { type Refusal, type ServiceRequest, sourceRangesAnnotation } from '@ccm-ts/cloud-provider';
import { BlockList } from 'node:net';

/** From the spec, else from the annotation, else everybody. */
export function sourceRanges({
  service,
}: Pick<ServiceRequest, 'service'>): { readonly kind: 'ranges'; readonly cidrs: readonly string[] } | Refusal {
  const { loadBalancerSourceRanges } = service.spec;
  const annotation = service.metadata.annotations[sourceRangesAnnotation]?.trim() ?? '';
  const fromSpec = loadBalancerSourceRanges.length > 0;
  const texts = fromSpec ? loadBalancerSourceRanges : annotation === '' ? ['0.0.0.0/0'] : annotation.split(',');
  const cidrs: string[] = [];
  for (const text of texts) {
    const cidr = maskedRange(text.trim());
    if (cidr === undefined) {
      const field = fromSpec ? 'spec.loadBalancerSourceRanges' : sourceRangesAnnotation;
      return {
        kind: 'refusal',
        reason: 'InvalidSourceRange',
        field,
        value: text,
        fix: 'write ranges such as 192.0.2.0/24',
      };
    }
    cidrs.push(cidr);
  }
  return { kind: 'ranges', cidrs: [...new Set(cidrs)].sort() };
}

/**
 * Refuses ranges that nothing would enforce: whoever writes them believes that everybody else is kept out. Everybody may be let
 * in without a word.
 *
 * @param loss why nothing enforces them, and what to do; undefined when something does
 */
export function refuseLostRanges(
  { service }: Pick<ServiceRequest, 'service'>,
  cidrs: readonly string[],
  loss: string | undefined,
): Refusal | undefined {
  if (loss === undefined || areEverybody(cidrs)) return undefined;
  const isInSpec = service.spec.loadBalancerSourceRanges.length > 0;
  const field = isInSpec ? 'spec.loadBalancerSourceRanges' : sourceRangesAnnotation;
  return { kind: 'refusal', reason: 'UnsupportedSourceRanges', field, value: cidrs.join(','), fix: loss };
}

/** Everybody, by family. */
export const everybody = { ipv4: '0.0.0.0/0', ipv6: '::/0' } as const;

/** Whether the ranges restrict nobody: those of one family are as good as those of both. */
export function areEverybody(cidrs: readonly string[]): boolean {
  return cidrs.every((cidr) => cidr === everybody.ipv4 || cidr === everybody.ipv6);
}

/** The range as EC2 keeps it, without the bits behind its mask; undefined when it is none. */
function maskedRange(text: string): string | undefined {
  const match = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(text);
  const [, address = '', bits = ''] = match ?? [];
  const family = address.includes(':') ? 'ipv6' : 'ipv4';
  try {
    // Throws for what is not an address or not a length of a mask.
    new BlockList().addSubnet(address, Number(bits), family);
  } catch {
    return undefined;
  }
  return family === 'ipv6' ? text.toLowerCase() : `${maskIPv4(address, Number(bits))}/${Number(bits)}`;
}

function maskIPv4(address: string, bits: number): string {
  const value = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - bits);
  const masked = Math.floor(value / size) * size;
  return [24, 16, 8, 0].map((shift) => Math.floor(masked / 2 ** shift) % 256).join('.');
}
