import { Duration } from '../base/duration.ts';
import type { CallContext } from '../cloud/call-context.ts';
import type { LoadBalancerKind, Member } from '../cloud/load-balancer-kind.ts';
import { clusterName } from './cluster.ts';
import { offered } from './conformance-failure.ts';
import type { Stage } from './stage.ts';
import type { KindSubject, ServiceIdentity } from './subject.ts';

/** What cases ask a provider with that they ask themselves, behind the loops' backs. */
export const call: CallContext = {
  signal: new AbortController().signal,
  timeout: Duration.seconds(30),
  freshness: 'live',
  priority: 'change',
};

export async function connected(stage: Stage): Promise<void> {
  await stage.until('the provider is connected', () => (stage.main.tap.calls.length > 0 ? undefined : 'no call yet'));
}

export function kindOf(stage: Stage, { name }: KindSubject): LoadBalancerKind {
  return offered(
    stage.main.provider.loadBalancers?.find((one) => one.name === name),
    `the kind ${name}`,
  );
}

export async function memberOf(stage: Stage, web: ServiceIdentity): Promise<Member> {
  const service = await stage.main.readService(web);
  return { uid: web.uid, service, cluster: { uid: stage.main.uid, name: clusterName } };
}

/** Whether the cluster has a warning about the Service. */
export function wasWarned(stage: Stage, { uid }: ServiceIdentity): boolean {
  const events = stage.main.server.store.list('events').map((event) => JSON.stringify(event));
  return events.some((text) => text.includes('Warning') && text.includes(uid));
}

/** The answer to what takes time: the gate may have it wait its turn. */
export async function answerTo<Answer>(stage: Stage, ask: () => Promise<Answer>): Promise<Answer> {
  let isAnswered = false;
  const answer = ask().finally(() => {
    isAnswered = true;
  });
  // Whoever awaits it hears of it; until then it is nobody's failure.
  answer.catch(() => undefined);
  for (;;) {
    await stage.settle();
    if (isAnswered) return answer;
    await stage.passTime();
  }
}
