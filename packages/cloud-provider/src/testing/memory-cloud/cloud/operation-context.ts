import type { Tags } from './api.ts';
import type { CloudSettings } from './settings.ts';

/** What an operation knows of the request that it serves. Times are monotonic milliseconds. */
export interface OperationContext {
  readonly now: number;
  /** The time whose state reads see. */
  readonly readAt: number;
  /** What was true since then may still be asked for. */
  readonly keepFrom: number;
  readonly settings: CloudSettings;
  /** The caller's cluster. */
  readonly cluster: string;
  /** Says whose object an object with these tags is; `recorded` is what the cloud knows when they don't tell. */
  ownerOf(tags: Tags, recorded: string): string;
  /** Notes that the request changed an object of this owner. */
  touch(object: string, owner: string): void;
  /** What of a list is really told. */
  toldOf<Item>(items: readonly Item[]): readonly Item[];
}

/** The times that a write to a lagged map needs. */
export function writeTimes(context: Pick<OperationContext, 'now' | 'keepFrom'>): { now: number; keep: number } {
  return { now: context.now, keep: context.keepFrom };
}
