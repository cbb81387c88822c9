import { type ServiceDraft, handsIn } from './acts.ts';
import { problemOfNode, problemOfRoutes, problemOfService, type ServiceExpectation } from './checks.ts';
import type { Stage } from './stage.ts';
import type { Machine, ServiceIdentity } from './subject.ts';

/** So many nodes join, and have all that nodes get: to be called before the account is looked at for the first time. */
export async function nodes(stage: Stage, count: number): Promise<readonly Machine[]> {
  const hands = handsIn(stage);
  const { instances, routes } = stage.subject.capabilities;
  const machines: Machine[] = [];
  for (let number = 0; number < count; number++) machines.push(await hands.join());
  if (!instances) return machines;
  await stage.until('the nodes are initialised', () =>
    machines.map((one) => problemOfNode(hands.node(one.nodeName), one)).find((problem) => problem !== undefined),
  );
  if (routes) await stage.until('the nodes have routes', () => problemOfRoutes(stage, machines, 'these'));
  return machines;
}

/** A Service that has what it wants. */
export async function served(
  stage: Stage,
  draft: ServiceDraft,
  expected: ServiceExpectation,
): Promise<ServiceIdentity> {
  const service = handsIn(stage).createService(draft);
  await stage.until('the Service is served', () => problemOfService(stage, service, expected));
  return service;
}
