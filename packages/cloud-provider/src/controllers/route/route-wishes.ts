import type { Node } from '../../api/node.ts';
import { type Cidr, parseCidr } from '../../base/cidr.ts';
import type { RouteWishes } from '../../cloud/compare-routes.ts';
import type { Route, RouteTarget, TargetedRoute } from '../../cloud/routes.ts';
import type { IsOwnNode } from '../own-nodes.ts';

/** A range of a node that can't get a route, whatever the cloud has. */
export interface RangeFault {
  readonly cidr: string;
  /** Names field, value and fix. */
  readonly message: string;
}

/** What one node wants of the cloud's tables. */
export type NodeWish =
  /** It has ranges and a machine. */
  | {
      readonly kind: 'routed';
      readonly node: Node;
      readonly routes: readonly TargetedRoute[];
      readonly faults: readonly RangeFault[];
    }
  /** It has no ranges. `target` is where old routes to it would lead. */
  | { readonly kind: 'bare'; readonly node: Node; readonly target: string }
  /** Its machine is not ours, or not known yet: neither its routes nor its condition are touched. */
  | { readonly kind: 'handsOff'; readonly node: Node; readonly reason: string };

export interface DecidedWishes {
  readonly wishes: RouteWishes;
  readonly nodes: readonly NodeWish[];
}

export interface WishRules {
  readonly targetOf: (route: Route) => RouteTarget;
  readonly clusterCIDRs: readonly Cidr[];
  /** Routes to others are reserved: neither made nor removed. @default all are */
  readonly isOwn?: IsOwnNode;
}

/**
 * The routes that the nodes need. Where two nodes have the same range, the older one has it: it was there first, and its
 * pods use it. Pure; linear in the number of ranges.
 */
export function decideRouteWishes(nodes: Iterable<Node>, rules: WishRules): DecidedWishes {
  const all = [...nodes];
  const owners = ownersOfRanges(all);
  const wanted: TargetedRoute[] = [];
  const reserved = new Set<string>();
  const wishes = all.map((node) => {
    const wish = decideNode(node, rules, owners);
    if (wish.kind === 'routed') wanted.push(...wish.routes);
    else if (wish.kind === 'handsOff') for (const { text } of rangesOf(node)) reserved.add(text);
    return wish;
  });
  return { wishes: { wanted, reserved, clusterCIDRs: rules.clusterCIDRs }, nodes: wishes };
}

function decideNode(node: Node, rules: WishRules, owners: ReadonlyMap<string, Node>): NodeWish {
  if (rules.isOwn?.(node) === false) return { kind: 'handsOff', node, reason: 'another manager looks after it' };
  const target = rules.targetOf(routeTo(node, ''));
  switch (target.kind) {
    case 'foreign':
      return { kind: 'handsOff', node, reason: 'its machine is not of this cloud' };
    case 'unknown':
      return { kind: 'handsOff', node, reason: target.reason };
    case 'known':
      break;
  }
  if (node.spec.podCIDRs.length === 0) return { kind: 'bare', node, target: target.target };
  const routes: TargetedRoute[] = [];
  const faults: RangeFault[] = [];
  for (const text of new Set(node.spec.podCIDRs)) {
    const cidr = parseCidr(text);
    if (!cidr) {
      const value = JSON.stringify(text);
      faults.push({ cidr: text, message: `spec.podCIDRs: ${value} is no range of addresses such as 10.244.1.0/24` });
      continue;
    }
    const owner = owners.get(cidr.text);
    if (owner && owner.metadata.uid !== node.metadata.uid) {
      const message = `spec.podCIDRs: ${cidr.text} is the range of node ${owner.metadata.name} already; delete one of the two nodes and let it join again`;
      faults.push({ cidr: text, message });
      continue;
    }
    const route = routeTo(node, cidr.text);
    const reached = rules.targetOf(route);
    // A node may be reached in one family of addresses and not in the other.
    if (reached.kind === 'known') routes.push({ ...route, target: reached.target });
    else faults.push({ cidr: cidr.text, message: reached.kind === 'foreign' ? 'not of this cloud' : reached.reason });
  }
  return { kind: 'routed', node, routes: uniqueByRange(routes), faults };
}

function routeTo(node: Node, cidr: string): Route {
  const { name, uid } = node.metadata;
  return { node: name, nodeUID: uid, providerID: node.spec.providerID, cidr, addresses: node.status.addresses };
}

function rangesOf(node: Node): readonly Cidr[] {
  return node.spec.podCIDRs.map(parseCidr).filter((cidr) => cidr !== undefined);
}

function ownersOfRanges(nodes: readonly Node[]): ReadonlyMap<string, Node> {
  const owners = new Map<string, Node>();
  for (const node of nodes) {
    for (const { text } of rangesOf(node)) {
      const rival = owners.get(text);
      if (!rival || isOlder(node, rival)) owners.set(text, node);
    }
  }
  return owners;
}

function isOlder(node: Node, rival: Node): boolean {
  const [own, other] = [node.metadata, rival.metadata];
  if (own.creationTimestamp !== other.creationTimestamp) return own.creationTimestamp < other.creationTimestamp;
  return own.name < other.name;
}

/** One range may be spelled in two ways. */
function uniqueByRange(routes: readonly TargetedRoute[]): readonly TargetedRoute[] {
  return [...new Map(routes.map((route) => [route.cidr, route])).values()];
}
