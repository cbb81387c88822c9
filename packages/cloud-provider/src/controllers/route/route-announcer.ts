import type { Node } from '../../api/node.ts';
import type { EventRecorder } from '../../kube/events/event-recorder.ts';
import { nodeReference } from '../node-reference.ts';
import type { RouteTrouble } from './route-table.ts';

/**
 * Tells users which nodes lack routes, and why, in the Go managers' Event.
 * Source: k8s.io/cloud-provider controllers/route.
 */
export class RouteAnnouncer {
  readonly #recorder: EventRecorder;
  /** What was told last of ranges that only somebody can mend: they are seen in each pass. */
  readonly #told = new Map<string, string>();

  constructor(recorder: EventRecorder) {
    this.#recorder = recorder;
  }

  trouble(node: Node, cidr: string, trouble: Pick<RouteTrouble, 'kind' | 'message'>): void {
    switch (trouble.kind) {
      case 'waiting':
        return;
      case 'failed':
        break;
      case 'blocked':
      case 'outside':
      case 'refused': {
        const key = `${node.metadata.uid} ${cidr}`;
        if (this.#told.get(key) === trouble.message) return;
        this.#told.set(key, trouble.message);
      }
    }
    const { name, uid } = node.metadata;
    this.#recorder.event(nodeReference(node), {
      type: 'Warning',
      reason: 'FailedToCreateRoute',
      action: 'CreateRoute',
      note: `Could not create route ${uid} ${cidr} for node ${name}: ${trouble.message}`,
    });
  }

  /** The node is served, or gone: what happens next is news. */
  forget(uid: string): void {
    for (const key of this.#told.keys()) if (key.startsWith(`${uid} `)) this.#told.delete(key);
  }
}
