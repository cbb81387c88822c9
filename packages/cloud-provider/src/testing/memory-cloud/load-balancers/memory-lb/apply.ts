import { Duration } from '../../../../base/duration.ts';
import type { CallContext } from '../../../../cloud/call-context.ts';
import { CloudError } from '../../../../cloud/cloud-error.ts';
import type { OperationOutputs, OperationResult } from '../../../../cloud/operation.ts';
import { clusterStampKey } from '../../../../cloud/ownership.ts';
import type { Balancer, BalancerReceipt } from '../../client/balancer.ts';
import { isAlreadyExists, isNotFound } from '../../client/cloud-error-mapping.ts';
import type { MemoryClient } from '../../client/memory-client.ts';
import type { RecentCreates } from '../../client/recent-creates.ts';
import type { MemoryLBObserved } from './observe.ts';
import type { CreateBalancer, MemoryLBOperation, WriteListener } from './operations.ts';
import { busyPoll } from './plan.ts';

type Present = Extract<MemoryLBObserved, { kind: 'present' }>;

/** What an operation needs besides itself. */
export interface ApplyContext {
  readonly client: MemoryClient;
  readonly recentCreates: RecentCreates;
  readonly observed: MemoryLBObserved;
  readonly call: CallContext;
}

/** Does one operation, or finds that it was done already by a request whose answer got lost. */
export async function applyOperation(operation: MemoryLBOperation, context: ApplyContext): Promise<OperationResult> {
  const { client, call } = context;
  switch (operation.target) {
    case 'balancer':
      switch (operation.verb) {
        case 'create':
          return resultOf(await createBalancer(operation, context), operation);
        case 'update': {
          const { id, revision } = requirePresent(operation, context).balancer;
          const { allowedRanges, healthCheck, tags } = operation;
          const fields = {
            ...(allowedRanges && { allowedRanges }),
            ...(healthCheck && { healthCheck }),
            ...(tags && { tags }),
          };
          return resultOf(await client.updateBalancer({ id, ifRevision: revision, ...fields }, call), operation);
        }
        case 'delete':
          return deleteBalancer(operation, context);
      }
      break;
    case 'listener':
      return resultOf(await writeListener(operation, context), operation);
    case 'backends': {
      const { id, revision } = requirePresent(operation, context).balancer;
      const pool = { balancerID: id, machineIDs: operation.machineIDs, ifRevision: revision };
      return resultOf(await client.setBackends(pool, call), operation);
    }
  }
}

async function createBalancer(operation: CreateBalancer, context: ApplyContext): Promise<BalancerReceipt> {
  const { client, call, recentCreates } = context;
  const { name } = operation.object;
  const { networkID, scheme, allowedRanges, healthCheck, tags } = operation;
  recentCreates.note(name);
  try {
    return await client.createBalancer({ name, networkID, scheme, allowedRanges, healthCheck, tags }, call);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const existing = await client.getBalancer(name, call);
    // Not to be seen yet, or somebody else's: looking again will tell.
    if (!existing || existing.tags[clusterStampKey] !== tags[clusterStampKey]) throw error;
    return existing;
  }
}

async function deleteBalancer(operation: MemoryLBOperation, context: ApplyContext): Promise<OperationResult> {
  const { client, call, recentCreates } = context;
  const { balancer } = requirePresent(operation, context);
  recentCreates.noteDelete(balancer.id);
  try {
    const receipt = await client.deleteBalancer(balancer.id, call);
    recentCreates.forget(balancer.name);
    return resultOf(receipt, operation);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    recentCreates.forget(balancer.name);
    return { kind: 'done', outputs: {} };
  }
}

async function writeListener(operation: WriteListener, context: ApplyContext): Promise<BalancerReceipt> {
  const { client, call } = context;
  const { listener } = operation;
  const { balancer } = requirePresent(operation, context);
  switch (operation.verb) {
    case 'create':
      try {
        return await client.createListener(balancer.id, listener, call);
      } catch (error) {
        if (!isAlreadyExists(error)) throw error;
        // There is one of that port; an update makes it the one that is wanted, whoever made it.
        return client.updateListener(balancer.id, listener, call);
      }
    case 'update':
      return client.updateListener(balancer.id, listener, call);
    case 'delete':
      try {
        return await client.deleteListener(balancer.id, listener, call);
      } catch (error) {
        if (!isNotFound(error)) throw error;
        return balancer;
      }
  }
}

function resultOf(receipt: BalancerReceipt | Balancer, operation: MemoryLBOperation): OperationResult {
  const { id, address, revision, status } = receipt;
  switch (status) {
    case 'busy':
      return { kind: 'pending', handle: { kind: operation.object.kind, id: operation.object.name }, after: busyPoll };
    case 'active':
    case 'deleted':
      return { kind: 'done', outputs: { id, address, revision: String(revision) } };
  }
}

function requirePresent(operation: MemoryLBOperation, context: ApplyContext): Present {
  if (context.observed.kind === 'present') return context.observed;
  throw new CloudError('Conflict', `${operation.object.kind} ${operation.object.name}: its load balancer is not there`);
}

/** The observed state after an operation. Pure. */
export function foldOperation(
  observed: MemoryLBObserved,
  operation: MemoryLBOperation,
  outputs: OperationOutputs,
): MemoryLBObserved {
  if (operation.target === 'balancer' && operation.verb === 'create') return foldCreate(observed, operation, outputs);
  if (observed.kind === 'absent') return observed;
  const { balancer } = observed;
  const revision = outputs.revision === undefined ? balancer.revision : Number(outputs.revision);
  const withBalancer = (changes: Partial<Balancer>): Present => ({
    ...observed,
    balancer: { ...balancer, revision, ...changes },
  });
  switch (operation.target) {
    case 'balancer': {
      if (operation.verb === 'delete') {
        const { name, scope } = observed;
        return { kind: 'absent', name, scope, doubtFor: Duration.zero };
      }
      const { allowedRanges, healthCheck, tags } = operation;
      return withBalancer({
        ...(allowedRanges && { allowedRanges }),
        ...(healthCheck && { healthCheck }),
        ...(tags && { tags: { ...balancer.tags, ...tags } }),
      });
    }
    case 'listener': {
      const { port, protocol } = operation.listener;
      const others = balancer.listeners.filter((other) => other.port !== port || other.protocol !== protocol);
      return withBalancer({ listeners: operation.verb === 'delete' ? others : [...others, operation.listener] });
    }
    case 'backends':
      return withBalancer({ backends: operation.machineIDs });
  }
}

function foldCreate(
  observed: MemoryLBObserved,
  operation: CreateBalancer,
  outputs: OperationOutputs,
): MemoryLBObserved {
  const { name, scope } = observed;
  const { scheme, allowedRanges, healthCheck, tags } = operation;
  const { id = '', address = '', revision = '0' } = outputs;
  const balancer: Balancer = {
    id,
    name,
    scheme,
    address,
    status: 'active',
    allowedRanges,
    healthCheck,
    listeners: [],
    backends: [],
    tags,
    revision: Number(revision),
  };
  return { kind: 'present', name, scope, balancer, ownership: { kind: 'ours', proof: 'stamp' } };
}
