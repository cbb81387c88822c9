import { CloudError, toCloudError } from '../../../cloud/cloud-error.ts';
import type { CallContext } from '../../../cloud/call-context.ts';
import type { InstanceMetadata, InstanceNeed, InstanceView, NodeName, NodeRef } from '../../../cloud/instances.ts';
import type { Machine } from '../client/machine.ts';
import type { MachineLookup, MemoryClient } from '../client/memory-client.ts';
import { formatProviderID, parseProviderID } from '../provider-id.ts';

/** How a Node names its machine. */
type Reference =
  | { readonly kind: 'id'; readonly machineID: string }
  | { readonly kind: 'name' }
  | { readonly kind: 'settled'; readonly view: InstanceView };

/** Where a statement of the cloud is from. */
interface Answer {
  readonly operation: string;
  readonly requestID: string;
}

/**
 * Looks for machines: one request for all of them, then one more for each that the answer says nothing about, because
 * silence is no proof of absence.
 */
export async function describeInstances(
  client: MemoryClient,
  wanted: { readonly nodes: readonly NodeRef[]; readonly need: InstanceNeed },
  call: CallContext,
): Promise<ReadonlyMap<NodeName, InstanceView>> {
  const views = new Map<NodeName, InstanceView>();
  const open: { readonly node: NodeRef; readonly reference: Reference }[] = [];
  for (const node of wanted.nodes) {
    const reference = referenceOf(node);
    if (reference.kind === 'settled') views.set(node.name, reference.view);
    else open.push({ node, reference });
  }
  if (open.length === 0) return views;

  const ids = open
    .map(({ reference }) => (reference.kind === 'id' ? reference.machineID : ''))
    .filter((id) => id !== '');
  const { machines, requestID } = await client.describeMachines(
    { ids, names: open.map(({ node }) => node.name) },
    call,
  );
  const byID = new Map(machines.map((machine) => [machine.id, machine]));
  const byName = Map.groupBy(machines, (machine) => machine.name);
  const described = { operation: 'DescribeInstances', requestID };
  const toView = (machine: Machine, answer: Answer): InstanceView =>
    viewOf(machine, { answer, need: wanted.need, region: client.scope.region });

  await Promise.all(
    open.map(async ({ node, reference }) => {
      const namesakes = (byName.get(node.name) ?? []).filter((machine) => machine.state !== 'terminated');
      const view =
        reference.kind === 'id'
          ? await viewByID({ machineID: reference.machineID, known: byID.get(reference.machineID), namesakes })
          : await viewByName(node.name, namesakes);
      views.set(node.name, view);
    }),
  );
  return views;

  async function viewByID(found: {
    readonly machineID: string;
    readonly known: Machine | undefined;
    readonly namesakes: readonly Machine[];
  }): Promise<InstanceView> {
    const view = found.known ? toView(found.known, described) : await lookUp({ id: found.machineID });
    const [successor] = found.namesakes;
    if (view.kind !== 'absent' || !successor) return view;
    return { kind: 'replaced', providerID: providerIDOf(successor) };
  }

  async function viewByName(name: string, namesakes: readonly Machine[]): Promise<InstanceView> {
    const [only, ...others] = namesakes;
    if (only && others.length > 0) return { kind: 'ambiguous', ids: namesakes.map((machine) => machine.id) };
    return only ? toView(only, described) : lookUp({ name });
  }

  async function lookUp(by: { readonly id: string } | { readonly name: string }): Promise<InstanceView> {
    try {
      return viewOfLookup(await client.lookUpMachine(by, call), toView);
    } catch (error) {
      return { kind: 'unknown', reason: toCloudError(error) };
    }
  }
}

function referenceOf(node: NodeRef): Reference {
  if (node.providerID === '') return { kind: 'name' };
  const parsed = parseProviderID(node.providerID);
  switch (parsed.kind) {
    case 'ours':
      return { kind: 'id', machineID: parsed.machineID };
    case 'foreign':
      return { kind: 'settled', view: { kind: 'foreign' } };
    case 'malformed': {
      const reason = new CloudError('Invalid', `${node.providerID} is not memory:///<zone>/<id>`, {
        field: 'spec.providerID',
      });
      return { kind: 'settled', view: { kind: 'unknown', reason } };
    }
  }
}

function viewOfLookup(lookup: MachineLookup, toView: (machine: Machine, answer: Answer) => InstanceView): InstanceView {
  switch (lookup.kind) {
    case 'found':
      return toView(lookup.machine, lookup);
    case 'notFound':
      // With the state `terminated` this is the only proof of absence: the cloud was asked for this very machine and denied it.
      return {
        kind: 'absent',
        evidence: { statement: lookup.statement, operation: lookup.operation, requestId: lookup.requestID },
      };
  }
}

function viewOf(
  machine: Machine,
  from: { readonly answer: Answer; readonly need: InstanceNeed; readonly region: string },
): InstanceView {
  if (machine.state === 'terminated') {
    const { operation, requestID } = from.answer;
    const statement = `${machine.id} is in state terminated`;
    return { kind: 'absent', evidence: { statement, operation, requestId: requestID } };
  }
  if (from.need !== 'metadata') return { kind: 'present', state: machine.state };
  return { kind: 'present', state: machine.state, metadata: metadataOf(machine, from.region) };
}

function metadataOf(machine: Machine, region: string): InstanceMetadata {
  return {
    providerID: providerIDOf(machine),
    instanceType: machine.type,
    addresses: machine.addresses,
    zone: machine.zone,
    region,
    additionalLabels: { 'topology.memory-cloud/host': machine.host },
  };
}

function providerIDOf(machine: Machine): string {
  return formatProviderID({ zone: machine.zone, machineID: machine.id });
}
