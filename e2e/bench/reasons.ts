import type { RowName } from './rows.ts';

/**
 * Why a target is missed, for the page: written by whoever looked into it, and shown only while the row misses its target.
 * A missed row without an entry says that nobody has looked yet.
 */
export const reasons: Partial<Readonly<Record<RowName, string>>> = {};
