import { uninitializedTaint } from '../../api/well-known.ts';
import { Duration } from '../../base/duration.ts';
import { handsIn } from '../acts.ts';
import { problemOfNode, taintsOf } from '../checks.ts';
import type { CaseDraft } from '../conformance-case.ts';
import { demand } from '../conformance-failure.ts';
import { nodes, served } from '../settled.ts';
import type { Machine } from '../subject.ts';

/** Nodes get what their machines are. */
export const registrationCases: readonly CaseDraft[] = [
  {
    group: 'registration',
    name: 'a node that joins gets what its machine is, and only then lets pods in',
    claims: ['instances'],
    shows: 'instances',
    async run(stage) {
      const hands = handsIn(stage);
      const early: string[] = [];
      stage.main.server.store.watch('nodes', ({ type, object }) => {
        const isOpen = type !== 'DELETED' && !taintsOf(object).includes(uninitializedTaint);
        if (isOpen && (object.spec.providerID ?? '') === '')
          early.push('pods were let in before the providerID was there');
      });
      const machine = await hands.join();
      await stage.until('the node is initialised', () => problemOfNode(hands.node(machine.nodeName), machine));
      demand(...early);
    },
  },
  {
    group: 'registration',
    name: 'nodes that join together are each told apart',
    claims: ['instances'],
    async run(stage) {
      const hands = handsIn(stage);
      const machines: Machine[] = [];
      for (let count = 0; count < 12; count++) machines.push(await hands.join());
      await stage.until('all nodes are initialised', () =>
        machines.map((one) => problemOfNode(hands.node(one.nodeName), one)).find((problem) => problem !== undefined),
      );
    },
  },
  {
    group: 'registration',
    name: 'nothing is written to Nodes and Services in an idle hour',
    claims: ['instances'],
    async run(stage) {
      const { store } = stage.main.server;
      const machines = await nodes(stage, 3);
      for (const kind of stage.subject.loadBalancers) await served(stage, { name: kind.name, kind }, { machines });
      await stage.rest(Duration.minutes(15));
      const written: string[] = [];
      for (const resource of ['nodes', 'services'] as const) {
        store.watch(resource, ({ type, object }) => written.push(`${object.metadata.name ?? ''} was ${type}`));
      }
      await stage.rest(Duration.hours(1));
      demand(written.length === 0 ? undefined : `${written.length} writes, the first: ${written[0] ?? ''}`);
    },
  },
  {
    group: 'registration',
    name: 'a node without a machine stays tainted and is not deleted',
    claims: ['instances'],
    async run(stage) {
      const hands = handsIn(stage);
      const { nodeName } = await stage.world.machines.launch();
      hands.register(`no-machine-of-${nodeName}`);
      await stage.holds('nothing is known of it', Duration.minutes(12), () => {
        const node = hands.node(`no-machine-of-${nodeName}`);
        if (!node) return 'the node was deleted without a machine that could be gone';
        return taintsOf(node).includes(uninitializedTaint) ? undefined : 'the node was initialised without a machine';
      });
    },
  },
  {
    group: 'registration',
    name: 'a node with two machines of its name stays tainted and is not deleted',
    claims: ['instances'],
    async run(stage) {
      const hands = handsIn(stage);
      const first = await stage.world.machines.launch();
      await stage.world.machines.launch({ nodeName: first.nodeName });
      hands.register(first.nodeName);
      await stage.holds('it is not clear which it is', Duration.minutes(5), () => {
        const node = hands.node(first.nodeName);
        if (!node) return 'the node was deleted';
        return taintsOf(node).includes(uninitializedTaint) ? undefined : 'one of the machines was picked';
      });
    },
  },
  {
    group: 'registration',
    name: 'a node of another cloud is left alone',
    claims: ['instances'],
    async run(stage) {
      const { store } = stage.main.server;
      const foreign = store.create('nodes', {
        metadata: { name: 'foreign' },
        spec: { providerID: 'elsewhere:///x/1', podCIDR: '10.244.250.0/24', podCIDRs: ['10.244.250.0/24'] },
        status: { conditions: [{ type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown' }] },
      });
      const isUntouched = (): string | undefined => {
        const now = store.get('nodes', 'foreign')?.metadata.resourceVersion;
        if (now === undefined) return 'it was deleted';
        return now === foreign.metadata.resourceVersion ? undefined : 'it was written to';
      };
      await stage.holds('hands off', Duration.minutes(12), isUntouched);
    },
  },
];
