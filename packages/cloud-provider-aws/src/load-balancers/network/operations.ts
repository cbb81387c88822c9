import type { Operation } from '@ccm-ts/cloud-provider';
import type { CreateSecurityGroup, IngressRule } from '../../client/ec2-port.ts';
import type {
  AddressType,
  Attributes,
  CreateLoadBalancer,
  CreateTargetGroup,
  HealthCheckChange,
  ListenerTls,
  SubnetChange,
  Target,
} from '../../client/elbv2-port.ts';
import type { Tags } from '../../cluster-tags.ts';

/** What is sent to AWS. Objects that an earlier operation of the plan creates are named, as their ARNs are not known yet. */
export type NetworkAction =
  | {
      readonly kind: 'create-load-balancer';
      readonly input: CreateLoadBalancer;
      /** Besides those of the input. */
      readonly groups: 'given' | 'own';
    }
  | {
      readonly kind: 'set-security-groups';
      readonly arn: string;
      readonly groups: { readonly kind: 'given'; readonly ids: readonly string[] } | { readonly kind: 'own' };
    }
  | { readonly kind: 'set-address-type'; readonly arn: string; readonly addressType: AddressType }
  | { readonly kind: 'set-subnets'; readonly arn: string; readonly change: SubnetChange }
  | { readonly kind: 'modify-load-balancer-attributes'; readonly attributes: Attributes }
  | { readonly kind: 'modify-target-group-attributes'; readonly targetGroup: string; readonly attributes: Attributes }
  | { readonly kind: 'add-tags'; readonly arns: readonly string[]; readonly tags: Tags }
  | { readonly kind: 'create-security-group'; readonly input: CreateSecurityGroup }
  | { readonly kind: 'delete-security-group'; readonly id: string }
  | { readonly kind: 'delete-load-balancer'; readonly arn: string }
  | { readonly kind: 'create-target-group'; readonly input: CreateTargetGroup }
  | { readonly kind: 'modify-health-check'; readonly targetGroup: string; readonly change: HealthCheckChange }
  | { readonly kind: 'delete-target-group'; readonly arn: string }
  | { readonly kind: 'register-targets'; readonly targetGroup: string; readonly targets: readonly Target[] }
  | { readonly kind: 'deregister-targets'; readonly targetGroup: string; readonly targets: readonly Target[] }
  | {
      readonly kind: 'create-listener';
      readonly port: number;
      readonly protocol: string;
      readonly targetGroup: string;
      readonly tls: ListenerTls | undefined;
      readonly tags: Tags;
    }
  | {
      readonly kind: 'modify-listener';
      readonly arn: string;
      readonly targetGroup?: string;
      readonly tls?: ListenerTls;
    }
  | { readonly kind: 'delete-listener'; readonly arn: string }
  /** Makes what of `wanted` the group lacks when it is sent; nothing when it lacks nothing. */
  | NodeRulesAction<'authorize-rules'>
  /** Removes what of the load balancer's rules is not `wanted` when it is sent. */
  | NodeRulesAction<'revoke-rules'>
  /** The same for the load balancer's own group, whose rules are all its own. */
  | {
      readonly kind: 'authorize-own-rules' | 'revoke-own-rules';
      readonly wanted: readonly IngressRule[];
    };

export interface NodeRulesAction<Kind extends string> {
  readonly kind: Kind;
  readonly groupID: string;
  readonly wanted: readonly IngressRule[];
  /** The port of the health check that load balancers share; undefined when each has its own. */
  readonly sharedHealthPort: number | undefined;
}

/** A write that concerns one network load balancer. */
export interface NetworkOperation extends Operation {
  readonly action: NetworkAction;
}
