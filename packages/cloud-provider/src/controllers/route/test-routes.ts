import { Duration } from '../../base/duration.ts';
import { CloudError, type CloudErrorCode } from '../../cloud/cloud-error.ts';
import type { OperationResult, Verb } from '../../cloud/operation.ts';
import type { Ownership } from '../../cloud/ownership.ts';
import type { Plan } from '../../cloud/plan.ts';
import type { ObservedRoute, Route, RouteDifference, RouteOperation, RouteTarget, Routes } from '../../cloud/routes.ts';

export interface TestOperation extends RouteOperation {
  readonly entries: readonly { readonly cidr: string; readonly target: string }[];
}

type Table = ReadonlyMap<string, ObservedRoute>;

const ours: Ownership = { kind: 'ours', proof: 'stamp' };

/** A cloud with one table that knows black holes, routes to machines or to addresses, and fails on demand. */
export class TestRoutes implements Routes<readonly string[], Table, TestOperation> {
  readonly table = new Map<string, ObservedRoute>();
  /** Every call, as `observe`, `create 10.0.0.0/24`. */
  readonly calls: string[] = [];
  tableKeys: readonly string[] = ['table'];
  /** What routes lead to; and how many of them are written at once. */
  leadTo: 'machine' | 'address' = 'machine';
  batch = 1;
  /** Asked before each call; what it returns is thrown. */
  fail: (call: string) => CloudErrorCode | undefined = () => undefined;
  /** The items of a batch that fail. */
  failItem: (cidr: string) => CloudErrorCode | undefined = () => undefined;
  /** Called in the middle of each call. */
  during: () => Promise<void> = () => Promise.resolve();
  #underWay = 0;
  mostUnderWay = 0;

  put(cidr: string, target: string, more: Partial<ObservedRoute> = {}): void {
    this.table.set(cidr, { cidr, target, state: 'active', ownership: ours, ...more });
  }

  /** `cidr target`, sorted. */
  entries(): readonly string[] {
    return [...this.table.values()].map(({ cidr, target }) => `${cidr} ${target}`).sort();
  }

  writes(): readonly string[] {
    return this.calls.filter((call) => call !== 'facts' && call !== 'observe');
  }

  facts(): Promise<readonly string[]> {
    return this.#call('facts', () => this.tableKeys);
  }

  tables(facts: readonly string[]): readonly string[] {
    return facts;
  }

  targetOf({ addresses, providerID }: Route): RouteTarget {
    if (providerID.startsWith('edge://')) return { kind: 'foreign' };
    if (providerID === '') return { kind: 'unknown', reason: 'no providerID yet' };
    const target =
      this.leadTo === 'machine'
        ? providerID.replace('test://', '')
        : (addresses.find(({ type }) => type === 'InternalIP')?.address ?? '');
    return { kind: 'known', target };
  }

  observe(): Promise<Table> {
    return this.#call('observe', () => new Map(this.table));
  }

  routesIn(observed: Table): readonly ObservedRoute[] {
    return [...observed.values()];
  }

  plan({ missing, unwanted, wrong }: RouteDifference): Plan<TestOperation> {
    const operations = [
      ...this.#batches('delete', unwanted),
      ...this.#batches(
        'update',
        wrong.map(({ wanted }) => wanted),
      ),
      ...this.#batches('create', missing),
    ];
    return { operations, next: { kind: 'converged' } };
  }

  apply({ cidrs, entries, verb }: TestOperation): Promise<OperationResult> {
    return this.#call(`${verb} ${cidrs.join(',')}`, () => {
      const failed = new Map<string, CloudError>();
      for (const { cidr, target } of entries) {
        const code = this.failItem(cidr) ?? (verb === 'create' && this.table.has(cidr) ? 'Conflict' : undefined);
        if (code) failed.set(cidr, new CloudError(code, `no route to ${cidr}: ${code}`));
        else if (verb === 'delete') this.table.delete(cidr);
        else this.put(cidr, target);
      }
      return { kind: 'done', outputs: {}, ...(failed.size > 0 && { failed }) };
    });
  }

  fold(observed: Table, { entries, verb }: TestOperation): Table {
    const folded = new Map(observed);
    for (const { cidr, target } of entries) {
      if (verb === 'delete') folded.delete(cidr);
      else folded.set(cidr, { cidr, target, state: 'active', ownership: ours });
    }
    return folded;
  }

  #batches(verb: Verb, routes: readonly { readonly cidr: string; readonly target: string }[]): TestOperation[] {
    const operations: TestOperation[] = [];
    for (let start = 0; start < routes.length; start += this.batch) {
      const entries = routes.slice(start, start + this.batch).map(({ cidr, target }) => ({ cidr, target }));
      const cidrs = entries.map(({ cidr }) => cidr);
      operations.push({
        verb,
        object: { kind: 'Route', name: cidrs.join(','), ownership: verb === 'create' ? { kind: 'new' } : ours },
        changes: [],
        permission: `routes:${verb}`,
        scope: { account: '', region: '' },
        locks: ['table'],
        cidrs,
        entries,
      });
    }
    return operations;
  }

  async #call<T>(name: string, work: () => T): Promise<T> {
    this.calls.push(name);
    this.#underWay++;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.#underWay);
    try {
      await this.during();
      const code = this.fail(name);
      const retryAfter = code === 'Throttled' ? { retryAfter: Duration.seconds(20) } : {};
      if (code) throw new CloudError(code, `${name}: ${code}`, retryAfter);
      return work();
    } finally {
      this.#underWay--;
    }
  }
}
