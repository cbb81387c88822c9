import { isIPv4, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';

export type IPFamily = 'IPv4' | 'IPv6';

/** A range of addresses. A value: two of them are the same range exactly when their texts are equal. */
export interface Cidr {
  readonly family: IPFamily;
  /** The first address of the range as a number. */
  readonly first: bigint;
  /** The length of the prefix in bits. */
  readonly prefix: number;
  /** As Go prints it: host bits dropped, RFC 5952. */
  readonly text: string;
}

const widths: Readonly<Record<IPFamily, number>> = { IPv4: 32, IPv6: 128 };

/** How many bits an address of the family has. */
export function addressWidth(family: IPFamily): number {
  return widths[family];
}

/** Reads `10.0.0.0/8`, `2001:db8::/32`. Host bits are dropped; undefined when the text is no range. */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  if (slash < 0) return undefined;
  const address = text.slice(0, slash);
  const length = text.slice(slash + 1);
  // Zones name a link of one machine; a range of a cluster has none.
  const family = isIPv4(address) ? 'IPv4' : isIPv6(address) && !address.includes('%') ? 'IPv6' : undefined;
  if (family === undefined || !/^(?:0|[1-9]\d{0,2})$/.test(length)) return undefined;
  const prefix = Number(length);
  if (prefix > widths[family]) return undefined;
  const number = ipaddr
    .parse(address)
    .toByteArray()
    .reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return cidrOf(family, number, prefix);
}

/** The range of that prefix length which the address is in. */
export function cidrOf(family: IPFamily, address: bigint, prefix: number): Cidr {
  const hostBits = BigInt(widths[family] - prefix);
  const first = (address >> hostBits) << hostBits;
  return { family, first, prefix, text: `${formatAddress(family, first)}/${prefix}` };
}

/** The last address of the range as a number. */
export function lastAddress(cidr: Cidr): bigint {
  return cidr.first + (1n << BigInt(widths[cidr.family] - cidr.prefix)) - 1n;
}

/** Whether every address of `inner` is in `outer`. */
export function containsCidr(outer: Cidr, inner: Cidr): boolean {
  if (outer.family !== inner.family || inner.prefix < outer.prefix) return false;
  const hostBits = BigInt(widths[outer.family] - outer.prefix);
  return inner.first >> hostBits === outer.first >> hostBits;
}

/** Whether the ranges have an address in common. Of two ranges that do, one contains the other. */
export function overlapsCidr(left: Cidr, right: Cidr): boolean {
  return containsCidr(left, right) || containsCidr(right, left);
}

function formatAddress(family: IPFamily, address: bigint): string {
  const bytes = Array.from({ length: widths[family] / 8 }, (_, index) =>
    Number((address >> BigInt(widths[family] - 8 * (index + 1))) & 0xffn),
  );
  return family === 'IPv4' ? bytes.join('.') : new ipaddr.IPv6(bytes).toRFC5952String();
}
