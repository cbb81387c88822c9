import type { Node } from '../api/node.ts';
import type { KubernetesObject } from '../api/object-meta.ts';
import type { Service } from '../api/service.ts';
import { type LabelSelector, matchesLabels } from '../base/label-selector.ts';
import type { OwnershipSettings } from '../config/ownership-settings.ts';
import type { Store } from '../kube/informer/informer.ts';

/** A selector that fits none of so many objects. */
export interface IdleSelector {
  readonly flag: '--manage-nodes' | '--manage-services';
  readonly objects: number;
}

/**
 * The flags whose selectors fit nothing that is there, though something is. That is more often a slip of the pen than meant,
 * and it is quiet: nothing fails, nothing is done, and load balancers lose their backends.
 *
 * @param stores those that are followed; what nobody follows is not judged
 */
export function idleSelectors(
  ownership: OwnershipSettings,
  stores: { readonly nodes: Store<Node> | undefined; readonly services: Store<Service> | undefined },
): readonly IdleSelector[] {
  const nodes = [...(stores.nodes?.list() ?? [])];
  const services = [...(stores.services?.list() ?? [])].filter(({ spec }) => spec.type === 'LoadBalancer');
  const idle: IdleSelector[] = [];
  if (isIdle(ownership.nodes, nodes)) idle.push({ flag: '--manage-nodes', objects: nodes.length });
  if (isIdle(ownership.services, services)) idle.push({ flag: '--manage-services', objects: services.length });
  return idle;
}

function isIdle(selector: LabelSelector | undefined, objects: readonly KubernetesObject[]): boolean {
  if (!selector || objects.length === 0) return false;
  return !objects.some(({ metadata }) => matchesLabels(selector, metadata.labels));
}
