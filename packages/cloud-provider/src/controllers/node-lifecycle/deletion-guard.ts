import { Duration } from '../../base/duration.ts';
import type { Evidence, InstanceView } from '../../cloud/instances.ts';
import { type DeletionLimits, ageFactorByName, allowanceOf } from './deletion-limits.ts';

/*
 * Decides which Nodes may be deleted. Pure: all that it remembers is the GuardState that goes in and comes out. Instants are
 * milliseconds of a monotonic clock.
 */

/** What the guard remembers. */
export interface GuardState {
  /** The Nodes whose machines were proved absent, by UID. */
  readonly suspects: ReadonlyMap<string, Suspect>;
  /** When Nodes were permitted to go, within the last minute. */
  readonly permits: readonly number[];
  /** When the absence was first seen of Nodes that we deleted; they go on counting for the breaker. */
  readonly departures: readonly number[];
  readonly breaker: Breaker;
  /** When evidence of absence last turned out wrong. */
  readonly contradictedAt: number | undefined;
}

export type Breaker =
  | { readonly kind: 'closed' }
  | {
      readonly kind: 'open';
      readonly openedAt: number;
      readonly reviewedAt: number;
      /** What opened it: so many absent nodes of so many. */
      readonly absent: number;
      readonly nodes: number;
    };

/** One proof of absence. */
export interface Sighting {
  readonly at: number;
  readonly evidence: Evidence;
}

/** A Node whose machine was proved absent, and nothing since has spoken against it. */
export interface Suspect {
  readonly node: JudgedNode;
  readonly first: Sighting;
  readonly last: Sighting;
  /** Since when the proofs have come without a long gap. */
  readonly heldSince: number;
  readonly waitsFor: Obstacle;
  /** When it was last permitted to go; undefined when never. */
  readonly permittedAt: number | undefined;
  /** How often it was permitted to go. */
  readonly permits: number;
}

/**
 * What keeps a Node whose machine is absent.
 * - `confirmation`: the proof was not repeated yet.
 * - `age`: it is in the first minutes of its life.
 * - `breaker`: too many machines are absent at once.
 * - `turn`: enough Nodes went within this minute.
 * - `departure`: nothing: it was permitted to go.
 */
export type Obstacle = 'confirmation' | 'age' | 'breaker' | 'turn' | 'departure';

/** The Node as the guard sees it. */
export interface JudgedNode {
  readonly name: string;
  readonly uid: string;
  /** When it differs, what was seen before is about another machine or another outage. */
  readonly identity: string;
}

/** What one read of the cloud said about one Node that is not ready. */
export interface Observation {
  readonly node: JudgedNode;
  readonly age: Duration;
  /** By what the cloud was asked for its machine. @default providerID */
  readonly knownBy?: 'providerID' | 'name';
  readonly view: InstanceView;
}

/** The answers of one pass, and what they are worth. */
export interface GuardPass {
  /** When the first question was sent. */
  readonly askedAt: number;
  /** When the last answer had come: now. */
  readonly answeredAt: number;
  readonly freshness: 'live' | 'cached';
  /** How many Nodes this cloud has in the cluster. */
  readonly clusterSize: number;
  readonly observations: readonly Observation[];
}

export interface Judgement {
  readonly state: GuardState;
  /** The Nodes that may go now. Each is permitted once, until {@link withdrawPermit}. */
  readonly permitted: readonly Suspect[];
}

export const initialGuardState: GuardState = {
  suspects: new Map(),
  permits: [],
  departures: [],
  breaker: { kind: 'closed' },
  contradictedAt: undefined,
};

const minute = Duration.minutes(1);

