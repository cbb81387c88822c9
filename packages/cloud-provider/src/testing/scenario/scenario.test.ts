import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import { startApiServer } from '../api-server/api-server.ts';
import { ClusterHTTP } from './cluster-http.ts';
import { createDemoCloud } from './demo-cloud.ts';
import { Scenario } from './scenario.ts';

async function setUp(deadline: Duration) {
  const apiServer = await startApiServer();
  const http = new ClusterHTTP(apiServer.url);
  const cloud = createDemoCloud({ clock: systemClock, seed: 1 });
  const options = { nodes: 3, services: 2, seed: 1, deadline, cloud, http, clock: systemClock };
  return {
    scenario: new Scenario(options),
    apiServer,
    async [Symbol.asyncDispose]() {
      await http.close();
      await apiServer[Symbol.asyncDispose]();
    },
  };
}

describe('Scenario', () => {
  it('says what is missing when nobody does the work', async () => {
    await using bed = await setUp(Duration.milliseconds(300));
    const report = await bed.scenario.run(new AbortController().signal);
    expect(report).toMatchObject({
      nodes: { wanted: 3, initialised: 0 },
      services: { wanted: 2, ready: 0 },
      converged: false,
      cloudCalls: {},
    });
    expect(report.problems[0]).toBe(
      'the scenario did not end within 300ms (while: 2 machines join, 1 Services want load balancers)',
    );
    expect(report.problems).toContain('Node machine-0001: it is not initialised');
    expect(report.problems).toContain('Service default/web-001: it has no load balancer');
  });

  it('makes Nodes as kubelets with an external cloud provider do', async () => {
    await using bed = await setUp(Duration.milliseconds(300));
    await bed.scenario.run(new AbortController().signal);
    const [node] = bed.apiServer.store.list('nodes');
    expect(node).toMatchObject({
      spec: {
        // The API server itself adds that the node is not ready yet.
        taints: [
          { key: 'node.cloudprovider.kubernetes.io/uninitialized', value: 'true', effect: 'NoSchedule' },
          { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' },
        ],
      },
      status: { addresses: [{ type: 'Hostname', address: 'machine-0001' }] },
    });
    expect(node).not.toHaveProperty('spec.providerID');
  });

  it('stops when it is told to', async () => {
    await using bed = await setUp(Duration.minutes(1));
    const running = bed.scenario.run(AbortSignal.timeout(50));
    await expect(running).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});
