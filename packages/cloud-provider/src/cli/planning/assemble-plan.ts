import type { Node } from '../../api/node.ts';
import { nameKey, objectKey } from '../../api/object-meta.ts';
import type { Service } from '../../api/service.ts';
import { shutdownTaint, uninitializedTaint } from '../../api/well-known.ts';
import { type GuardPolicy, guardOperation, protectAddresses } from '../../cloud/guard.ts';
import type { FieldChange, Operation } from '../../cloud/operation.ts';
import { isProtected } from '../../cloud/service-directives.ts';
import type { ItemStatus } from '../../controllers/controller.ts';
import { nodes, services } from '../../kube/resources.ts';
import { isSecretName, redacted } from '../../telemetry/redact.ts';
import type { ClusterPlan, PlannedObject, PlannedState, PlannedStep } from './cluster-plan.ts';
import { fieldChanges } from './field-changes.ts';
import type { Planning } from './plan-cluster.ts';
import type { ClusterWrite } from './snapshot-client.ts';
import type { TappedPlan } from './tapped-provider.ts';

/** What was heard, by object: those with something to say first, each kind sorted by name. Pure. */
export function assemblePlan(planning: Planning): ClusterPlan {
  const { snapshot, skipped } = planning;
  return {
    cluster: snapshot.cluster,
    objects: [...planServices(planning), ...planRoutes(planning), ...planNodes(planning)],
    skipped,
    looked: { nodes: snapshot.nodes.length, services: (planning.items.get('service-lb-controller') ?? []).length },
  };
}

const run: GuardPolicy = { mode: 'run', isProtected: () => false };

function cloudStep(operation: Operation, policy: GuardPolicy): PlannedStep {
  const { changes, object, permission, verb } = operation;
  const refused = guardOperation(operation, policy);
  const { kind, name, ownership } = object;
  return {
    where: 'cloud',
    verb,
    kind,
    name,
    changes: changes.map(withoutSecret),
    ownership: ownership.kind,
    permission,
    ...(refused && { refused }),
  };
}

/** What a tag or a setting with such a name holds is nobody's business but the cloud's. */
function withoutSecret(change: FieldChange): FieldChange {
  if (!isSecretName(change.field)) return change;
  const { field, from, to } = change;
  return { field, ...(from !== undefined && { from: redacted }), ...(to !== undefined && { to: redacted }) };
}

function planServices(planning: Planning): readonly PlannedObject[] {
  const byKey = new Map(planning.snapshot.services.map((service) => [objectKey(service), service]));
  return (planning.items.get('service-lb-controller') ?? [])
    .map((item) => planService(planning, item, byKey.get(item.key)))
    .toSorted(byName);
}

function planService(planning: Planning, item: ItemStatus, service: Service | undefined): PlannedObject {
  const uid = service?.metadata.uid ?? '';
  const plans = planning.loadBalancerPlans.filter(({ wishes }) => wishes.has(uid));
  const members = new Set(plans.flatMap(({ wishes }) => [...wishes.keys()]));
  const together = planning.snapshot.services.filter(({ metadata }) => members.has(metadata.uid));
  const kept = new Set(together.filter(isProtected).map(({ metadata }) => metadata.uid));
  const policy = protectAddresses(run, kept);
  const steps = [
    ...plans.flatMap((each) => groupSteps(each, policy)),
    ...clusterSteps(planning.writes, { kind: services.kind, object: service }),
  ];
  const refusal = steps.find(({ refused }) => refused)?.refused;
  const state = refusal ? 'refused' : serviceState(item, steps);
  return {
    kind: 'Service',
    key: item.key,
    state,
    reason: refusal?.reason ?? (state === 'change' ? '' : item.reason),
    message: refusal?.message ?? (state === 'change' ? serviceWhy(service) : item.message),
    steps,
    sharedWith: together.filter(({ metadata }) => metadata.uid !== uid).map(objectKey),
  };
}

/** Where the guard withholds one write of a group, none is made, and nothing comes after. */
function groupSteps({ later, plan }: TappedPlan, policy: GuardPolicy): readonly PlannedStep[] {
  const now = plan.operations.map((operation) => cloudStep(operation, policy));
  if (now.some(({ refused }) => refused)) return now;
  return [...now, ...later().map((operation) => ({ ...cloudStep(operation, policy), after: 'writes' as const }))];
}

function serviceState(item: ItemStatus, steps: readonly PlannedStep[]): PlannedState {
  if (item.reason === 'ObserveOnly') return 'change';
  switch (item.state) {
    case 'converged':
      return steps.length > 0 ? 'change' : 'converged';
    case 'refused':
      return 'refused';
    case 'blocked':
      return item.reason === 'TracesUnknown' ? 'unknown' : 'blocked';
    case 'settling':
    case 'deleting':
      return 'waiting';
    default:
      return 'unknown';
  }
}

function serviceWhy(service: Service | undefined): string {
  if (!service) return 'the Service is gone, and what was made for it is still there';
  if (service.metadata.deletionTimestamp !== '') return 'the Service is being deleted';
  if (service.spec.type !== 'LoadBalancer') return `the Service is of type ${service.spec.type} now`;
  return service.status.loadBalancer.ingress.length === 0
    ? 'the Service has no address yet'
    : 'what is there differs from what the Service wants';
}

