import { type Service } from '../../api/service.ts';
import { objectKey } from '../../api/object-meta.ts';
import type { MemberResult, ServiceUID } from '../../cloud/load-balancer-kind.ts';
import type { ServiceIntent } from './service-intent.ts';

/**
 * Whether one kind of load balancer has anything for a Service.
 *
 * - `unasked`: not known.
 * - `clean`: it has nothing.
 * - `left`: one of its groups has nothing any more; others may.
 * - `assigned`: the Service is a member of one of its groups, to have a load balancer or to be rid of it.
 */
export type KindState =
  | { readonly kind: 'unasked' }
  | { readonly kind: 'clean' }
  | { readonly kind: 'left' }
  | { readonly kind: 'assigned'; readonly group: string };

/** Where a Service is, for people. */
export interface MemberReport {
  readonly state: 'waiting' | 'converged' | 'settling' | 'blocked' | 'refused' | 'failed' | 'deleting';
  readonly reason: string;
  readonly message: string;
  readonly plan: readonly string[];
}

/** Everything that is remembered of one Service, by its UID: another Service of the same name is another member. */
export interface MemberState {
  readonly uid: ServiceUID;
  readonly key: string;
  /** The newest version; the last known one when the Service is no longer there. */
  service: Service;
  /** `vanished`: the Service went without waiting for us, or another one has its name. */
  presence: 'present' | 'vanished';
  intent: Exclude<ServiceIntent, 'ignored'>;
  /** The version of the Service that was last placed, so that its wishes are those of this version; empty before. */
  judged: string;
  /** The fingerprint of the inputs that its group was last told of. */
  inputs: string;
  readonly kinds: Map<string, KindState>;
  /** The ids of groups that surely have nothing for it. */
  readonly left: Set<string>;
  /** What the cloud's state last gave for the Service. */
  result: MemberResult;
  /** The start that users were told of and the end of which they are still to be told. */
  announced: 'nothing' | 'ensuring' | 'deleting';
  /** The last warning that users were told, so that a repetition of it is not told again. */
  warning: string;
  report: MemberReport;
  since: string;
  nextAttempt: string;
}

/** The Services that something was done for or is to be done for. */
export class Members {
  readonly #byUID = new Map<ServiceUID, MemberState>();
  readonly #byKey = new Map<string, Set<MemberState>>();

  get(uid: ServiceUID): MemberState | undefined {
    return this.#byUID.get(uid);
  }

  /** All that have or had the name: more than one after a Service was replaced by another one. */
  ofKey(key: string): readonly MemberState[] {
    return [...(this.#byKey.get(key) ?? [])];
  }

  all(): Iterable<MemberState> {
    return this.#byUID.values();
  }

  get size(): number {
    return this.#byUID.size;
  }

  add(service: Service, intent: MemberState['intent'], now: string): MemberState {
    const { uid } = service.metadata;
    const member: MemberState = {
      uid,
      key: objectKey(service),
      service,
      presence: 'present',
      intent,
      judged: '',
      inputs: '',
      kinds: new Map(),
      left: new Set(),
      result: {},
      announced: 'nothing',
      warning: '',
      report: { state: 'waiting', reason: '', message: '', plan: [] },
      since: now,
      nextAttempt: '',
    };
    this.#byUID.set(uid, member);
    const ofKey = this.#byKey.get(member.key);
    if (ofKey) ofKey.add(member);
    else this.#byKey.set(member.key, new Set([member]));
    return member;
  }

  remove(member: MemberState): void {
    this.#byUID.delete(member.uid);
    const ofKey = this.#byKey.get(member.key);
    ofKey?.delete(member);
    if (ofKey?.size === 0) this.#byKey.delete(member.key);
  }
}
