import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../base/clock.ts';
import { connectKubeClient } from '../kube/client/connect.ts';
import type { KubeClient, RawResponse } from '../kube/client/kube-client.ts';
import { createLogger } from '../telemetry/logger.ts';
import { startApiServer } from '../testing/api-server/api-server.ts';
import { checkVersionSkew, UnusableApiServerError } from './version-check.ts';

async function check(answers: Readonly<Record<string, unknown>>): Promise<string> {
  await using server = await startApiServer();
  const real = await connectKubeClient({ master: server.url, userAgent: 'test/1', clock: systemClock });
  const client: Pick<KubeClient, 'raw'> = {
    async raw(request): Promise<RawResponse> {
      const answer = answers[request.path[0] ?? ''];
      if (answer === undefined) return await real.raw(request);
      const isRefused = typeof answer === 'number';
      return { status: isRefused ? answer : 200, header: () => '', text: () => '', json: () => answer };
    },
  };
  let log = '';
  const logger = createLogger({ format: 'text', level: 'info', clock: systemClock, sink: (line) => (log += line) });
  try {
    const signal = new AbortController().signal;
    await checkVersionSkew({ client: { ...real, raw: client.raw }, logger, signal });
  } finally {
    await real.close();
  }
  return log;
}

describe('checkVersionSkew', () => {
  it('has nothing to say of a server that is in range', async () => {
    expect(await check({})).toBe('');
  });

  it('warns of a server that is out of range, and goes on', async () => {
    expect(await check({ version: { gitVersion: 'v1.29.1' } })).toContain('works with 1.33 to 1.37');
  });

  it('refuses a server that lacks an API', async () => {
    const groups = [
      { versions: [{ groupVersion: 'coordination.k8s.io/v1' }, { groupVersion: 'events.k8s.io/v1beta1' }] },
    ];
    await expect(check({ apis: { groups } })).rejects.toThrow(UnusableApiServerError);
    await expect(check({ apis: { groups } })).rejects.toThrow('does not serve discovery.k8s.io/v1, events.k8s.io/v1');
  });

  it('goes on where nothing can be found out', async () => {
    expect(await check({ version: 403 })).toContain("can't be found out");
  });
});