function planRoutes({ routePlans, routeTroubles }: Planning): readonly PlannedObject[] {
  const steps = routePlans.flatMap(({ plan }) => plan.operations.map((operation) => cloudStep(operation, run)));
  const [trouble] = routeTroubles;
  if (steps.length === 0 && !trouble) return [];
  const refusal = steps.find(({ refused }) => refused)?.refused;
  const base = { kind: 'Routes', key: 'routes', steps, sharedWith: [] } as const;
  if (trouble) return [{ ...base, state: 'unknown', reason: trouble.code, message: trouble.message }];
  if (refusal) return [{ ...base, state: 'refused', ...refusal }];
  return [{ ...base, state: 'change', reason: '', message: 'the table differs from the ranges of the nodes' }];
}

function planNodes(planning: Planning): readonly PlannedObject[] {
  const itemsOf = (controller: string): ReadonlyMap<string, ItemStatus> =>
    new Map((planning.items.get(controller) ?? []).map((item) => [item.key, item]));
  const waiting = itemsOf('cloud-node-controller');
  const departing = itemsOf('cloud-node-lifecycle-controller');
  const routed = itemsOf('node-route-controller');
  const silence = String(planning.facts.get('cloud-node-lifecycle-controller')?.['unanswered'] ?? '');
  return planning.snapshot.nodes
    .map((node): PlannedObject => {
      const { name } = node.metadata;
      const steps = [
        ...planning.preparations
          .filter((each) => each.nodes.some((ref) => ref.name === name))
          .flatMap(({ plan }) => plan.operations.map((operation) => cloudStep(operation, run))),
        ...clusterSteps(planning.writes, { kind: nodes.kind, object: node }),
      ];
      const base = { kind: 'Node', key: name, steps, sharedWith: [] } as const;
      const departure = departing.get(name);
      if (departure) return { ...base, ...departingNode(departure, node) };
      const item = waiting.get(name);
      if (item?.state === 'waiting') {
        const state = item.reason === 'InstanceUnknown' ? 'unknown' : 'blocked';
        return { ...base, state, reason: item.reason, message: item.message };
      }
      const refusal = steps.find(({ refused }) => refused)?.refused;
      if (refusal) return { ...base, state: 'refused', ...refusal };
      if (steps.length > 0) return { ...base, state: 'change', reason: '', message: nodeWhy(node, steps) };
      const route = routed.get(name);
      if (route && route.state !== 'waiting') {
        return { ...base, state: 'blocked', reason: route.reason, message: route.message };
      }
      if (silence !== '' && !isReady(node)) {
        return { ...base, state: 'unknown', reason: 'MachineUnknown', message: silence };
      }
      return { ...base, state: 'converged', reason: '', message: '' };
    })
    .toSorted(byName);
}

/** A Node whose machine is gone: it goes when the guard lets it. */
function departingNode(item: ItemStatus, node: Node): Pick<PlannedObject, 'state' | 'reason' | 'message' | 'steps'> {
  const { name } = node.metadata;
  const step: PlannedStep = { where: 'cluster', verb: 'delete', kind: 'Node', name, changes: [] };
  if (item.state === 'blocked') {
    return { state: 'blocked', reason: item.reason, message: item.message, steps: [] };
  }
  return { state: 'change', reason: item.reason, message: item.message, steps: [step] };
}

function nodeWhy(node: Node, steps: readonly PlannedStep[]): string {
  const has = (key: string): boolean => node.spec.taints.some((taint) => taint.key === key);
  if (has(uninitializedTaint)) return 'the node waits to be initialised, and its machine was found';
  const isShutdown = steps.some(({ changes }) => changes.some(({ to = '' }) => to.includes(shutdownTaint)));
  if (isShutdown) return 'the machine is stopped';
  if (has(shutdownTaint)) return 'the machine runs again';
  return 'the node differs from its machine';
}

function isReady({ status }: Node): boolean {
  return status.conditions.some(({ type, status: state }) => type === 'Ready' && state === 'True');
}

/** The writes to one object, one step each; those that change nothing are left out. */
function clusterSteps(
  writes: readonly ClusterWrite[],
  target: { readonly kind: string; readonly object: Node | Service | undefined },
): readonly PlannedStep[] {
  const { kind, object } = target;
  if (!object) return [];
  const key = objectKey(object);
  return writes
    .filter((write) => write.kind === kind && nameKey(write.name) === key)
    .map((write): PlannedStep => {
      const verb = write.verb === 'delete' ? 'delete' : 'update';
      const changes = write.verb === 'delete' ? [] : fieldChanges(write.patch, object);
      return { where: 'cluster', verb, kind, name: key, changes };
    })
    .filter(({ changes, verb }) => verb === 'delete' || changes.length > 0);
}

function byName(left: PlannedObject, right: PlannedObject): number {
  return left.key < right.key ? -1 : left.key > right.key ? 1 : 0;
}
