import type { InventoryItem, OwnerClaim } from '../../cloud/inventory.ts';
import { fingerprint } from '../../reconcile/fingerprint.ts';
import type { OrphanLimits } from './orphan-settings.ts';

/**
 * Where an object without an owner is.
 *
 * - `suspected`: seen once, or not long enough.
 * - `orphan`: proven.
 * - `deleting`: the deletion has begun and the cloud is at it.
 * - `stuck`: it could not be deleted, or must not be.
 */
export type OrphanState = 'suspected' | 'orphan' | 'deleting' | 'stuck';

/** An object that has no owner, as far as is known. */
export interface Suspect {
  /** The kind of inventory that it is in. */
  readonly kind: string;
  readonly item: InventoryItem;
  readonly state: OrphanState;
  /** Monotonic milliseconds. */
  readonly firstSeenAt: number;
  /** RFC 3339: since when it is in its state. */
  readonly since: string;
  /** Monotonic milliseconds: when it is looked at again. */
  readonly dueAt: number;
  /** CamelCase; empty when there is nothing to say. */
  readonly reason: string;
  readonly message: string;
  /** The last plan, one line each. */
  readonly plan: readonly string[];
}

/** A moment, on both clocks. */
export interface Moment {
  readonly monotonic: number;
  readonly wall: Date;
}

/** Everything that has lost its owner, or seems to have. */
export class OrphanRegister {
  readonly #limits: OrphanLimits;
  readonly #suspects = new Map<string, Suspect>();
  /** How many objects the last whole list of each kind had. */
  readonly #listed = new Map<string, number>();

  constructor(limits: OrphanLimits) {
    this.#limits = limits;
  }

  all(): readonly Suspect[] {
    return [...this.#suspects.values()];
  }

  /** Those that are not only suspected, of one kind or of all. */
  orphans(kind?: string): readonly Suspect[] {
    return this.all().filter((suspect) => suspect.state !== 'suspected' && (kind ?? suspect.kind) === suspect.kind);
  }

  get listed(): number {
    return [...this.#listed.values()].reduce((sum, count) => sum + count, 0);
  }

  /**
   * Takes in what a whole list of one kind came to. What was suspected and is no longer among them is acquitted. What claims
   * another owner than before begins anew.
   *
   * @param listed how many objects the list had
   */
  takeIn(
    kind: string,
    found: { readonly items: readonly InventoryItem[]; readonly listed: number },
    now: Moment,
  ): void {
    this.#listed.set(kind, found.listed);
    const ids = new Set(found.items.map(({ id }) => id));
    for (const suspect of this.all()) {
      if (suspect.kind === kind && !ids.has(suspect.item.id)) this.acquit(suspect);
    }
    for (const item of found.items) this.#sight(kind, item, now);
  }

  /** It has an owner, or is gone. */
  acquit(suspect: Suspect): void {
    this.#suspects.delete(keyOf(suspect));
  }

  /** Begins anew with what the object is now. */
  startAnew(suspect: Suspect, item: InventoryItem, now: Moment): void {
    this.acquit(suspect);
    this.#sight(suspect.kind, item, now);
  }

  /** What became of a suspect. Returns it as it is now. */
  update(suspect: Suspect, news: Partial<Omit<Suspect, 'kind' | 'item' | 'since'>>, now: Moment): Suspect {
    const state = news.state ?? suspect.state;
    const since = state === suspect.state ? suspect.since : now.wall.toISOString();
    const next = { ...suspect, ...news, state, since };
    this.#suspects.set(keyOf(suspect), next);
    return next;
  }

  /** Whether so many seem to be orphans that the cluster may not be the one that it seems to be. */
  isBreakerOpen(): boolean {
    const { objects, percent } = this.#limits.breaker;
    return this.#suspects.size > Math.max(objects, (this.listed * percent) / 100);
  }

  /** When something is due; undefined when nothing is. */
  nextDue(): number | undefined {
    const dues = this.all().map(({ dueAt }) => dueAt);
    return dues.length > 0 ? dues.reduce((left, right) => Math.min(left, right)) : undefined;
  }

  #sight(kind: string, item: InventoryItem, now: Moment): void {
    const known = this.#suspects.get(keyOf({ kind, item }));
    if (known && isSameCase(known.item, item)) return;
    this.#suspects.set(keyOf({ kind, item }), {
      kind,
      item,
      state: 'suspected',
      firstSeenAt: now.monotonic,
      since: now.wall.toISOString(),
      dueAt: confirmationDue(item, now, this.#limits),
      reason: '',
      message: '',
      plan: [],
    });
  }
}

/** When an object that is seen for the first time now may be called an orphan. Monotonic milliseconds. Pure. */
export function confirmationDue(item: InventoryItem, now: Moment, limits: OrphanLimits): number {
  const created = Date.parse(item.createdAt);
  // A time that is not readable or lies ahead tells of a wrong clock, not of age.
  const age = Number.isNaN(created) ? 0 : Math.max(0, now.wall.getTime() - created);
  return now.monotonic + Math.max(limits.confirmAfter.milliseconds, limits.minimumAge.milliseconds - age);
}

/** Whether two looks at an object are about the same case: the same owner, the same proof that it is ours. Pure. */
export function isSameCase(left: InventoryItem, right: InventoryItem): boolean {
  return (
    left.id === right.id && fingerprint([left.claim, left.ownership]) === fingerprint([right.claim, right.ownership])
  );
}

/**
 * Why an orphan may not be deleted although the policy says so; undefined when it may. An owner that is known by its UID can't
 * come back; one that is known by name, or by a range, can at any moment. Pure.
 */
export function whyKept({ claim, ownership }: InventoryItem): string | undefined {
  if (ownership.kind !== 'ours') return 'reason' in ownership ? ownership.reason : 'it is not proven to be ours';
  if (hasUID(claim)) return undefined;
  return 'what it was made for is not known by its UID, and may come back';
}

function hasUID(claim: OwnerClaim): boolean {
  switch (claim.kind) {
    case 'service':
    case 'node':
      return claim.uid !== '';
    case 'podRange':
    case 'none':
      return false;
  }
}

/** For people: `Service default/web (0b9d2f1e-…)`. Pure. */
export function describeClaim(claim: OwnerClaim): string {
  switch (claim.kind) {
    case 'service':
      return `Service ${[claim.name, claim.uid && `(UID ${claim.uid})`].filter((part) => part !== '').join(' ')}`;
    case 'node':
      return `Node ${[claim.name, claim.uid && `(UID ${claim.uid})`].filter((part) => part !== '').join(' ')}`;
    case 'podRange':
      return `a Node with the range ${claim.cidr}`;
    case 'none':
      return 'nobody';
  }
}

function keyOf({ kind, item }: Pick<Suspect, 'kind' | 'item'>): string {
  return `${kind}/${item.id}`;
}
