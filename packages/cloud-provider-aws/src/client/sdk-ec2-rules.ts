import type { IpPermission } from '@aws-sdk/client-ec2';
import type { IngressRule } from './ec2-port.ts';

/** Each source of a permission by itself. */
export function readRules(permission: IpPermission): IngressRule[] {
  const base = {
    protocol: permission.IpProtocol ?? '',
    fromPort: permission.FromPort ?? -1,
    toPort: permission.ToPort ?? -1,
  };
  return [
    ...(permission.IpRanges ?? []).map((range) => ({
      ...base,
      cidr: range.CidrIp ?? '',
      description: range.Description ?? '',
    })),
    ...(permission.Ipv6Ranges ?? []).map((range) => ({
      ...base,
      cidr: range.CidrIpv6 ?? '',
      description: range.Description ?? '',
    })),
    ...(permission.UserIdGroupPairs ?? []).map((pair) => ({
      ...base,
      cidr: pair.GroupId ?? '',
      description: pair.Description ?? '',
    })),
    ...(permission.PrefixListIds ?? []).map((list) => ({
      ...base,
      cidr: list.PrefixListId ?? '',
      description: list.Description ?? '',
    })),
  ];
}

/** Sources of the same protocol and ports share one permission, as EC2 groups them in its answers. */
export function writeRules(rules: readonly IngressRule[]): IpPermission[] {
  const grouped = Map.groupBy(rules, (rule) => `${rule.protocol} ${rule.fromPort} ${rule.toPort}`);
  return [...grouped.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const sources = Map.groupBy(group, ({ cidr }) => sourceOf(cidr));
    const describe = ({ description }: IngressRule): { Description?: string } =>
      description === '' ? {} : { Description: description };
    const ipv4 = sources.get('ipv4')?.map((rule) => ({ CidrIp: rule.cidr, ...describe(rule) }));
    const ipv6 = sources.get('ipv6')?.map((rule) => ({ CidrIpv6: rule.cidr, ...describe(rule) }));
    const groups = sources.get('group')?.map((rule) => ({ GroupId: rule.cidr, ...describe(rule) }));
    const lists = sources.get('prefix-list')?.map((rule) => ({ PrefixListId: rule.cidr, ...describe(rule) }));
    return [
      {
        IpProtocol: first.protocol,
        // Every protocol has every port.
        ...(first.protocol === '-1' ? {} : { FromPort: first.fromPort, ToPort: first.toPort }),
        ...(ipv4 === undefined ? {} : { IpRanges: ipv4 }),
        ...(ipv6 === undefined ? {} : { Ipv6Ranges: ipv6 }),
        ...(groups === undefined ? {} : { UserIdGroupPairs: groups }),
        ...(lists === undefined ? {} : { PrefixListIds: lists }),
      },
    ];
  });
}

function sourceOf(cidr: string): 'ipv4' | 'ipv6' | 'group' | 'prefix-list' {
  if (cidr.startsWith('sg-')) return 'group';
  if (cidr.startsWith('pl-')) return 'prefix-list';
  return cidr.includes(':') ? 'ipv6' : 'ipv4';
}
