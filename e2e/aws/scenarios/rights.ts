import assert from 'node:assert/strict';
import type { Play, Scenario } from './play.ts';

/** An action that is forbidden for the objects of one Service. */
interface Forbidden {
  readonly action: string;
  /** Whether the tag of the Service comes with the request or is there already. */
  readonly tagged: 'Request' | 'Resource';
  readonly kind: 'classic' | 'network';
  readonly when: 'created' | 'deleted';
}

const forbidden: readonly Forbidden[] = [
  { action: 'CreateLoadBalancer', tagged: 'Request', kind: 'network', when: 'created' },
  { action: 'CreateTargetGroup', tagged: 'Request', kind: 'network', when: 'created' },
  { action: 'RegisterTargets', tagged: 'Resource', kind: 'network', when: 'created' },
  { action: 'CreateListener', tagged: 'Resource', kind: 'network', when: 'created' },
  { action: 'ConfigureHealthCheck', tagged: 'Resource', kind: 'classic', when: 'created' },
  { action: 'DeleteLoadBalancer', tagged: 'Resource', kind: 'network', when: 'deleted' },
];

/** More attempts than these in the time until it is told would be a storm. */
const fewAttempts = 6;

/** Single actions are forbidden: that is told with the action, and followed up when they are allowed again. */
export const rights: readonly Scenario[] = forbidden.map(({ action, kind, tagged, when }) => ({
  title: `forbidden: ${action} when a ${kind} load balancer is ${when}`,
  play: async (play) => {
    const right = `elasticloadbalancing:${action}`;
    const condition = { [`aws:${tagged}Tag/kubernetes.io/service-name`]: play.serviceTag };
    await play.prepare({ annotations: kind === 'network' ? { type: 'nlb' } : {} });
    if (when === 'deleted') {
      await play.edit({ spec: { type: 'LoadBalancer' } });
      await play.untilThere(kind, {});
    }
    const allow = await play.ground.enforcement.forbid(right, condition);
    if (when === 'created') await play.edit({ spec: { type: 'LoadBalancer' } });
    else await play.ground.cluster.deleteService(play.name);
    await play.untilTold('Warning', right);
    assert.ok(refusals(play, action) <= fewAttempts);
    await allow();
    if (when === 'created') {
      // Rights come by somebody's hand, who does not wait for the next attempt.
      await play.annotate({ 'e2e/allowed': 'true' });
      await play.untilThere(kind, {}, kind === 'network' ? [{ port: play.nodePort(0) }] : undefined);
      await play.delete();
    }
    // A deletion is tried again after minutes, or by the next manager: nothing is left at the end of all scenarios.
  },
}));

function refusals(play: Play, action: string): number {
  const { calls } = play.ground.proxy;
  return calls.filter(({ operation, status }) => operation.endsWith(`.${action}`) && status === 403).length;
}
