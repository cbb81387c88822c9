/** The kinds of load balancers that annotations can ask for, by the names of their LoadBalancerKinds. */
export type LoadBalancerKindName = 'classic' | 'network';
