import type { Node } from '../../api/node.ts';
import type { Clock } from '../../base/clock.ts';
import type { Duration } from '../../base/duration.ts';
import type { EventRecorder } from '../../kube/events/event-recorder.ts';
import type { ItemStatus } from '../controller.ts';
import { nodeReference } from '../node-reference.ts';
import type { Obstacle } from './plan-node.ts';

/** A transient obstacle is told to the user when it is met for this many times in a row: short ones pass unnoticed. */
const transientAttemptsBeforeEvent = 3;

interface WaitingNode {
  readonly uid: string;
  readonly obstacle: Obstacle;
  readonly since: string;
  readonly nextAttempt: string;
  /** In a row, with the same reason. */
  readonly attempts: number;
}

/** The nodes that can't be initialised yet, and why. Tells the user once for each cause, not once for each attempt. */
export class WaitingNodes {
  readonly #clock: Clock;
  readonly #recorder: EventRecorder;
  readonly #nodes = new Map<string, WaitingNode>();

  constructor(clock: Clock, recorder: EventRecorder) {
    this.#clock = clock;
    this.#recorder = recorder;
  }

  /** Notes why the node waits, and until when. */
  wait(node: Node, obstacle: Obstacle, until: Duration): void {
    const { name, uid } = node.metadata;
    const before = this.#nodes.get(name);
    const isSame = before?.uid === uid && before.obstacle.reason === obstacle.reason;
    const attempts = isSame ? before.attempts + 1 : 1;
    const now = this.#clock.now();
    this.#nodes.set(name, {
      uid,
      obstacle,
      since: isSame ? before.since : now.toISOString(),
      nextAttempt: new Date(now.getTime() + until.milliseconds).toISOString(),
      attempts,
    });
    const tellAt = obstacle.expectation === 'transient' ? transientAttemptsBeforeEvent : 1;
    if (attempts !== tellAt) return;
    this.#recorder.event(nodeReference(node), {
      type: 'Warning',
      reason: obstacle.reason,
      action: 'Initialize',
      note: obstacle.message,
    });
  }

  /** The node waits no longer: it is initialised, deleted or not ours. */
  forget(name: string): void {
    this.#nodes.delete(name);
  }

  has(name: string): boolean {
    return this.#nodes.has(name);
  }

  get size(): number {
    return this.#nodes.size;
  }

  /** Longest waiting first. */
  status(): readonly ItemStatus[] {
    return [...this.#nodes]
      .map(([key, { obstacle, since, nextAttempt }]) => ({
        kind: 'Node',
        key,
        state: 'waiting',
        reason: obstacle.reason,
        message: obstacle.message,
        since,
        nextAttempt,
        plan: [],
      }))
      .sort((left, right) => left.since.localeCompare(right.since));
  }
}
