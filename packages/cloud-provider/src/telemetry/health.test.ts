import { describe, expect, it } from '@jest/globals';
import { HealthChecks, healthy, unhealthy } from './health.ts';

function checks(): HealthChecks {
  const all = new HealthChecks('healthz');
  all.add('ping', () => healthy);
  all.add('leaderElection', () => unhealthy('renewal is overdue'));
  all.add('broken', () => {
    throw new Error('boom');
  });
  return all;
}

describe('HealthChecks', () => {
  it("answers in Go's words", () => {
    const all = checks();
    expect(all.report()).toEqual({
      healthy: false,
      text: '[+]ping ok\n[-]leaderElection failed: reason withheld\n[-]broken failed: reason withheld\nhealthz check failed\n',
      failures: [
        { name: 'leaderElection', reason: 'renewal is overdue' },
        { name: 'broken', reason: 'boom' },
      ],
    });
    expect(all.report({ exclude: ['leaderElection', 'broken'] }).text).toBe('ok');
    expect(all.report({ exclude: ['leaderElection', 'broken', 'b', 'a'], verbose: true }).text).toBe(
      '[+]ping ok\n[+]leaderElection excluded: ok\n[+]broken excluded: ok\n' +
        'warn: some health checks cannot be excluded: no matches for "a", "b"\nhealthz check passed\n',
    );
  });

  it('runs single checks and forgets removed ones', () => {
    const all = checks();
    const remove = all.add('node', () => healthy);
    expect(all.names).toEqual(['ping', 'leaderElection', 'broken', 'node']);
    expect(all.check('node')).toEqual(healthy);
    expect(all.check('broken')).toEqual(unhealthy('boom'));
    remove();
    expect(all.check('node')).toBeUndefined();
  });

  it('keeps the newer check when an older one of its name is removed', () => {
    const all = new HealthChecks('livez');
    const removeOld = all.add('node', () => unhealthy('old'));
    all.add('node', () => healthy);
    removeOld();
    expect(all.check('node')).toEqual(healthy);
  });

  it('is healthy without checks', () => {
    expect(new HealthChecks('readyz').report()).toMatchObject({ healthy: true, text: 'ok' });
  });
});
