import { CloudError } from '../../cloud/cloud-error.ts';
import { OwnerIndex, findOrphans } from '../../cloud/find-orphans.ts';
import type { InventoryItem, InventoryKind } from '../../cloud/inventory.ts';
import { handsIn } from '../acts.ts';
import { problemOfGoneService } from '../checks.ts';
import type { CaseDraft } from '../conformance-case.ts';
import { demand, offered } from '../conformance-failure.ts';
import { answerTo, call, connected } from '../direct-questions.ts';
import { nodes, served } from '../settled.ts';
import type { Stage } from '../stage.ts';

/** What the sweeper of orphans goes by: nothing of the cluster's goes unseen, and nothing of others is taken for its own. */
export const inventoryCases: readonly CaseDraft[] = [
  {
    group: 'inventory',
    name: 'what is made for a Service is listed as ours and as that Service’s, and no longer than it is there',
    claims: ['tcp'],
    per: 'kind',
    async run(stage, kind) {
      const machines = await nodes(stage, 1);
      const before = await listAll(stage);
      const web = await served(stage, { name: 'web', kind }, { machines });
      const made = await listNew(stage, before);
      const owners = await ownersIn(stage);
      const strangers = await ownersIn(stage, web.uid);
      demand(
        ...made.map(({ claim, name, ownership }) =>
          ownership.kind === 'ours'
            ? owners.find(claim) === 'absent'
              ? `${name} is said to be of an owner that is not there`
              : undefined
            : `${name} is ${ownership.kind}`,
        ),
        made.some(({ claim }) => strangers.find(claim) === 'absent')
          ? undefined
          : 'nothing is said to be the Service’s',
        ...findOrphans(made, owners).map(({ name }) => `${name} is called an orphan`),
      );
      handsIn(stage).deleteService(web);
      await stage.until('it is gone', () => problemOfGoneService(stage, web));
      demand(...(await listNew(stage, before)).map(({ name }) => `${name} is listed and gone`));
    },
  },
  {
    group: 'inventory',
    name: 'what is listed is found by itself, and nothing once it is gone',
    claims: ['tcp'],
    per: 'kind',
    async run(stage, kind) {
      const machines = await nodes(stage, 1);
      const before = await listAll(stage);
      const web = await served(stage, { name: 'web', kind }, { machines });
      const made = await listNewOfKinds(stage, before);
      const sees = async (wanted: 'there' | 'gone'): Promise<readonly string[]> => {
        const problems: string[] = [];
        for (const { inventory, item } of made) {
          const found = inventory.itemIn(await answerTo(stage, () => inventory.observe(item, call)));
          const isThere = found !== undefined && found.id === item.id;
          if (isThere !== (wanted === 'there')) problems.push(`${item.name} is not ${wanted} when it is looked at`);
        }
        return problems;
      };
      demand(made.length === 0 ? 'nothing is listed' : undefined, ...(await sees('there')));
      handsIn(stage).deleteService(web);
      await stage.until('it is gone', () => problemOfGoneService(stage, web));
      demand(...(await sees('gone')));
    },
  },
  {
    group: 'inventory',
    name: 'what belongs to others is never listed as ours',
    claims: ['tcp', 'instances'],
    per: 'kind',
    async run(stage, kind) {
      await nodes(stage, 1);
      const before = await listAll(stage);
      const web = handsIn(stage).createService({ name: 'web', kind, spec: { type: 'ClusterIP' } });
      await stage.world.loadBalancers?.plantNamesake?.(kind.name, web, 'another-cluster');
      const other = await stage.addCluster();
      const otherHands = handsIn(stage, other);
      await otherHands.join();
      otherHands.createService({ name: 'web', kind });
      await stage.until('the other is served', () => {
        const status = other.server.store.get('services', 'web')?.status?.loadBalancer?.ingress ?? [];
        return status.length > 0 ? undefined : 'it has no address';
      });
      demand(
        ...(await listNew(stage, before)).map(({ name, ownership }) =>
          ownership.kind === 'ours' ? `${name} is listed as ours` : undefined,
        ),
      );
    },
  },
  {
    group: 'inventory',
    name: 'a list that the cloud does not give wholly is not given',
    claims: ['tcp'],
    per: 'kind',
    async run(stage, kind) {
      const machines = await nodes(stage, 1);
      await served(stage, { name: 'web', kind }, { machines });
      for (const inventory of inventoryOf(stage)) {
        const whole = (await answerTo(stage, () => inventory.list(call))).length;
        // Each of the reads that it takes is not answered once.
        for (let nth = 1, isStruck = true; isStruck; nth++) {
          let reads = 0;
          stage.main.tap.strike = ({ kind: what }) => (what === 'read' && ++reads === nth ? 'unavailable' : undefined);
          const given = await answerTo(stage, () => inventory.list(call)).then(
            (items) => items.length,
            (error: unknown) => (error instanceof CloudError ? 'nothing' : `an error (${String(error)})`),
          );
          isStruck = reads >= nth;
          if (isStruck && given !== 'nothing')
            demand(`without read ${nth} the list of ${inventory.name} was ${given}, with it ${whole}`);
        }
        stage.main.tap.strike = () => undefined;
      }
    },
  },
];

function inventoryOf(stage: Stage): readonly InventoryKind[] {
  return offered(stage.main.provider.inventory, 'an inventory of the provider');
}

async function listAll(stage: Stage): Promise<ReadonlySet<string>> {
  await connected(stage);
  const ids = new Set<string>();
  for (const inventory of inventoryOf(stage))
    for (const { id } of await answerTo(stage, () => inventory.list(call))) ids.add(`${inventory.name} ${id}`);
  return ids;
}

async function listNewOfKinds(
  stage: Stage,
  before: ReadonlySet<string>,
): Promise<readonly { readonly inventory: InventoryKind; readonly item: InventoryItem }[]> {
  const found: { readonly inventory: InventoryKind; readonly item: InventoryItem }[] = [];
  for (const inventory of inventoryOf(stage)) {
    for (const item of await answerTo(stage, () => inventory.list(call))) {
      if (!before.has(`${inventory.name} ${item.id}`)) found.push({ inventory, item });
    }
  }
  return found;
}

async function listNew(stage: Stage, before: ReadonlySet<string>): Promise<readonly InventoryItem[]> {
  return (await listNewOfKinds(stage, before)).map(({ item }) => item);
}

/** @param without the UID of a Service that is to be left out @default none */
async function ownersIn(stage: Stage, without?: string): Promise<OwnerIndex> {
  const { services, nodes: all } = await stage.main.readOwners();
  const left = services.filter(({ metadata }) => metadata.uid !== without);
  return new OwnerIndex({ kind: 'complete', services: left, nodes: all });
}
