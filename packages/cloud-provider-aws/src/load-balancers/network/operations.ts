import type { Operation } from '@ccm-ts/cloud-provider';
import type { IngressRule } from '../../client/ec2-port.ts';
import type { CreateLoadBalancer, CreateTargetGroup, HealthCheckChange, Target } from '../../client/elbv2-port.ts';
import type { Tags } from '../../cluster-tags.ts';

/** What is sent to AWS. Objects that an earlier operation of the plan creates are named, as their ARNs are not known yet. */
export type NetworkAction =
  | { readonly kind: 'create-load-balancer'; readonly input: CreateLoadBalancer }
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
      readonly tags: Tags;
    }
  | { readonly kind: 'point-listener'; readonly arn: string; readonly targetGroup: string }
  | { readonly kind: 'delete-listener'; readonly arn: string }
  /** Makes what of `wanted` the group lacks when it is sent; nothing when it lacks nothing. */
  | { readonly kind: 'authorize-rules'; readonly groupID: string; readonly wanted: readonly IngressRule[] }
  /** Removes what of the load balancer's rules is not `wanted` when it is sent. */
  | { readonly kind: 'revoke-rules'; readonly groupID: string; readonly wanted: readonly IngressRule[] };

/** A write that concerns one network load balancer. */
export interface NetworkOperation extends Operation {
  readonly action: NetworkAction;
}
