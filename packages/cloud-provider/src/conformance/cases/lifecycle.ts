import { shutdownTaint } from '../../api/well-known.ts';
import { Duration } from '../../base/duration.ts';
import { type Hands, handsIn } from '../acts.ts';
import type { CallFault } from '../call-tap.ts';
import { problemOfLiveNode, problemOfNode, taintsOf } from '../checks.ts';
import type { CaseDraft } from '../conformance-case.ts';
import { offered } from '../conformance-failure.ts';
import type { Stage } from '../stage.ts';
import type { Machine } from '../subject.ts';

/** No Node is so young then that this alone keeps it. */
const oldEnough = Duration.minutes(3);

/** Nodes go when their machines are gone, and never otherwise. */
export const lifecycleCases: readonly CaseDraft[] = [
  {
    group: 'lifecycle',
    name: 'the node of a machine that ended is deleted, and no other',
    claims: ['instances'],
    async run(stage) {
      const hands = handsIn(stage);
      const [gone, stays] = [await settled(stage, hands), await settled(stage, hands)];
      await stage.rest(oldEnough);
      await stage.world.machines.terminate(gone);
      hands.fallSilent(gone.nodeName);
      await stage.until('the node is deleted', () => hands.node(gone.nodeName) && 'the node is still there');
      await stage.holds('the other stays', Duration.minutes(10), () =>
        problemOfLiveNode(hands.node(stays.nodeName), stays.nodeName),
      );
    },
  },
  {
    group: 'lifecycle',
    name: 'the node of a machine that the cloud has forgotten is deleted',
    claims: ['instances'],
    async run(stage) {
      const hands = handsIn(stage);
      const machine = await settled(stage, hands);
      await stage.rest(oldEnough);
      const forget = offered(stage.world.machines.forget?.bind(stage.world.machines), 'machines that are forgotten');
      await forget(machine);
      hands.fallSilent(machine.nodeName);
      await stage.until('the node is deleted', () => hands.node(machine.nodeName) && 'the node is still there');
    },
  },
  {
    group: 'lifecycle',
    name: 'the node of a machine that is off is tainted, not deleted, and freed when it is on again',
    claims: ['instances'],
    async run(stage) {
      const hands = handsIn(stage);
      const { machines } = stage.world;
      const machine = await settled(stage, hands);
      await stage.rest(oldEnough);
      await offered(machines.stop?.bind(machines), 'machines that are off')(machine);
      hands.fallSilent(machine.nodeName);
      await stage.until('the node is tainted', () =>
        taintsOf(hands.node(machine.nodeName)).includes(shutdownTaint) ? undefined : 'the shutdown taint is missing',
      );
      await stage.holds('it stays', Duration.minutes(10), () =>
        hands.node(machine.nodeName) ? undefined : 'it was deleted',
      );
      await offered(machines.start?.bind(machines), 'machines that are started')(machine);
      hands.speakAgain(machine.nodeName);
      await stage.until('the taint is gone', () => problemOfLiveNode(hands.node(machine.nodeName), machine.nodeName));
    },
  },
  {
    group: 'lifecycle',
    name: 'the node of a machine that runs stays although its kubelet is silent',
    claims: ['instances'],
    async run(stage) {
      const hands = handsIn(stage);
      const machine = await settled(stage, hands);
      await stage.rest(oldEnough);
      hands.fallSilent(machine.nodeName);
      await stays(stage, hands, machine);
    },
  },
  {
    group: 'lifecycle',
    name: 'a machine that replaces another of its name does not take over its node, and gets one of its own',
    claims: ['instances'],
    async run(stage) {
      const hands = handsIn(stage);
      const { machines } = stage.world;
      const { store } = stage.main.server;
      const old = await settled(stage, hands);
      await stage.rest(oldEnough);
      hands.fallSilent(old.nodeName);
      await machines.terminate(old);
      const next = await machines.launch({ nodeName: old.nodeName });
      // Whether the old one counts as gone is the provider's to say.
      await stage.holds('nobody mixes them up', Duration.minutes(10), () =>
        hands.node(old.nodeName)?.spec.providerID === next.providerID ? 'the new machine has the old node' : undefined,
      );
      if (hands.node(old.nodeName)) store.delete('nodes', old.nodeName);
      await stage.rest(Duration.minutes(1));
      hands.register(next.nodeName);
      await stage.until('the new one is initialised', () => problemOfNode(hands.node(next.nodeName), next));
    },
  },
  {
    group: 'lifecycle',
    name: 'a list that leaves a machine out proves nothing',
    claims: ['instances'],
    async run(stage) {
      const hands = handsIn(stage);
      const { machines } = stage.world;
      const machine = await settled(stage, hands);
      await stage.rest(oldEnough);
      const show = await offered(machines.hideFromLists?.bind(machines), 'lists that leave something out')(machine);
      hands.fallSilent(machine.nodeName);
      await stays(stage, hands, machine);
      show();
    },
  },
  ...(['throttled', 'denied', 'unavailable', 'lostReply'] as const).map(silenceCase),
];

/** Whatever the cloud answers instead of an answer: a machine that may be there counts as there. */
function silenceCase(fault: Exclude<CallFault, 'conflict' | 'death'>): CaseDraft {
  return {
    group: 'lifecycle',
    name: `a cloud whose answers are ${fault} proves nothing`,
    claims: ['instances'],
    async run(stage) {
      const hands = handsIn(stage);
      const machine = await settled(stage, hands);
      await stage.rest(oldEnough);
      stage.main.tap.strike = () => fault;
      hands.fallSilent(machine.nodeName);
      await stays(stage, hands, machine);
      await stage.world.machines.terminate(machine);
      await stage.holds('and neither when it is gone', Duration.minutes(5), () =>
        hands.node(machine.nodeName) ? undefined : 'it was deleted without an answer',
      );
      stage.main.tap.strike = () => undefined;
      await stage.until('with answers it is deleted', () => hands.node(machine.nodeName) && 'the node is still there');
    },
  };
}

async function settled(stage: Stage, hands: Hands): Promise<Machine> {
  const machine = await hands.join();
  await stage.until('the node is initialised', () => problemOfNode(hands.node(machine.nodeName), machine));
  return machine;
}

async function stays(stage: Stage, hands: Hands, machine: Machine): Promise<void> {
  await stage.holds('the node stays', Duration.minutes(10), () =>
    problemOfLiveNode(hands.node(machine.nodeName), machine.nodeName),
  );
}
