import type { Operation } from '@ccm-ts/cloud-provider';
import type {
  AttributeChange,
  ClassicHealthCheck,
  ClassicListener,
  ClassicPolicy,
  CreateClassicLoadBalancer,
  PolicyTarget,
} from '../../client/classic-elb-port.ts';
import type { CreateSecurityGroup, IngressRule } from '../../client/ec2-port.ts';
import type { Tags } from '../../cluster-tags.ts';

/** A security group by its id, or the load balancer's own one, whose id may not be known when the plan is made. */
export type GroupReference = { readonly kind: 'own' } | { readonly kind: 'id'; readonly id: string };

/** What is sent to AWS. Load balancers go by their name, so nothing but security groups has to be resolved. */
export type ClassicAction =
  | { readonly kind: 'create-own-group'; readonly input: CreateSecurityGroup }
  | { readonly kind: 'delete-own-group'; readonly groupID: string }
  /** Makes what of `wanted` the own group lacks. */
  | { readonly kind: 'authorize-own-rules'; readonly wanted: readonly IngressRule[] }
  /** Removes what is not `wanted` from the own group. */
  | { readonly kind: 'revoke-own-rules'; readonly wanted: readonly IngressRule[] }
  /** Lets everything from `source` into a group of nodes. */
  | { readonly kind: 'authorize-source'; readonly groupID: string; readonly source: GroupReference }
  | { readonly kind: 'revoke-source'; readonly groupID: string; readonly source: string }
  | {
      readonly kind: 'create-load-balancer';
      readonly input: Omit<CreateClassicLoadBalancer, 'securityGroupIDs'>;
      readonly groups: readonly GroupReference[];
      readonly vpcID: string;
    }
  | { readonly kind: 'delete-load-balancer' }
  | { readonly kind: 'add-tags'; readonly tags: Tags }
  | { readonly kind: 'attach-subnets'; readonly subnetIDs: readonly string[] }
  | { readonly kind: 'detach-subnets'; readonly subnetIDs: readonly string[] }
  | { readonly kind: 'apply-groups'; readonly groups: readonly GroupReference[] }
  | { readonly kind: 'create-listeners'; readonly listeners: readonly ClassicListener[] }
  | { readonly kind: 'delete-listeners'; readonly ports: readonly number[] }
  | { readonly kind: 'create-policy'; readonly policy: ClassicPolicy }
  | { readonly kind: 'set-listener-policies'; readonly target: PolicyTarget }
  | { readonly kind: 'set-backend-policies'; readonly target: PolicyTarget }
  | { readonly kind: 'modify-attributes'; readonly change: AttributeChange }
  | { readonly kind: 'configure-health-check'; readonly check: ClassicHealthCheck }
  | { readonly kind: 'register-instances'; readonly instanceIDs: readonly string[] }
  | { readonly kind: 'deregister-instances'; readonly instanceIDs: readonly string[] };

/** A write that concerns one classic load balancer. */
export interface ClassicOperation extends Operation {
  readonly action: ClassicAction;
}
