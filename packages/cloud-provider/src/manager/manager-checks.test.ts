import { describe, expect, it } from '@jest/globals';
import { type Health, HealthChecks, healthy, unhealthy } from '../telemetry/health.ts';
import { addManagerChecks, type Obstacle } from './manager-checks.ts';

interface Trouble {
  readonly obstacles?: ReadonlyMap<Obstacle, string>;
  readonly lease?: Health;
  readonly migrationLease?: Health;
  readonly eventLoop?: Health;
}

/** The endpoints that fail, with the checks that make them. */
function failing({
  obstacles = new Map(),
  lease,
  migrationLease,
  eventLoop,
}: Trouble): Record<string, readonly string[]> {
  const endpoints = {
    healthz: new HealthChecks('healthz'),
    livez: new HealthChecks('livez'),
    readyz: new HealthChecks('readyz'),
  };
  addManagerChecks(endpoints, {
    elector: { health: () => lease ?? healthy },
    migrationElector: { health: () => migrationLease ?? healthy },
    watchdog: { health: () => eventLoop ?? healthy },
    obstacles,
  });
  const reports = Object.entries(endpoints).map(([name, checks]) => [name, checks.report().failures] as const);
  return Object.fromEntries(
    reports
      .filter(([, failures]) => failures.length > 0)
      .map(([name, failures]) => [name, failures.map((each) => `${each.name}: ${each.reason}`)]),
  );
}

describe('the checks of a manager', () => {
  it('have nothing to tell when all is well', () => {
    expect(failing({})).toEqual({});
  });

  it.each<[Obstacle, string]>([
    ['cluster', 'api-server'],
    ['authentication', 'authentication'],
    ['cloud', 'cloud'],
    ['caches', 'informer-sync'],
    ['migrated-caches', 'migrated-informer-sync'],
  ])('make a manager that misses %s unready, and let it live', (obstacle, check) => {
    expect(failing({ obstacles: new Map([[obstacle, 'it is away']]) })).toEqual({ readyz: [`${check}: it is away`] });
  });

  it('have a manager restarted whose event loop is starved', () => {
    expect(failing({ eventLoop: unhealthy('late') })).toEqual({ livez: ['event-loop: late'] });
  });

  it.each<[keyof Trouble, string]>([
    ['lease', 'leaderElection'],
    ['migrationLease', 'migrationLeaderElection'],
  ])('have a manager restarted that holds its %s without renewing it', (which, check) => {
    const told = [`${check}: overdue`];
    expect(failing({ [which]: unhealthy('overdue') })).toEqual({ healthz: told, livez: told, readyz: told });
  });
});
