import { expect, it } from '@jest/globals';
import { Duration } from '../base/duration.ts';
import { overlay } from '../base/overlay.ts';
import { CloudError } from '../cloud/cloud-error.ts';
import type { NodeRef } from '../cloud/instances.ts';
import { handsIn } from './acts.ts';
import { problemOfNode, problemOfRoutes, problemOfService } from './checks.ts';
import { memorySubject } from './memory-subject.ts';
import { Stage } from './stage.ts';
import type { ConformanceSubject } from './subject.ts';

const mistake = (): Error => new TypeError("Cannot read properties of undefined (reading 'zone')");

/** A provider whose every function fails that gets to see the node `bad`. */
function faultySubject(failure: () => Error): ConformanceSubject {
  const judge = (names: readonly string[]): void => {
    if (names.includes('bad')) throw failure();
  };
  return {
    ...memorySubject,
    async open(ground) {
      const world = await memorySubject.open(ground);
      return {
        ...world,
        provider: {
          capabilities: memorySubject.capabilities,
          connect(context) {
            const provider = world.provider.connect(context);
            const [instances, routes] = [provider.instances!, provider.routes!];
            const namesOf = (nodes: readonly NodeRef[]): readonly string[] => nodes.map(({ name }) => name);
            return overlay(provider, {
              instances: overlay(instances, {
                async describe(nodes, need, call) {
                  judge(namesOf(nodes));
                  return instances.describe(nodes, need, call);
                },
              }),
              routes: overlay(routes, {
                targetOf(route) {
                  judge([route.node]);
                  return routes.targetOf(route);
                },
              }),
            });
          },
        },
      };
    },
  };
}

it.each([
  ['a mistake', mistake, 'ProviderDefect'],
  ['a mistake behind a request', () => new CloudError('Unavailable', 'x', { cause: mistake() }), 'ProviderDefect'],
  ['a request that the cloud refuses', () => new CloudError('Invalid', 'malformed'), 'InstanceUnknown'],
])(
  'keeps %s that shows with one node to that node, in all loops',
  async (_, failure, reason) => {
    await using stage = await Stage.open(faultySubject(failure));
    const hands = handsIn(stage);
    const bad = await hands.join({ nodeName: 'bad' });
    const machines = [await hands.join(), await hands.join()];
    const [dying, living] = machines;
    for (const machine of machines) {
      await stage.until('others are initialised', () => problemOfNode(hands.node(machine.nodeName), machine));
    }
    await stage.until('others have routes', () => problemOfRoutes(stage, machines, 'these'));
    const web = hands.createService({ name: 'web', kind: memorySubject.loadBalancers[0]! });
    await stage.until('a Service is served', () => problemOfService(stage, web, { machines }));

    await stage.rest(Duration.minutes(5));
    for (const { nodeName } of [bad, dying!]) hands.fallSilent(nodeName);
    await stage.world.machines.terminate(dying!);
    await stage.until('others are deleted', () => hands.node(dying!.nodeName) && 'it is there');
    await stage.until('the Service follows', () => problemOfService(stage, web, { machines: [living!] }));

    expect(hands.node('bad')).toBeDefined();
    const told = stage.main.server.store.list('events').map((event) => JSON.stringify(event));
    expect(told.filter((text) => text.includes('"bad"') && text.includes(`"${reason}"`))).not.toEqual([]);
  },
  60_000,
);
