import type { Node } from '../../api/node.ts';
import { Duration } from '../../base/duration.ts';

/**
 * The wall clocks of the API server and of this machine are taken to differ by no more than this. Certificates, tokens and
 * leases fail long before.
 */
const clockTolerance = Duration.minutes(10);

/** When this process first saw a Node. */
export interface FirstSight {
  /** Milliseconds of the monotonic clock. */
  readonly at: number;
  /** How old the Node was then at least, in milliseconds. */
  readonly age: number;
}

/**
 * The first sight of a Node that was there before this process looked. One that is older than clocks may differ is so for a process that has just started too; later
 * jumps of the wall clock change nothing about it.
 */
export function firstSightOf(node: Node, now: { readonly monotonic: number; readonly wall: Date }): FirstSight {
  const sinceCreation = now.wall.getTime() - Date.parse(node.metadata.creationTimestamp);
  const age = sinceCreation - clockTolerance.milliseconds;
  return { at: now.monotonic, age: age > 0 ? age : 0 };
}

/**
 * How long the Node exists at least. A Node that was young when it was first seen is as old as the time since then, or, if
 * that is less, since its creation; the latter counts only when it makes sense: clocks differ, and jump.
 */
export function ageOf(
  node: Node,
  first: FirstSight,
  now: { readonly monotonic: number; readonly wall: Date },
): Duration {
  const known = now.monotonic - first.at;
  if (first.age > 0) return Duration.milliseconds(first.age + known);
  const sinceCreation = now.wall.getTime() - Date.parse(node.metadata.creationTimestamp);
  return Duration.milliseconds(sinceCreation >= 0 ? Math.min(known, sinceCreation) : known);
}
