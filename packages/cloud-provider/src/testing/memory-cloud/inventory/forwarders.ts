import { Duration } from '../../../base/duration.ts';
import type { CallContext } from '../../../cloud/call-context.ts';
import type { InventoryItem, InventoryKind, OwnerClaim } from '../../../cloud/inventory.ts';
import type { Forwarder } from '../client/memory-client.ts';
import { applyForwarder, foldForwarder } from '../load-balancers/forwarder/apply.ts';
import type { ForwarderObserved } from '../load-balancers/forwarder/observe.ts';
import { type ForwarderOperation, planForwarders } from '../load-balancers/forwarder/plan.ts';
import { serviceNameTag, serviceUIDTag } from '../load-balancers/memory-lb/desired.ts';
import { sharesIn } from '../load-balancers/shared-forwarder/observe.ts';
import { type InventoryOptions, judgeStamp } from './balancers.ts';

/** The forwarders that carry our stamp. One that died before it was tagged is nobody's. */
export function forwarderInventory({
  client,
  cluster,
}: Omit<InventoryOptions, 'clock'>): InventoryKind<ForwarderObserved, ForwarderOperation> {
  const { scope } = client;
  const itemOf = ({ id, tags }: Forwarder): InventoryItem => ({
    id,
    name: id,
    scope,
    ownership: judgeStamp(cluster, tags),
    claim: claimOf(tags),
    createdAt: '',
  });
  const ours = async (call: CallContext): Promise<readonly Forwarder[]> => {
    const all = await client.listForwarders(call);
    return all.filter(({ tags }) => judgeStamp(cluster, tags).kind === 'ours');
  };
  return {
    name: 'Forwarder',
    list: async (call) => (await ours(call)).map(itemOf),
    async observe(item, call) {
      const found = (await ours(call)).filter(({ id }) => id === item.id);
      const forwarders = found.map((one) => ({ ...one, ownership: judgeStamp(cluster, one.tags) }));
      return { scope, serviceUID: '', forwarders, doubtFor: Duration.zero };
    },
    itemIn: ({ forwarders: [found] }) => found && itemOf(found),
    plan: (observed) => planForwarders({ kind: 'gone' }, observed),
    apply: (operation, _observed, call) => applyForwarder(operation, client, call),
    fold: foldForwarder,
  };
}

/** A forwarder of several Services has not lost its owner when one of them is gone, and an item can only tell of one. */
function claimOf(tags: Readonly<Record<string, string>>): OwnerClaim {
  const { [serviceUIDTag]: uid = '', [serviceNameTag]: name = '' } = tags;
  if (uid !== '' || name !== '') return { kind: 'service', uid, name };
  const [sharer, ...others] = sharesIn(tags).keys();
  return sharer !== undefined && others.length === 0 ? { kind: 'service', uid: sharer, name: '' } : { kind: 'none' };
}
