import type { CloudProvider } from '../../cloud/cloud-provider.ts';
import { type CloudError, toCloudError } from '../../cloud/cloud-error.ts';
import { OwnerIndex, findOrphans } from '../../cloud/find-orphans.ts';
import type { InventoryItem, InventoryKind } from '../../cloud/inventory.ts';
import { describeClaim, whyKept } from '../../controllers/orphan/orphan-register.ts';
import type { Snapshot } from '../planning/snapshot.ts';
import type { Session } from '../session/session.ts';

/** Something in the cloud that lost its owner. Plain data. */
export interface Leftover {
  readonly kind: string;
  readonly id: string;
  readonly name: string;
  readonly madeFor: string;
  readonly createdAt: string;
  /** Why it can't be deleted by this program; empty when it can. */
  readonly kept: string;
}

export interface Leftovers {
  readonly found: readonly {
    readonly leftover: Leftover;
    readonly kind: InventoryKind;
    readonly item: InventoryItem;
  }[];
  /** Everything of the cluster that was listed. */
  readonly items: readonly InventoryItem[];
  /** Kinds that could not be listed. */
  readonly unlisted: readonly { readonly kind: string; readonly error: CloudError }[];
}

/** Lists every kind once and compares with the cluster, which is read after it: what is new there is no orphan. */
export async function findLeftovers(
  session: Session,
  provider: CloudProvider,
  readCluster: () => Promise<Snapshot>,
): Promise<Leftovers> {
  const listed: { kind: InventoryKind; items: readonly InventoryItem[] }[] = [];
  const unlisted: { kind: string; error: CloudError }[] = [];
  for (const kind of provider.inventory ?? []) {
    session.progress.step(`Listing ${kind.name}s`);
    try {
      listed.push({ kind, items: await kind.list(session.call()) });
    } catch (error) {
      session.signal.throwIfAborted();
      unlisted.push({ kind: kind.name, error: toCloudError(error) });
    }
  }
  const { nodes, services } = await readCluster();
  const owners = new OwnerIndex({ kind: 'complete', nodes, services });
  const found = listed.flatMap(({ kind, items }) =>
    findOrphans(items, owners).map((item) => {
      const { claim, createdAt, id, name } = item;
      const leftover = {
        kind: kind.name,
        id,
        name,
        madeFor: describeClaim(claim),
        createdAt,
        kept: whyKept(item) ?? '',
      };
      return { kind, item, leftover };
    }),
  );
  return { found, items: listed.flatMap(({ items }) => items), unlisted };
}
