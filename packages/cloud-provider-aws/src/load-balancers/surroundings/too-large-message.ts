import type { IngressRule } from '../../client/ec2-port.ts';

/**
 * What lets path MTU discovery through, by the family of who sends it: `fragmentation needed` of ICMP (type 3, code 4) and
 * `packet too big` of ICMPv6 (type 2, code 0). Sources: RFC 1191, RFC 8201.
 */
export function tooLargeMessage(cidr: string): Pick<IngressRule, 'protocol' | 'fromPort' | 'toPort'> {
  return cidr.includes(':')
    ? { protocol: 'icmpv6', fromPort: 2, toPort: 0 }
    : { protocol: 'icmp', fromPort: 3, toPort: 4 };
}
