/**
 * One account in one region: the key of clients, budgets and snapshots. Several regions and accounts in one cluster are
 * several scopes.
 */
export interface CloudScope {
  readonly account: string;
  readonly region: string;
}

/** The scope as a map key. */
export function scopeKey(scope: CloudScope): string {
  return `${scope.account}/${scope.region}`;
}
