import type { Node } from '../../api/node.ts';
import { describeAnnotationFinding } from '../../cloud/annotations/annotation-finding.ts';
import { judgeNodeAnnotations } from '../../cloud/own-annotations.ts';
import type { EventRecorder } from '../../kube/events/event-recorder.ts';
import { nodeReference } from '../node-reference.ts';

/** So many tell what is wrong; an Event has little room. */
const mostTold = 3;

/** Tells of annotations on Nodes that are meant for this manager and do nothing: once for each change of them. */
export class AnnotationRemarks {
  readonly #recorder: EventRecorder;
  /** What was told last, by the Node's UID. */
  readonly #told = new Map<string, string>();

  constructor(recorder: EventRecorder) {
    this.#recorder = recorder;
  }

  /** Whether there is something else to say of the one version than of the other. */
  areNews(old: Node, next: Node): boolean {
    return remarkOn(old) !== remarkOn(next);
  }

  tell(node: Node): void {
    const { uid } = node.metadata;
    const note = remarkOn(node);
    if (note === (this.#told.get(uid) ?? '')) return;
    if (note === '') {
      this.#told.delete(uid);
      return;
    }
    this.#told.set(uid, note);
    this.#recorder.event(nodeReference(node), {
      type: 'Warning',
      reason: 'AnnotationsWithoutEffect',
      action: 'Initialize',
      note,
    });
  }

  forget(uid: string): void {
    this.#told.delete(uid);
  }
}

function remarkOn({ metadata }: Node): string {
  const findings = judgeNodeAnnotations(metadata.annotations);
  const told = findings.slice(0, mostTold).map(describeAnnotationFinding).join('; ');
  return findings.length > mostTold ? `${told}; and ${findings.length - mostTold} more` : told;
}