/** Judges one pass: first all of what was seen, so that the breaker knows it, then who may go. Pure. */
export function judgeDeletions(before: GuardState, pass: GuardPass, limits: DeletionLimits): Judgement {
  const now = pass.answeredAt;
  const seen = takeIn(before, pass, limits);
  const state = reviewBreaker(prune(seen, now, limits), pass, limits);

  const suspects = new Map(state.suspects);
  const candidates: Suspect[] = [];
  for (const observation of pass.observations) {
    const { node, view } = observation;
    const suspect = suspects.get(node.uid);
    // Only the answer of this very pass permits: an older proof is worth nothing to a cloud that can't be asked any more.
    if (!suspect || !provesAbsence(view) || suspect.waitsFor === 'departure') continue;
    const obstacle = obstacleOf(suspect, { pass, observation, breaker: state.breaker, limits });
    if (obstacle === undefined) candidates.push(suspect);
    else suspects.set(node.uid, { ...suspect, waitsFor: obstacle });
  }

  const room = Math.max(0, allowanceOf(limits.perMinute, pass.clusterSize) - state.permits.length);
  candidates.sort(byTurn);
  const permitted = candidates.slice(0, room).map((suspect) => ({
    ...suspect,
    waitsFor: 'departure' as const,
    permittedAt: now,
    permits: suspect.permits + 1,
  }));
  for (const suspect of permitted) suspects.set(suspect.node.uid, suspect);
  for (const suspect of candidates.slice(room)) suspects.set(suspect.node.uid, { ...suspect, waitsFor: 'turn' });
  return {
    state: { ...state, suspects, permits: [...state.permits, ...permitted.map(() => now)] },
    permitted,
  };
}

/** The Node is ready: whatever said that its machine is gone was wrong. Pure. */
export function acquit(state: GuardState, uid: string, now: number): GuardState {
  const suspects = without(state.suspects, uid);
  return suspects === state.suspects ? state : { ...state, suspects, contradictedAt: now };
}

/** There is no such Node any more. Pure. */
export function forget(state: GuardState, uid: string): GuardState {
  const suspect = state.suspects.get(uid);
  if (!suspect) return state;
  const suspects = without(state.suspects, uid);
  if (suspect.permittedAt === undefined) return { ...state, suspects };
  return { ...state, suspects, departures: [...state.departures, suspect.first.at] };
}

/** A permitted Node did not go: it has to be permitted again. The permit counts for its minute all the same. Pure. */
export function withdrawPermit(state: GuardState, uid: string): GuardState {
  const suspect = state.suspects.get(uid);
  if (suspect?.waitsFor !== 'departure') return state;
  return { ...state, suspects: new Map(state.suspects).set(uid, { ...suspect, waitsFor: 'turn' }) };
}

/** Whether a live read that is begun now could confirm what was seen. Pure. */
export function isConfirmationDue(state: GuardState, now: number, limits: DeletionLimits): boolean {
  return [...state.suspects.values()].some(
    ({ first, waitsFor }) => waitsFor !== 'departure' && now - first.at >= limits.confirmAfter.milliseconds,
  );
}

function takeIn(state: GuardState, pass: GuardPass, limits: DeletionLimits): GuardState {
  // So long a silence is no longer "the cloud has kept saying so".
  const longestGap = limits.breaker.hold.milliseconds / 2;
  const suspects = new Map(state.suspects);
  let { contradictedAt } = state;
  for (const { node, view } of pass.observations) {
    // What was seen of another machine, or in another outage, says nothing of this one.
    if (suspects.get(node.uid)?.node.identity !== node.identity) suspects.delete(node.uid);
    switch (view.kind) {
      case 'absent':
        if (!provesAbsence(view)) break;
        suspects.set(
          node.uid,
          accuse({
            known: suspects.get(node.uid),
            node,
            sighting: { at: pass.answeredAt, evidence: view.evidence },
            longestGap,
          }),
        );
        break;
      // Throttled, denied, a partial list, no answer: this never deletes a Node. It neither supports nor refutes what was
      // seen before; a proof must come again, by a live read, before anything happens.
      case 'unknown':
        break;
      // The machine is there; or another one has its name, or several have, and who knows which is the Node's; or it is none
      // of ours. None of these ever deletes a Node, and each refutes an absence that was seen before.
      case 'present':
      case 'replaced':
      case 'ambiguous':
      case 'foreign':
        if (suspects.delete(node.uid)) contradictedAt = pass.answeredAt;
        break;
    }
  }
  return { ...state, suspects, contradictedAt };
}

