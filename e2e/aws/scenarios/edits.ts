import assert from 'node:assert/strict';
import { assertNothingLeft, type Scenario } from './play.ts';

const nlb = { type: 'nlb' };

/** Services that change after they were created. */
export const edits: readonly Scenario[] = [
  {
    title: 'network: ports come and go',
    play: async (play) => {
      await play.create({ annotations: nlb, ports: [{ port: 80 }, { port: 81 }] });
      await play.untilThere('network', { listeners: [{ port: 80 }, { port: 81 }] });
      await play.change([{ port: 82, nodePort: play.nodePort(0) }, { port: 81 }, { port: 83 }]);
      await play.untilThere('network', { listeners: [{ port: 81 }, { port: 82 }, { port: 83 }] });
      await play.change([{ port: 81, nodePort: play.nodePort(1) }]);
      await play.until(({ network, targetGroups }) => {
        assert.equal((network?.['listeners'] as unknown[]).length, 1);
        assert.deepEqual(
          targetGroups.map(({ port }) => port),
          [play.nodePort(1)],
        );
      });
      await play.delete();
    },
  },
  {
    title: 'network: a port is encrypted and bared again',
    play: async (play) => {
      await play.create({ annotations: nlb });
      await play.untilThere('network', { listeners: [{ port: 80, protocol: 'TCP' }] });
      await play.annotate({ 'ssl-cert': '{{cert:1}}' });
      await play.untilThere('network', { listeners: [{ port: 80, protocol: 'TLS', certificates: ['{{cert:1}}'] }] });
      await play.annotate({ 'ssl-cert': '{{cert:2}}' });
      await play.untilThere('network', { listeners: [{ port: 80, protocol: 'TLS', certificates: ['{{cert:2}}'] }] });
      await play.annotate({ 'ssl-cert': undefined });
      await play.untilThere('network', { listeners: [{ port: 80, protocol: 'TCP' }] });
      await play.delete();
    },
  },
  {
    title: 'network: UDP becomes TCP on the same port',
    play: async (play) => {
      await play.create({ annotations: nlb, ports: [{ port: 53, protocol: 'UDP' }] });
      await play.untilThere('network', { listeners: [{ port: 53, protocol: 'UDP' }] });
      await play.change([{ port: 53, protocol: 'TCP' }]);
      await play.untilThere('network', { listeners: [{ port: 53, protocol: 'TCP' }] }, [{ protocol: 'TCP' }]);
      await play.delete();
    },
  },
  {
    title: 'network: another interval of health checks is another target group',
    play: async (play) => {
      await play.create({ annotations: nlb });
      await play.untilThere('network', {}, [{ healthCheck: { IntervalSeconds: 30 } }]);
      await play.annotate({ 'healthcheck-interval': '10' });
      await play.untilThere('network', {}, [{ healthCheck: { IntervalSeconds: 10 } }]);
      await play.annotate({ 'healthcheck-unhealthy-threshold': '5' });
      await play.untilThere('network', {}, [{ healthCheck: { IntervalSeconds: 10, UnhealthyThresholdCount: 5 } }]);
      await play.delete();
    },
  },
  {
    title: 'network: attributes are set and taken back',
    play: async (play) => {
      const attribute = 'load_balancing.cross_zone.enabled';
      await play.create({ annotations: { ...nlb, 'cross-zone-load-balancing-enabled': 'true' } });
      await play.untilThere('network', { attributes: { [attribute]: 'true' } });
      await play.annotate({ 'cross-zone-load-balancing-enabled': undefined });
      await play.untilThere('network', { attributes: { [attribute]: 'false' } });
      await play.annotate({ 'target-group-attributes': 'preserve_client_ip.enabled=false' });
      await play.untilThere('network', {}, [{ attributes: { 'preserve_client_ip.enabled': 'false' } }]);
      await play.delete();
    },
  },
  {
    title: 'network: one more subnet',
    play: async (play) => {
      await play.create({ annotations: { ...nlb, subnets: 'public-a' } });
      await play.untilThere('network', { subnets: [{ subnet: '{{subnet:public-a}}' }] });
      await play.annotate({ subnets: 'public-a,public-b' });
      await play.untilThere('network', {
        subnets: [{ subnet: '{{subnet:public-a}}' }, { subnet: '{{subnet:public-b}}' }],
      });
      await play.delete();
    },
  },
  {
    title: 'network: other source ranges',
    play: async (play) => {
      await play.create({ annotations: nlb, spec: { loadBalancerSourceRanges: ['192.0.2.0/24', '2001:db8::/32'] } });
      await play.until(({ rules }) => {
        const text = rules.join('\n');
        assert.match(text, /from 192\.0\.2\.0\/24 .*client/);
        assert.match(text, /from 2001:db8::\/32 .*client/);
      });
      await play.edit({ spec: { loadBalancerSourceRanges: ['198.51.100.0/24'] } });
      await play.until(({ rules }) => {
        const clients = rules.filter((rule) => rule.includes('client'));
        assert.equal(clients.length, 1);
        assert.match(clients[0] ?? '', /from 198\.51\.100\.0\/24/);
      });
      await play.delete();
    },
  },
  {
    title: 'network: tags are added',
    play: async (play) => {
      await play.create({ annotations: nlb });
      await play.untilThere('network', { tags: { 'kubernetes.io/service-name': play.serviceTag } });
      await play.annotate({ 'additional-resource-tags': 'team=web' });
      await play.untilThere('network', { tags: { team: 'web' } }, [{ tags: { team: 'web' } }]);
      await play.delete();
    },
  },
  {
    title: 'network: no load balancer any more, and one again',
    play: async (play) => {
      await play.create({ annotations: nlb });
      await play.untilThere('network', {});
      await play.edit({ spec: { type: 'ClusterIP', ports: [{ name: 'p0', port: 80, nodePort: null }] } });
      await play.until((found) => {
        assertNothingLeft(found);
        assert.deepEqual(found.service?.finalizers, []);
        assert.equal(found.service?.status.loadBalancer?.ingress, undefined);
      });
      await play.edit({ spec: { type: 'LoadBalancer' } });
      await play.untilThere('network', { listeners: [{ port: 80 }] });
      await play.delete();
    },
  },
  {
    title: 'network: other nodes by their label',
    play: async (play) => {
      await play.create({ annotations: { ...nlb, 'target-node-labels': 'role=web' } });
      await play.until(({ targetGroups }) => assert.equal(targetGroups[0]?.targets.length, 2));
      await play.annotate({ 'target-node-labels': 'role=none' });
      await play.until(({ targetGroups }) => assert.equal(targetGroups[0]?.targets.length, 0));
      await play.annotate({ 'target-node-labels': 'role=web' });
      await play.until(({ targetGroups }) => assert.equal(targetGroups[0]?.targets.length, 2));
      await play.delete();
    },
  },
  {
    title: 'classic: ports come and go',
    play: async (play) => {
      await play.create({ ports: [{ port: 80 }, { port: 81 }] });
      await play.untilThere('classic', { listeners: [{ LoadBalancerPort: 80 }, { LoadBalancerPort: 81 }] });
      await play.change([
        { port: 81, nodePort: play.nodePort(1) },
        { port: 82, nodePort: play.nodePort(2) },
      ]);
      await play.untilThere('classic', { listeners: [{ LoadBalancerPort: 81 }, { LoadBalancerPort: 82 }] });
      await play.delete();
    },
  },
  {
    title: 'classic: other subnets',
    play: async (play) => {
      await play.create({ annotations: { subnets: 'public-a,public-b' } });
      await play.untilThere('classic', { subnets: ['{{subnet:public-a}}', '{{subnet:public-b}}'] });
      await play.annotate({ subnets: 'public-b,public-c' });
      await play.untilThere('classic', { subnets: ['{{subnet:public-b}}', '{{subnet:public-c}}'] });
      await play.delete();
    },
  },
  {
    title: 'classic: its own group, a group of users, and its own again',
    play: async (play) => {
      await play.create({});
      await play.untilThere('classic', {});
      await play.until(({ groups }) => assert.equal(groups.length, 1));
      await play.annotate({ 'security-groups': '{{sg:byo-1}}' });
      await play.untilThere('classic', { securityGroups: ['{{sg:byo-1}}'] });
      await play.until(({ groups }) => assert.deepEqual(groups, []));
      await play.annotate({ 'security-groups': undefined });
      await play.until(({ groups }) => assert.equal(groups.length, 1));
      await play.untilThere('classic', {});
      await play.delete();
    },
  },
  {
    title: 'classic: encrypted later, with a policy of ciphers',
    play: async (play) => {
      await play.create({});
      await play.untilThere('classic', { listeners: [{ Protocol: 'TCP' }] });
      await play.annotate({ 'ssl-cert': '{{cert:1}}', 'ssl-negotiation-policy': 'ELBSecurityPolicy-2016-08' });
      await play.untilThere('classic', {
        listeners: [{ Protocol: 'SSL', policies: ['k8s-SSLNegotiationPolicy-ELBSecurityPolicy-2016-08'] }],
      });
      await play.delete();
    },
  },
  {
    title: 'classic: the proxy protocol is switched off',
    play: async (play) => {
      await play.create({ annotations: { 'proxy-protocol': '*' } });
      await play.untilThere('classic', { backends: [{ policies: ['k8s-proxyprotocol-enabled'] }] });
      await play.annotate({ 'proxy-protocol': undefined });
      await play.until(({ classic }) => {
        const backends = (classic?.['backends'] ?? []) as readonly { readonly policies: readonly string[] }[];
        assert.deepEqual(
          backends.flatMap(({ policies }) => policies),
          [],
        );
      });
      await play.delete();
    },
  },
  {
    title: 'classic: health check, attributes and tags change',
    play: async (play) => {
      await play.create({});
      await play.untilThere('classic', {});
      await play.annotate({
        'healthcheck-interval': '20',
        'connection-idle-timeout': '90',
        'additional-resource-tags': 'team=web',
      });
      await play.untilThere('classic', {
        healthCheck: { Interval: 20 },
        attributes: { ConnectionSettings: { IdleTimeout: 90 } },
        tags: { team: 'web' },
      });
      await play.delete();
    },
  },
  {
    title: 'classic: other nodes by their label',
    play: async (play) => {
      await play.create({ annotations: { 'target-node-labels': 'role=web' } });
      await play.until(({ classic }) => assert.equal((classic?.['instances'] as unknown[]).length, 2));
      await play.annotate({ 'target-node-labels': 'role=none' });
      await play.until(({ classic }) => assert.equal((classic?.['instances'] as unknown[]).length, 0));
      await play.delete();
    },
  },
  {
    title: 'classic: the scheme can not change, and that is told',
    play: async (play) => {
      await play.create({});
      await play.untilThere('classic', { scheme: 'internet-facing' });
      await play.annotate({ internal: 'true' });
      await play.untilTold('internal', 'Warning');
      await play.untilThere('classic', { scheme: 'internet-facing', subnets: ['{{subnet:public-a}}'] });
      await play.delete();
    },
  },
  {
    title: 'classic becomes network, and classic again',
    play: async (play) => {
      await play.create({});
      await play.untilThere('classic', {});
      await play.annotate({ type: 'nlb' });
      await play.untilThere('network', {});
      await play.until(({ classic, groups }) =>
        assert.deepEqual({ classic, groups }, { classic: undefined, groups: [] }),
      );
      await play.annotate({ type: undefined });
      await play.untilThere('classic', {});
      await play.until(({ network, targetGroups }) => assert.deepEqual([network, ...targetGroups], [undefined]));
      await play.delete();
    },
  },
];
