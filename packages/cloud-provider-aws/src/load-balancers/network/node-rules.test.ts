import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { IngressRule } from '../../client/ec2-port.ts';
import { type ClientPort, type NodeTraffic, compareRules, desiredRules } from './node-rules.ts';
import { ruleKey } from '../surroundings/security-group-ledger.ts';

const cidrs = fc.subarray(['0.0.0.0/0', '10.0.0.0/24', '10.0.1.0/24', '192.0.2.0/24', '2001:db8::/32'], {
  minLength: 1,
});
const owner = (
  loadBalancer: string,
  sharedHealthPort?: number,
): { loadBalancer: string; sharedHealthPort: number | undefined } => ({
  loadBalancer,
  sharedHealthPort,
});
const ports = fc.subarray([30080, 30443, 31000, 10256], { minLength: 1 });
const traffic: fc.Arbitrary<NodeTraffic> = fc.record({
  sources: cidrs,
  clientPorts: fc.uniqueArray(
    fc.record({
      protocol: fc.constantFrom('tcp' as const, 'udp' as const),
      port: fc.constantFrom(30080, 30443, 31000),
    }),
    {
      minLength: 1,
      selector: ({ protocol, port }: ClientPort) => `${protocol} ${port}`,
    },
  ),
  healthSources: cidrs,
  healthPorts: ports,
});

/** A group as EC2 keeps it: it refuses what is there and what is not. */
function write(present: readonly IngressRule[], wanted: readonly IngressRule[], name: string): IngressRule[] {
  const { authorize, revoke } = compareRules(present, wanted, owner(name));
  const keys = new Set(present.map(ruleKey));
  for (const rule of authorize) {
    expect(keys.has(ruleKey(rule))).toBe(false);
    keys.add(ruleKey(rule));
  }
  const gone = new Set(revoke.map(ruleKey));
  for (const key of gone) expect(present.map(ruleKey)).toContain(key);
  return [...present, ...authorize].filter((rule) => !gone.has(ruleKey(rule)));
}

describe('rules of a node security group', () => {
  it('converge in one step, and go as if they had never been there', () => {
    fc.assert(
      fc.property(traffic, traffic, (first, second) => {
        const before: IngressRule[] = [
          { protocol: '-1', fromPort: -1, toPort: -1, cidr: '10.0.0.0/8', description: 'all' },
        ];
        const afterFirst = write(before, desiredRules(first, 'lb1'), 'lb1');
        const afterSecond = write(afterFirst, desiredRules(second, 'lb1'), 'lb1');
        expect(compareRules(afterSecond, desiredRules(second, 'lb1'), owner('lb1'))).toEqual({
          authorize: [],
          revoke: [],
        });
        for (const rule of desiredRules(second, 'lb1')) expect(afterSecond.map(ruleKey)).toContain(ruleKey(rule));
        expect(write(afterSecond, [], 'lb1')).toEqual(before);
      }),
    );
  });

  it('of two load balancers do not take anything from each other', () => {
    const shift = (one: NodeTraffic): NodeTraffic => ({
      ...one,
      clientPorts: one.clientPorts.map(({ protocol, port }) => ({ protocol, port: port + 1 })),
      healthPorts: one.healthPorts.map((port) => port + 1),
    });
    fc.assert(
      fc.property(traffic, traffic, (first, second) => {
        const others = desiredRules(shift(second), 'lb2');
        const both = write(write([], desiredRules(first, 'lb1'), 'lb1'), others, 'lb2');
        const left = write(both, [], 'lb1');
        expect(compareRules(left, others, owner('lb2'))).toEqual({ authorize: [], revoke: [] });
        expect(write(left, [], 'lb2')).toEqual([]);
      }),
    );
  });

  it('let a shared health check through as long as anybody needs it', () => {
    const shared = (nodePort: number): NodeTraffic => ({
      sources: ['0.0.0.0/0'],
      clientPorts: [{ protocol: 'tcp', port: nodePort }],
      healthSources: ['10.0.0.0/24'],
      healthPorts: [10256],
    });
    const step = (present: readonly IngressRule[], wanted: readonly IngressRule[], name: string): IngressRule[] => {
      const { authorize, revoke } = compareRules(present, wanted, owner(name, 10256));
      const gone = new Set(revoke.map(ruleKey));
      return [...present, ...authorize].filter((rule) => !gone.has(ruleKey(rule)));
    };
    const both = step(step([], desiredRules(shared(30080), 'lb1'), 'lb1'), desiredRules(shared(30090), 'lb2'), 'lb2');
    const left = step(both, [], 'lb1');
    expect(left.map(ruleKey)).toContain('tcp 10256-10256 10.0.0.0/24');
    expect(compareRules(left, desiredRules(shared(30090), 'lb2'), owner('lb2', 10256))).toEqual({
      authorize: [],
      revoke: [],
    });
    expect(step(left, [], 'lb2')).toEqual([]);
  });

  it('of UDP come with those of the TCP health check', () => {
    const udp: NodeTraffic = {
      sources: ['0.0.0.0/0'],
      clientPorts: [{ protocol: 'udp', port: 30053 }],
      healthSources: ['10.0.0.0/24'],
      healthPorts: [30053],
    };
    expect(desiredRules(udp, 'lb1').map(ruleKey)).toEqual(['udp 30053-30053 0.0.0.0/0', 'tcp 30053-30053 10.0.0.0/24']);
  });
});
