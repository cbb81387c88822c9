import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Bench, setUpBusyBench } from '../test-bench.ts';

const manager = 'system:serviceaccount:kube-system:manager';

describe('doctor', () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await setUpBusyBench();
  }, 60_000);

  afterEach(async () => {
    await bench[Symbol.asyncDispose]();
  }, 60_000);

  it('names the right that is missing, and whom it is missing to', async () => {
    expect((await bench.run('doctor')).out).toMatch(/✔ rights: all \d+ that the manager uses are granted\n/);
    bench.api.access.deny({ user: manager, verb: 'patch', resource: 'services', subresource: 'status' });
    expect((await bench.run('doctor')).out).toContain('✔ rights: all');
    const { code, first } = await bench.run('doctor', '--as', manager);
    expect([code, first]).toEqual([
      2,
      expect.stringMatching(/^Doctor: rights: \S+:manager may not patch services\/status — .*ClusterRole/),
    ]);
    const other = await bench.run('doctor', '--as', 'jane', '--as-group', 'admins', '--as-group', 'others');
    expect(other.out).toMatch(/✔ rights: all \d+ that the manager uses are granted to jane\n/);
  }, 120_000);

  it('says when it may not ask on behalf of somebody', async () => {
    bench.api.access.deny({ verb: 'impersonate' });
    const { out } = await bench.run('doctor', '--as', manager);
    expect(out).toMatch(/\? rights: nobody says what \S+:manager may do: .*cannot impersonate.* — .*instead of --as/);
    const { code, err } = await bench.run('doctor', '--as-group', 'admins');
    expect([code, err]).toEqual([64, expect.stringContaining('--as-group says nothing without --as')]);
  }, 120_000);
});
