import type { Clock } from '@ccm-ts/cloud-provider';
import { AgedRead } from '../../aged.ts';
import type { ClassicLoadBalancer } from '../../client/classic-elb-port.ts';
import type { LoadBalancer } from '../../client/elbv2-port.ts';
import type { AwsClients } from '../../client/sdk-clients.ts';
import { LoadBalancerFinder } from './load-balancer-finder.ts';
import { SecurityGroupLedger } from './security-group-ledger.ts';
import { TagReader } from './tag-reader.ts';
import { TargetGroupReader } from './target-group-reader.ts';

export interface AccountReadsOptions {
  readonly clients: Pick<AwsClients, 'ec2' | 'elb' | 'elbv2'>;
  readonly clock: Clock;
}

/** What is read of the whole account: the kinds of load balancers and the search for what is left over share it. */
export class AccountReads {
  readonly networkLoadBalancers: LoadBalancerFinder<LoadBalancer>;
  readonly classicLoadBalancers: LoadBalancerFinder<ClassicLoadBalancer>;
  readonly targetGroups: TargetGroupReader;
  readonly securityGroups: SecurityGroupLedger;
  readonly tags: TagReader;

  constructor({ clients: { ec2, elb, elbv2 }, clock }: AccountReadsOptions) {
    const read = <Value>(list: ConstructorParameters<typeof AgedRead<Value>>[0]['read']): AgedRead<Value> =>
      new AgedRead({ clock, read: list });
    this.networkLoadBalancers = new LoadBalancerFinder({
      find: (name, call) => elbv2.findLoadBalancer(name, call),
      all: read((call) => elbv2.listLoadBalancers(call)),
    });
    this.classicLoadBalancers = new LoadBalancerFinder({
      find: (name, call) => elb.findLoadBalancer(name, call),
      all: read((call) => elb.listLoadBalancers(call)),
    });
    this.targetGroups = new TargetGroupReader({ elbv2, clock });
    this.securityGroups = new SecurityGroupLedger({ ec2, clock });
    this.tags = new TagReader(elbv2);
  }
}
