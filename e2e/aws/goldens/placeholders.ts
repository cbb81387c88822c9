import { createHash } from 'node:crypto';
import { DescribeInstancesCommand, DescribeSecurityGroupsCommand } from '@aws-sdk/client-ec2';
import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { type GoldenCloud, given, goldenCluster } from './golden-cloud.ts';

/** Names for what each run calls otherwise, as the cases have them. Remembers what is gone. */
export class Placeholders {
  readonly #cloud: GoldenCloud;
  readonly #names = new Map<string, string>();

  constructor(cloud: GoldenCloud) {
    this.#cloud = cloud;
  }

  /** Looks for what has appeared. */
  async learn(serviceUIDs: ReadonlyMap<string, string>): Promise<void> {
    const { ec2, elbv2, ids } = this.#cloud;
    for (const [name, id] of ids) this.#names.set(id, `<${name}>`);
    const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({}));
    for (const { GroupId, GroupName } of SecurityGroups) {
      if (!this.#names.has(given(GroupId))) this.#names.set(given(GroupId), `<sg:${GroupName}>`);
    }
    const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({}));
    for (const { InstanceId, PublicIpAddress: address } of Reservations.flatMap(({ Instances = [] }) => Instances)) {
      const machine = [...ids].find(([name, id]) => name.startsWith('i:') && id === InstanceId)?.[0].slice(2);
      if (machine === undefined || address === undefined) continue;
      this.#names.set(address, `<public-ip:${machine}>`);
      this.#names.set(`ec2-${address.replaceAll('.', '-')}`, `ec2-<public-ip:${machine}>`);
    }
    const { LoadBalancers = [] } = await elbv2.send(new DescribeLoadBalancersCommand({}));
    for (const { LoadBalancerArn } of LoadBalancers) {
      this.#names.set(given(given(LoadBalancerArn).split('/').at(-1)), '<lb-id>');
      const { Listeners = [] } = await elbv2.send(
        new DescribeListenersCommand({ LoadBalancerArn: given(LoadBalancerArn) }),
      );
      for (const { ListenerArn, Port } of Listeners) {
        this.#names.set(given(given(ListenerArn).split('/').at(-1)), `<listener-${Port}>`);
      }
    }
    const { TargetGroups = [] } = await elbv2.send(new DescribeTargetGroupsCommand({}));
    for (const { TargetGroupArn, TargetGroupName } of TargetGroups) {
      this.#names.set(given(TargetGroupArn), `<tg:${TargetGroupName}>`);
    }
    for (const [service, uid] of serviceUIDs) {
      this.#names.set(`a${uid.replaceAll('-', '')}`.slice(0, 32), `<lb:${service}>`);
      this.#names.set(uid, `<uid:${service}>`);
      this.#names.set(managedGroupName(service, uid), `<nlb-sg:${service}>`);
    }
  }

  put<Value>(value: Value): Value {
    const known = [...this.#names.keys()].sort((a, b) => b.length - a.length);
    const pattern = new RegExp(known.map((each) => each.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|') || '$^', 'g');
    const replaced = (text: string): string => text.replace(pattern, (found) => this.#names.get(found) ?? found);
    // A name may hold another one.
    const text = replaced(replaced(JSON.stringify(value)))
      .replace(/(request ?id: ?)[0-9a-zA-Z-]{8,}/gi, '$1<request-id>')
      .replace(/127\.0\.0\.1:\d+/g, '<endpoint>')
      .replace(/\bsgr-[0-9a-f]+/g, '<sgr>')
      .replace(/\beni-[0-9a-f]+/g, '<eni>')
      .replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*Z?/g, '<time>');
    return JSON.parse(text) as Value;
  }
}

/** The group of a network load balancer's own. @param service as `namespace/name` */
export function managedGroupName(service: string, uid: string): string {
  const [namespace = '', name = ''] = service.split('/');
  const short = (text: string): string => text.replace(/[^a-zA-Z0-9]/g, '').slice(0, 8);
  const hash = createHash('sha256').update(`${goldenCluster}${name}${namespace}${uid}`).digest('hex').slice(0, 10);
  return `k8s-${short(namespace)}-${short(name)}-${hash}`;
}
