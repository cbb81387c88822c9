import { describe, expect, it } from '@jest/globals';
import { checkFeatureGates, featureGates, gatesWithoutEffect, resolveFeatureGates } from './feature-gates.ts';

describe('feature gates', () => {
  it('have their defaults', () => {
    const resolved = resolveFeatureGates({});
    for (const [name, gate] of Object.entries(featureGates)) expect(resolved).toHaveProperty(name, gate.default);
  });

  it('are set one by one, over their stage', () => {
    expect(resolveFeatureGates({ AllAlpha: 'true', CloudControllerManagerWebhook: 'false' })).toMatchObject({
      CloudControllerManagerWatchBasedRoutesReconciliation: true,
      CloudControllerManagerWebhook: false,
      ControllerManagerReleaseLeaderElectionLockOnExit: true,
    });
    expect(resolveFeatureGates({ AllBeta: '0' }).ControllerManagerReleaseLeaderElectionLockOnExit).toBe(false);
  });

  it.each([
    [{ CloudControllerManagerWebhok: 'true' }, 'did you mean CloudControllerManagerWebhook?'],
    [{ Nonsense: 'true' }, 'there is no such gate: see the reference of flags'],
    [{ constructor: 'true' }, 'there is no such gate: see the reference of flags'],
    [{ AllAlpha: 'perhaps' }, 'write true or false'],
  ])('refuse %j', (given, fix) => {
    expect(checkFeatureGates(given).map((fault) => fault.fix)).toEqual([fix]);
  });

  it('say when they mean nothing here', () => {
    expect(gatesWithoutEffect({ WatchList: 'true', ControllerManagerReleaseLeaderElectionLockOnExit: 'true' })).toEqual(
      [{ gate: 'WatchList', reason: 'lists are streamed where the server offers it' }],
    );
  });
});
