import type { ObjectReference } from '../../api/event.ts';
import type { EventContent, EventRecorder } from '../../kube/events/event-recorder.ts';

/** An Event that a controller would have written. */
export interface ToldEvent {
  readonly regarding: ObjectReference;
  readonly content: EventContent;
}

/** Keeps what would have been told; nobody hears of it. */
export function eventKeeper(events: ToldEvent[]): EventRecorder {
  return {
    event(regarding, content) {
      events.push({ regarding, content });
    },
    flush: () => Promise.resolve(),
  };
}
