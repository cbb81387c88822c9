import { describe, expect, it } from '@jest/globals';
import type { Spending, SpendingFacts } from '@ccm-ts/cloud-provider';
import { awsSpending } from './spending.ts';
import { tcpPort, testService } from './testing/services.ts';

const none: SpendingFacts = { nodes: 0, silentNodes: 0, routes: 'none', services: [] };

function totals(facts: Partial<SpendingFacts>, each: Spending['each']): readonly [go: number, ours: number] {
  const isNetwork = (service: SpendingFacts['services'][number]): boolean =>
    service.metadata.annotations['service.beta.kubernetes.io/aws-load-balancer-type'] === 'nlb';
  const rows = awsSpending({ ...none, ...facts }, isNetwork).filter((row) => row.each === each);
  return [rows.reduce((sum, { go }) => sum + go, 0), rows.reduce((sum, { ours }) => sum + ours, 0)];
}

describe('awsSpending', () => {
  it('asks for each node by itself, and for routes with their machines', () => {
    // 288,000 a day, which is what 1,000 nodes cost.
    expect(totals({ nodes: 1000 }, 'hour')[0]).toBe(288_000 / 24);
    expect(totals({ nodes: 1000 }, 'hour')[1]).toBe(64);
    expect(totals({ nodes: 100, silentNodes: 1 }, 'hour')).toEqual([1200 + 1440, 12 + 720 + 4]);
    expect(totals({ nodes: 100, routes: 'managed' }, 'hour')).toEqual([1200 + 720, 17]);
  });

  it('ensures each load balancer anew at a restart', () => {
    const two = { spec: { ports: [tcpPort(80, 30080), tcpPort(81, 30081)] } };
    const services = Array.from({ length: 200 }, () => testService(two));
    expect(totals({ services }, 'restart')).toEqual([2400, 810]);
    expect(totals({ services }, 'nodeChange')).toEqual([800, 401]);
    const classic = testService({ annotations: { 'service.beta.kubernetes.io/aws-load-balancer-type': '' } });
    expect(totals({ services: [classic] }, 'restart')).toEqual([10, 12]);
    expect(totals({}, 'restart')).toEqual([0, 0]);
  });
});
