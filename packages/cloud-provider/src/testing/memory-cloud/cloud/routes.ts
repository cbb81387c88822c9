import type { InputOf, ItemFailure, OutputOf, RouteRecord } from './api.ts';
import { LaggedMap } from './lagged-map.ts';
import { type OperationContext, writeTimes } from './operation-context.ts';
import { CloudRefusal } from './refusal.ts';

interface StoredRoute {
  readonly record: RouteRecord;
  /** Whose it is as far as its tags don't tell. */
  readonly owner: string;
}

const pageSize = 500;
const maxItems = 100;

/** The only route table of the network. */
export const routeTableID = 'rt-main';

/** The routes of pods. */
export class RouteService {
  readonly #knowsInstance: (id: string, now: number) => boolean;
  readonly #routes = new LaggedMap<StoredRoute>();

  constructor(knowsInstance: (id: string, now: number) => boolean) {
    this.#knowsInstance = knowsInstance;
  }

  /** Everything as it really is. */
  all(): readonly RouteRecord[] {
    return [...this.#routes.values()].map((stored) => stored.record);
  }

  list(input: InputOf<'ListRoutes'>, context: OperationContext): OutputOf<'ListRoutes'> {
    requireTable(input.tableID);
    const rest = [...this.#routes.entriesAt(context.readAt)]
      .filter(([cidr]) => cidr > input.pageToken)
      .sort(([left], [right]) => (left < right ? -1 : 1));
    const page = rest.slice(0, pageSize);
    return {
      routes: context.toldOf(page.map(([, stored]) => stored.record)),
      nextPageToken: rest.length > page.length ? (page.at(-1)?.[0] ?? '') : '',
    };
  }

  create(input: InputOf<'CreateRoutes'>, context: OperationContext): OutputOf<'CreateRoutes'> {
    requireTable(input.tableID);
    return batch(input.routes, (route) => {
      const existing = this.#routes.get(route.cidr);
      if (existing) return failure(route.cidr, 'AlreadyExists', `there is a route to ${route.cidr} already`);
      if (this.#routes.size >= context.settings.quotas.routesPerTable) {
        return failure(
          route.cidr,
          'QuotaExceeded',
          `a table may have ${context.settings.quotas.routesPerTable} routes`,
        );
      }
      return this.#put({ record: route, owner: context.cluster }, context);
    });
  }

  replace(input: InputOf<'ReplaceRoutes'>, context: OperationContext): OutputOf<'ReplaceRoutes'> {
    requireTable(input.tableID);
    return batch(input.routes, (route) => {
      const existing = this.#routes.get(route.cidr);
      if (!existing) return failure(route.cidr, 'NotFound', `there is no route to ${route.cidr}`);
      return this.#put({ record: route, owner: existing.owner }, context);
    });
  }

  delete(input: InputOf<'DeleteRoutes'>, context: OperationContext): OutputOf<'DeleteRoutes'> {
    requireTable(input.tableID);
    return batch(
      input.cidrs.map((cidr) => ({ cidr })),
      ({ cidr }) => {
        const existing = this.#routes.get(cidr);
        if (!existing) return failure(cidr, 'NotFound', `there is no route to ${cidr}`);
        context.touch(`route/${cidr}`, context.ownerOf(existing.record.tags, existing.owner));
        this.#routes.delete(cidr, writeTimes(context));
        return undefined;
      },
    );
  }

  /** Puts a route there without any request, as another program of the account would have left it. */
  plant(record: RouteRecord, context: OperationContext): void {
    this.#routes.set(record.cidr, { record, owner: context.cluster }, writeTimes(context));
  }

  /** Takes a route away without any request. */
  uproot(cidr: string, context: OperationContext): void {
    this.#routes.delete(cidr, writeTimes(context));
  }

  #put(stored: StoredRoute, context: OperationContext): ItemFailure | undefined {
    const { cidr, instanceID } = stored.record;
    if (!this.#knowsInstance(instanceID, context.now)) {
      return failure(cidr, 'InvalidParameter', `there is no instance ${instanceID}`);
    }
    const before = this.#routes.get(cidr) ?? stored;
    context.touch(`route/${cidr}`, context.ownerOf(before.record.tags, before.owner));
    this.#routes.set(cidr, stored, writeTimes(context));
    return undefined;
  }
}

function batch<Item extends { readonly cidr: string }>(
  items: readonly Item[],
  work: (item: Item) => ItemFailure | undefined,
): { readonly failed: readonly ItemFailure[] } {
  if (items.length > maxItems) {
    throw new CloudRefusal('InvalidParameter', `at most ${maxItems} routes`, { field: 'routes' });
  }
  return { failed: items.map(work).filter((failed) => failed !== undefined) };
}

function failure(cidr: string, code: string, message: string): ItemFailure {
  return { cidr, code, message };
}

function requireTable(tableID: string): void {
  if (tableID !== routeTableID) throw new CloudRefusal('NotFound', `there is no route table ${tableID}`);
}
