import type { ObjectReference } from '../../api/event.ts';
import type { Duration } from '../../base/duration.ts';

export interface EventContent {
  readonly type: 'Normal' | 'Warning';
  /** CamelCase, for machines. */
  readonly reason: string;
  /** What was done or tried, CamelCase. */
  readonly action: string;
  /** For people. Cut to 1024 bytes. */
  readonly note: string;
}

/** Tells users what happened to an object. Never throws, never blocks: an Event that cannot be written is dropped and counted. */
export interface EventRecorder {
  event(regarding: ObjectReference, content: EventContent): void;
  /** Resolves when everything recorded so far was written or dropped, at the latest when the deadline has passed. */
  flush(deadline: Duration): Promise<void>;
}