/** An absence without a statement of the cloud is a mere claim. */
function provesAbsence(view: InstanceView): boolean {
  return view.kind === 'absent' && view.evidence.statement !== '';
}

function accuse(proof: {
  readonly known: Suspect | undefined;
  readonly node: JudgedNode;
  readonly sighting: Sighting;
  readonly longestGap: number;
}): Suspect {
  const { known, node, sighting, longestGap } = proof;
  if (!known) {
    return {
      node,
      first: sighting,
      last: sighting,
      heldSince: sighting.at,
      waitsFor: 'confirmation',
      permittedAt: undefined,
      permits: 0,
    };
  }
  const isUnbroken = sighting.at - known.last.at <= longestGap;
  return { ...known, last: sighting, heldSince: isUnbroken ? known.heldSince : sighting.at };
}

function obstacleOf(
  suspect: Suspect,
  circumstances: {
    readonly pass: GuardPass;
    readonly observation: Observation;
    readonly breaker: Breaker;
    readonly limits: DeletionLimits;
  },
): Exclude<Obstacle, 'turn' | 'departure'> | undefined {
  const { pass, observation, breaker, limits } = circumstances;
  const isConfirmed = pass.freshness === 'live' && pass.askedAt - suspect.first.at >= limits.confirmAfter.milliseconds;
  if (!isConfirmed) return 'confirmation';
  const minimumAge = limits.minimumAge.times(observation.knownBy === 'name' ? ageFactorByName : 1);
  if (minimumAge.isLongerThan(observation.age)) return 'age';
  return breaker.kind === 'open' ? 'breaker' : undefined;
}

/** Who was refused longest ago or never goes first, so that a Node that can't be deleted does not keep others from it. */
function byTurn(left: Suspect, right: Suspect): number {
  return (
    (left.permittedAt ?? Number.NEGATIVE_INFINITY) - (right.permittedAt ?? Number.NEGATIVE_INFINITY) ||
    left.first.at - right.first.at ||
    left.node.name.localeCompare(right.node.name)
  );
}

function reviewBreaker(state: GuardState, pass: GuardPass, limits: DeletionLimits): GuardState {
  const { breaker } = state;
  const now = pass.answeredAt;
  // What we deleted ourselves belongs to the whole that is being compared with.
  const nodes = pass.clusterSize + state.departures.length;
  const allowed = allowanceOf(limits.breaker.allowance, nodes);
  if (breaker.kind === 'closed') {
    const since = now - limits.breaker.window.milliseconds;
    const suspected = [...state.suspects.values()].filter(({ first }) => first.at > since).length;
    const absent = suspected + state.departures.length;
    if (absent <= allowed) return state;
    return { ...state, breaker: { kind: 'open', openedAt: now, reviewedAt: now, absent, nodes } };
  }
  if (now - breaker.reviewedAt < limits.breaker.reviewPeriod.milliseconds) return state;
  const hold = limits.breaker.hold.milliseconds;
  const shakenAt = Math.max(breaker.openedAt, state.contradictedAt ?? Number.NEGATIVE_INFINITY);
  // Time alone proves nothing: the cloud must have said the same at the end of it.
  const unproven = [...state.suspects.values()].filter(({ heldSince, last }) => last.at - heldSince < hold).length;
  const hasHeld = now - shakenAt >= hold && unproven <= allowed;
  return { ...state, breaker: hasHeld ? { kind: 'closed' } : { ...breaker, reviewedAt: now } };
}

function prune(state: GuardState, now: number, limits: DeletionLimits): GuardState {
  return {
    ...state,
    permits: state.permits.filter((at) => at > now - minute.milliseconds),
    departures: state.departures.filter((at) => at > now - limits.breaker.window.milliseconds),
  };
}

function without(suspects: ReadonlyMap<string, Suspect>, uid: string): ReadonlyMap<string, Suspect> {
  if (!suspects.has(uid)) return suspects;
  const rest = new Map(suspects);
  rest.delete(uid);
  return rest;
}
