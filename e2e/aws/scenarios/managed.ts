import assert from 'node:assert/strict';
import { assertGone, type Play, type Scenario } from './play.ts';

const nlb = { type: 'nlb' };
const users = '{{sg:byo-1}}';

const isOfHealthCheck = (rule: string): boolean => rule.startsWith('tcp 10256-10256 ');

/**
 * The rules of the shared health check bear the name of the load balancer that came first, and stay until the last one goes,
 * which may be that of another scenario. The end of all scenarios looks for them.
 */
async function deleteWhole(play: Play): Promise<void> {
  await play.ground.cluster.deleteService(play.name);
  await play.until((found) => assertGone({ ...found, rules: found.rules.filter((rule) => !isOfHealthCheck(rule)) }));
}

/** With groups of their own for network load balancers, and one health check for all Services. */
export const managed: readonly Scenario[] = [
  {
    title: 'managed: a group of its own, with the rules of its ports',
    play: async (play) => {
      await play.create({ annotations: nlb, spec: { loadBalancerSourceRanges: ['192.0.2.0/24'] } });
      await play.untilThere('network', {}, [{ healthCheck: { Protocol: 'HTTP', Port: '10256', Path: '/healthz' } }]);
      await play.until(({ groups, network }, { cloud }) => {
        assert.equal(groups.length, 1);
        assert.equal((network?.['securityGroups'] as unknown[]).length, 1);
        const { ingress } = cloud.securityGroups[groups[0] ?? ''] as { readonly ingress: readonly string[] };
        assert.ok(ingress.some((rule) => /^tcp 80-80 from 192\.0\.2\.0\/24/.test(rule)));
      });
      await deleteWhole(play);
    },
  },
  {
    title: 'managed: a certificate lets TCP in',
    play: async (play) => {
      await play.create({ annotations: { ...nlb, 'ssl-cert': '{{cert:1}}' }, ports: [{ port: 443 }] });
      await play.untilThere('network', { listeners: [{ port: 443, protocol: 'TLS' }] });
      await play.until(({ groups }, { cloud }) => {
        const { ingress } = cloud.securityGroups[groups[0] ?? ''] as { readonly ingress: readonly string[] };
        assert.ok(ingress.some((rule) => rule.startsWith('tcp 443-443 from 0.0.0.0/0')));
      });
      await deleteWhole(play);
    },
  },
  {
    title: 'managed: its own group, that of users, and its own again',
    play: async (play) => {
      await play.create({ annotations: nlb });
      await play.until(({ groups }) => assert.equal(groups.length, 1));
      await play.untilThere('network', {});
      await play.annotate({ 'security-groups': users });
      await play.untilThere('network', { securityGroups: [users] });
      await play.until(({ groups }) => assert.deepEqual(groups, []));
      await play.annotate({ 'security-groups': undefined });
      await play.until(({ groups, network }) => {
        assert.equal(groups.length, 1);
        assert.notDeepEqual(network?.['securityGroups'], [play.ground.cloud.id('sg:byo-1')]);
      });
      await deleteWhole(play);
    },
  },
  {
    title: 'leak: a group of its own is in use for a while',
    play: async (play) => {
      await play.create({ annotations: nlb });
      await play.untilThere('network', {});
      let name = '';
      await play.until(({ groups: [group, ...others] }) => {
        assert.ok(group !== undefined && others.length === 0);
        name = group;
      });
      const holding = await play.ground.cloud.groupID(name);
      play.fail({ service: 'ec2', action: 'DeleteSecurityGroup', code: 'DependencyViolation', holding });
      await deleteWhole(play);
    },
  },
  {
    title: 'managed: two share the health check, and the rules stay for the one that stays',
    play: async (play) => {
      await play.create({ annotations: nlb });
      await play.untilThere('network', {}, [{ healthCheck: { Port: '10256' } }]);
      const other = play.second();
      await other.create({ annotations: nlb });
      await other.untilThere('network', {}, [{ healthCheck: { Port: '10256' } }]);
      await deleteWhole(play);
      await other.until((_, { cloud }) => {
        const { ingress } = cloud.securityGroups['nodes'] as { readonly ingress: readonly string[] };
        assert.ok(ingress.some(isOfHealthCheck));
      });
      await deleteWhole(other);
    },
  },
];
