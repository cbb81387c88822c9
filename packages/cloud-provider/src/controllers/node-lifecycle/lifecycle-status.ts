import type { Clock } from '../../base/clock.ts';
import type { ControllerStatus, ItemStatus } from '../controller.ts';
import { describeProof } from './deletion-announcer.ts';
import type { GuardState, Obstacle, Suspect } from './deletion-guard.ts';

/** What people are told of each obstacle. */
const obstacles: Readonly<Record<Obstacle, Pick<ItemStatus, 'state' | 'reason'>>> = {
  confirmation: { state: 'waiting', reason: 'DeletionUnconfirmed' },
  age: { state: 'waiting', reason: 'NodeTooYoung' },
  breaker: { state: 'blocked', reason: 'DeletionSuspended' },
  turn: { state: 'waiting', reason: 'DeletionLimited' },
  departure: { state: 'deleting', reason: '' },
};

/** The guard as the status page shows it. */
export function lifecycleStatus(parts: {
  readonly guard: GuardState;
  readonly clock: Clock;
  readonly due: number;
  readonly facts: ControllerStatus['facts'];
}): ControllerStatus {
  const { guard, clock } = parts;
  const wallOf = (monotonic: number): string =>
    new Date(clock.now().getTime() - (clock.monotonic() - monotonic)).toISOString();
  const suspects = [...guard.suspects.values()].sort((left, right) => left.first.at - right.first.at);
  return {
    queues: [{ name: 'NodeLifecycle', depth: parts.due }],
    items: suspects.map((suspect) => itemOf(suspect, wallOf)),
    facts: {
      ...parts.facts,
      machinesAbsent: guard.suspects.size,
      deletionBreaker:
        guard.breaker.kind === 'closed'
          ? 'closed'
          : `open since ${wallOf(guard.breaker.openedAt)}: ${guard.breaker.absent} of ${guard.breaker.nodes} nodes were absent`,
    },
  };
}

function itemOf(suspect: Suspect, wallOf: (monotonic: number) => string): ItemStatus {
  return {
    kind: 'Node',
    key: suspect.node.name,
    ...obstacles[suspect.waitsFor],
    message: `the cloud says that its machine is gone: ${describeProof(suspect)}`,
    since: wallOf(suspect.first.at),
    nextAttempt: '',
    plan: [],
  };
}
