import { readFile } from 'node:fs/promises';
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
    expect(totals({ nodes: 1000 }, 'hour')[1]).toBe(16);
    expect(totals({ nodes: 100, silentNodes: 1 }, 'hour')).toEqual([1200 + 1440, 12 + 720 + 4]);
    expect(totals({ nodes: 100, routes: 'managed' }, 'hour')).toEqual([1200 + 720, 17]);
  });

  it('ensures each load balancer anew at a restart', () => {
    const two = { spec: { ports: [tcpPort(80, 30080), tcpPort(81, 30081)] } };
    const services = Array.from({ length: 200 }, () => testService(two));
    expect(totals({ services }, 'restart')).toEqual([2400, 917]);
    expect(totals({ services }, 'nodeChange')).toEqual([800, 401]);
    const classic = testService({ annotations: { 'service.beta.kubernetes.io/aws-load-balancer-type': '' } });
    expect(totals({ services: [classic] }, 'restart')).toEqual([10, 19]);
    expect(totals({}, 'restart')).toEqual([0, 0]);
  });

  const ten = (annotations: Readonly<Record<string, string>>): SpendingFacts['services'] =>
    Array.from({ length: 10 }, () => testService({ annotations }));
  const network = ten({});
  const classic = ten({ 'service.beta.kubernetes.io/aws-load-balancer-type': '' });

  /** What a row of the page has beyond what another one has: the calls that are told by themselves. */
  it.each<readonly [row: string, facts: Partial<SpendingFacts>, each: Spending['each'], beyond: string]>([
    ['an idle hour, 100 nodes', { nodes: 100 }, 'hour', ''],
    ['an idle hour, 1,000 nodes', { nodes: 1000 }, 'hour', ''],
    ['routes: an idle hour, 100 nodes', { nodes: 100, routes: 'managed' }, 'hour', ''],
    ['network: an idle hour, 10 Services', { nodes: 3, services: network }, 'hour', ''],
    ['classic: an idle hour, 10 Services', { nodes: 3, services: classic }, 'hour', ''],
    ['network: restart with 10 Services', { services: network }, 'restart', 'restart with 100 nodes'],
    ['classic: restart with 10 Services', { services: classic }, 'restart', 'restart with 100 nodes'],
    ['network: one node joins 10 Services', { services: network }, 'nodeChange', ''],
    ['classic: one node joins 10 Services', { services: classic }, 'nodeChange', ''],
  ])('tells of this manager what its page of calls states: %s', async (row, facts, each, beyond) => {
    const page = await readFile(new URL('../docs/call-budget.md', import.meta.url), 'utf8');
    const callsIn = (name: string): number => {
      const line = page.split('\n').find((each) => each.startsWith(`| ${name} |`));
      return Number(/^\| [^|]+ \| (\d+)/.exec(line ?? '')?.[1]);
    };
    const stated = callsIn(row) - (beyond === '' ? 0 : callsIn(beyond));
    const [, ours] = totals(facts, each);
    expect(stated).toBeGreaterThan(0);
    // It says "about", and must not be further off than that.
    expect(Math.abs(ours - stated)).toBeLessThanOrEqual(Math.max(1, stated * 0.1));
  });
});
