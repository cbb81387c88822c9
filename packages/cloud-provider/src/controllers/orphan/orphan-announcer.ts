import type { EventRecorder } from '../../kube/events/event-recorder.ts';
import { clusterReference } from '../cluster-reference.ts';
import { type Suspect, describeClaim } from './orphan-register.ts';
import type { OrphanPolicy } from './orphan-settings.ts';

/** Tells the users about orphans, on the namespace kube-system: what they belonged to is not there any more. */
export class OrphanAnnouncer {
  readonly #recorder: EventRecorder;
  /** The UID of kube-system. */
  readonly #clusterUID: string;

  constructor(recorder: EventRecorder, clusterUID: string) {
    this.#recorder = recorder;
    this.#clusterUID = clusterUID;
  }

  /** @param kept why it is not going to be deleted whatever the policy says; undefined when it would be */
  found(suspect: Suspect, policy: OrphanPolicy, kept: string | undefined): void {
    const fate =
      kept !== undefined
        ? `It is not deleted: ${kept}`
        : policy === 'delete'
          ? 'It will be deleted'
          : 'It is left alone; --orphan-policy=delete would delete it';
    const note = `${nameOf(suspect)} was made for ${describeClaim(suspect.item.claim)}, which is not in the cluster. ${fate}`;
    this.#tell('Warning', 'OrphanFound', note);
  }

  deleted(suspect: Suspect): void {
    const owner = describeClaim(suspect.item.claim);
    this.#tell('Normal', 'OrphanDeleted', `Deleted ${nameOf(suspect)}, made for ${owner}, which is not in the cluster`);
  }

  notDeleted(suspect: Suspect, reason: string): void {
    this.#tell('Warning', 'OrphanNotDeleted', `${nameOf(suspect)} could not be deleted: ${reason}`);
  }

  breakerOpened(orphans: number, listed: number): void {
    const note =
      `${orphans} of ${listed} objects in the cloud seem to have no owner in the cluster, so none of them is deleted: ` +
      'see whether this is the right cluster, and raise --orphan-breaker-objects or --orphan-breaker-percent if it is';
    this.#tell('Warning', 'OrphanDeletionStopped', note);
  }

  #tell(type: 'Normal' | 'Warning', reason: string, note: string): void {
    this.#recorder.event(clusterReference(this.#clusterUID), { type, reason, action: 'SweepOrphans', note });
  }
}

function nameOf({ kind, item }: Suspect): string {
  return `${kind} ${item.name}${item.id === item.name ? '' : ` (${item.id})`}`;
}
