import type { ValueOf } from '../schema.ts';
import { defineResource } from '../resource.ts';
import { fieldFault } from '../status.ts';
import type { StatusCause } from '../status.ts';
import { node as nodeType } from '../schemas/node.ts';
import { ageColumn, nameColumn } from '../table.ts';
import type { Column } from '../table.ts';
import type { ApiObject } from '../api-object.ts';

type Node = ValueOf<typeof nodeType> & ApiObject;

const notReadyTaint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };

export const nodes = defineResource({
  group: '',
  version: 'v1',
  plural: 'nodes',
  singular: 'node',
  kind: 'Node',
  shortNames: ['no'],
  namespaced: false,
  subresources: ['status'],
  tracksManagers: true,
  type: nodeType,
  selectableFields: { 'spec.unschedulable': (object) => String((object as Node).spec.unschedulable === true) },
  applyDefaults,
  prepareForCreate: (object) => withNotReadyTaint(object),
  prepareForUpdate: (object, old) => ({ ...object, status: old.status }),
  validate,
  columns: nodeColumns(),
});

function applyDefaults(object: Node): Node {
  let { spec, status } = object;
  // The two fields are one: the old singular form and the new list.
  if (spec.podCIDRs === undefined && spec.podCIDR !== undefined) {
    const { podCIDR, ...rest } = spec;
    spec = { podCIDR, podCIDRs: [podCIDR], ...rest };
  } else if (spec.podCIDR === undefined && spec.podCIDRs?.[0] !== undefined) {
    spec = { podCIDR: spec.podCIDRs[0], ...spec };
  }
  const { capacity } = status;
  if (status.allocatable === undefined && capacity !== undefined)
    status = { capacity, allocatable: capacity, ...status };
  return spec === object.spec && status === object.status ? object : { ...object, spec, status };
}

/** What the admission plugin TaintNodesByCondition does, which is on by default. */
function withNotReadyTaint(object: Node): Node {
  const taints = object.spec.taints ?? [];
  if (taints.some((taint) => taint.key === notReadyTaint.key && taint.effect === notReadyTaint.effect)) return object;
  return { ...object, spec: { ...object.spec, taints: [...taints, notReadyTaint] } };
}

function validate(object: Node, old: Node | undefined): readonly StatusCause[] {
  return [...validateTaints(object), ...(old === undefined ? [] : validateUpdate(object, old))];
}

const taintEffects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

function validateTaints(object: Node): readonly StatusCause[] {
  const faults: StatusCause[] = [];
  const seen = new Set<string>();
  for (const [index, taint] of (object.spec.taints ?? []).entries()) {
    const path = `metadata.taints[${index}]`;
    if (taint.key === '') faults.push(fieldFault.invalid(`${path}.key`, '', 'name part must be non-empty'));
    if (taint.effect === '') faults.push(fieldFault.required(`${path}.effect`));
    else if (!taintEffects.includes(taint.effect)) {
      faults.push(fieldFault.notSupported(`${path}.effect`, taint.effect, taintEffects));
    }
    const identity = `${taint.key}:${taint.effect}`;
    if (seen.has(identity)) {
      faults.push({
        ...fieldFault.duplicate(path, taint),
        message: `Duplicate value: ${JSON.stringify(taint)}: taints must be unique by key and effect pair`,
      });
    }
    seen.add(identity);
  }
  return faults;
}

function validateUpdate(object: Node, old: Node): readonly StatusCause[] {
  const faults: StatusCause[] = [];
  const before = old.spec.podCIDRs ?? [];
  const after = object.spec.podCIDRs ?? [];
  if (before.length > 0 && (before.length !== after.length || before.some((cidr, index) => cidr !== after[index]))) {
    faults.push(fieldFault.forbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'));
  }
  if (old.spec.providerID !== undefined && old.spec.providerID !== object.spec.providerID) {
    faults.push(
      fieldFault.forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid'),
    );
  }
  return faults;
}

function nodeColumns(): readonly Column[] {
  const column = (name: string, priority: 0 | 1, cell: (node: Node) => string): Column => ({
    name,
    priority,
    cell: (object) => cell(object as Node),
  });
  const address = (node: Node, type: string): string =>
    node.status.addresses?.find((one) => one.type === type)?.address ?? '<none>';
  const known = (text: string): string => (text === '' ? '<unknown>' : text);
  return [
    nameColumn,
    column('Status', 0, readiness),
    column('Roles', 0, roles),
    ageColumn,
    column('Version', 0, (node) => node.status.nodeInfo.kubeletVersion),
    column('Internal-IP', 1, (node) => address(node, 'InternalIP')),
    column('External-IP', 1, (node) => address(node, 'ExternalIP')),
    column('OS-Image', 1, (node) => known(node.status.nodeInfo.osImage)),
    column('Kernel-Version', 1, kernel),
    column('Container-Runtime', 1, (node) => known(node.status.nodeInfo.containerRuntimeVersion)),
  ];
}

function readiness(node: Node): string {
  const ready = node.status.conditions?.find((condition) => condition.type === 'Ready');
  const state = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return node.spec.unschedulable === true ? `${state},SchedulingDisabled` : state;
}

function roles(node: Node): string {
  const found = new Set<string>();
  for (const [label, value] of Object.entries(node.metadata.labels ?? {})) {
    if (label.startsWith('node-role.kubernetes.io/')) found.add(label.slice('node-role.kubernetes.io/'.length));
    else if (label === 'kubernetes.io/role') found.add(value);
  }
  found.delete('');
  return found.size === 0 ? '<none>' : [...found].sort().join(',');
}

function kernel(node: Node): string {
  const { kernelVersion, architecture } = node.status.nodeInfo;
  const version = kernelVersion === '' ? '<unknown>' : kernelVersion;
  return architecture === '' ? version : `${version} (${architecture})`;
}
