import type { RowName } from './rows.ts';

/**
 * Why a target is missed, for the page: written by whoever looked into it, and shown only while the row misses its target.
 * A missed row without an entry says that nobody has looked yet.
 */
export const reasons: Partial<Readonly<Record<RowName, string>>> = {
  initialize:
    'A write to a Node of 17 KB costs the API server 2.5 to 3.3 ms of CPU (measured, whatever the kind of patch), so two writes a Node and one Event bound it on few cores, whoever sends them.',
};
