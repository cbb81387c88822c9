import { Duration } from '../../base/duration.ts';
import { type Hands, handsIn } from '../acts.ts';
import type { CallFault, Strike } from '../call-tap.ts';
import { compareAccounts, problemOfGoneService, problemOfLiveNode, problemOfService } from '../checks.ts';
import type { CaseDraft } from '../conformance-case.ts';
import { demand } from '../conformance-failure.ts';
import { seededRandom } from '../../testing/seeded-random.ts';
import type { Stage } from '../stage.ts';
import type { KindSubject } from '../subject.ts';

const faults: readonly {
  readonly fault: CallFault;
  readonly what: string;
  readonly of: 'every call' | 'every write';
}[] = [
  { fault: 'throttled', what: 'is throttled', of: 'every call' },
  { fault: 'denied', what: 'is denied', of: 'every call' },
  { fault: 'unavailable', what: 'does not arrive', of: 'every call' },
  { fault: 'conflict', what: 'meets a busy object', of: 'every write' },
  { fault: 'lostReply', what: 'is done and not answered', of: 'every call' },
  { fault: 'death', what: 'is done and the manager dies', of: 'every write' },
];

/** Whatever goes wrong once ends as if it had not. */
export const faultCases: readonly CaseDraft[] = [
  ...faults.map(
    ({ fault, what, of }): CaseDraft => ({
      group: 'faults',
      name: `${of} ${what} once, and all ends as if none had`,
      claims: ['tcp', 'instances'],
      per: 'kind',
      async run(stage, kind) {
        const struck = new Set<string>();
        const strike: Strike = ({ kind: what, operation }) => {
          if (of === 'every write' && what === 'read') return undefined;
          // The first of each operation in each part of the life; the next attempt is let through.
          if (struck.has(operation)) return undefined;
          struck.add(operation);
          return fault;
        };
        await live(stage, kind, { strike, onNextPart: () => struck.clear() });
      },
    }),
  ),
  {
    group: 'faults',
    name: 'one call in eight goes wrong, and all ends as if none had',
    claims: ['tcp', 'instances'],
    per: 'kind',
    async run(stage, kind) {
      const random = seededRandom(1);
      const kinds: readonly CallFault[] = ['throttled', 'unavailable', 'lostReply'];
      const strike = (): CallFault | undefined => (random.integer(8) === 0 ? random.pick(kinds) : undefined);
      await live(stage, kind, { strike, onNextPart: () => undefined });
    },
  },
  {
    group: 'faults',
    name: 'a write that stays forbidden is told, and leaves nothing when the Service goes',
    claims: ['tcp', 'instances'],
    per: 'kind',
    async run(stage, kind) {
      const hands = handsIn(stage);
      const machine = await hands.join();
      await stage.until('the node is initialised', () =>
        (hands.node(machine.nodeName)?.spec.providerID ?? '') === '' ? 'it is not' : undefined,
      );
      await stage.rest(Duration.minutes(1));
      const before = await stage.world.account();
      let allowed = 2;
      stage.main.tap.strike = ({ kind: what }) => (what === 'write' && --allowed < 0 ? 'denied' : undefined);
      const web = hands.createService({ name: 'web', kind });
      await stage.rest(Duration.minutes(5));
      const events = stage.main.server.store.list('events').map((event) => JSON.stringify(event));
      const wasTold = events.some((text) => text.includes('Warning') && text.includes(web.uid));
      stage.main.tap.strike = () => undefined;
      hands.deleteService(web);
      await stage.until('it is gone', () => problemOfGoneService(stage, web));
      await stage.until('nothing is left', async () => compareAccounts(before, await stage.world.account())[0]);
      // With two writes or less the Service had all it wanted.
      demand(allowed < 0 && !wasTold ? 'nobody was told' : undefined);
    },
  },
];

/** A refusal that only people can change is not tried again soon, and in a life there are many of them. */
const patience = Duration.hours(4);

/** A short life: a node joins, a Service is served, changed and deleted. */
async function live(
  stage: Stage,
  kind: KindSubject,
  trouble: { readonly strike: Strike; readonly onNextPart: () => void },
): Promise<void> {
  const hands: Hands = handsIn(stage);
  const { onNextPart, strike } = trouble;
  const before = await stage.world.account();
  stage.main.tap.strike = strike;
  const machine = await hands.join();
  const machines = [machine];
  const isAlive = (): string | undefined => problemOfLiveNode(hands.node(machine.nodeName), machine.nodeName);
  await stage.until(
    'the node is initialised',
    () => ((hands.node(machine.nodeName)?.spec.providerID ?? '') === '' ? 'it is not' : undefined),
    patience,
  );
  onNextPart();
  const web = hands.createService({ name: 'web', kind });
  await stage.until('the Service is served', () => isAlive() ?? problemOfService(stage, web, { machines }), patience);
  onNextPart();
  const [first] = hands.service(web)?.spec.ports ?? [];
  hands.patchService(web, { spec: { ports: [first, { name: 'more', port: 8443 }] } });
  await stage.until('a port was added', () => isAlive() ?? problemOfService(stage, web, { machines }), patience);
  onNextPart();
  hands.patchService(web, { spec: { ports: [{ name: 'more', port: 8443 }] } });
  await stage.until('a port was taken away', () => isAlive() ?? problemOfService(stage, web, { machines }), patience);
  onNextPart();
  machines.push(await hands.join());
  await stage.until('a node was added', () => isAlive() ?? problemOfService(stage, web, { machines }), patience);
  onNextPart();
  hands.deleteService(web);
  await stage.until('the Service is gone', () => isAlive() ?? problemOfGoneService(stage, web), patience);
  stage.main.tap.strike = () => undefined;
  // The routes of the nodes are theirs as long as they live.
  for (const { nodeName } of machines) stage.main.server.store.delete('nodes', nodeName);
  await stage.until('nothing is left', async () => compareAccounts(before, await stage.world.account())[0]);
}
