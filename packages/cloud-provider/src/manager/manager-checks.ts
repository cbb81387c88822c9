import type { LeaderElector } from '../kube/leader-election/leader-elector.ts';
import type { EventLoopWatchdog } from '../telemetry/event-loop-watchdog.ts';
import { type HealthChecks, healthy, unhealthy } from '../telemetry/health.ts';

/** What can keep a manager from being ready. */
export type Obstacle = 'cluster' | 'authentication' | 'cloud' | 'caches' | 'migrated-caches';

/** Those that there are now, with what to tell people. */
export type Obstacles = Map<Obstacle, string>;

export interface ManagerEndpoints {
  readonly healthz: HealthChecks;
  readonly livez: HealthChecks;
  readonly readyz: HealthChecks;
}

export interface CheckedParts {
  /** Undefined without an election. */
  readonly elector: Pick<LeaderElector, 'health'> | undefined;
  readonly migrationElector: Pick<LeaderElector, 'health'> | undefined;
  readonly watchdog: Pick<EventLoopWatchdog, 'health'>;
  readonly obstacles: ReadonlyMap<Obstacle, string>;
}

/** The checks of readiness, by name, and what each of them hangs on. */
const readiness: readonly (readonly [name: string, obstacle: Obstacle])[] = [
  ['api-server', 'cluster'],
  ['authentication', 'authentication'],
  ['cloud', 'cloud'],
  ['informer-sync', 'caches'],
  ['migrated-informer-sync', 'migrated-caches'],
];

/** Adds the checks that every manager has; those of its controllers come with them. */
export function addManagerChecks({ healthz, livez, readyz }: ManagerEndpoints, parts: CheckedParts): void {
  const { elector, migrationElector, watchdog, obstacles } = parts;
  for (const checks of [healthz, livez, readyz]) {
    checks.add('ping', () => healthy);
    if (elector) checks.add('leaderElection', () => elector.health());
    if (migrationElector) checks.add('migrationLeaderElection', () => migrationElector.health());
  }
  livez.add('event-loop', () => watchdog.health());
  for (const [name, obstacle] of readiness) {
    readyz.add(name, () => {
      const reason = obstacles.get(obstacle);
      return reason === undefined ? healthy : unhealthy(reason);
    });
  }
}
