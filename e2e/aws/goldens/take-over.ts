import { setTimeout as sleep } from 'node:timers/promises';
import { compareStep, type Difference } from './compare.ts';
import { drifts } from './drifts.ts';
import { defaultNodes, fillIn, type GoldenCase, type Step } from './golden-case.ts';
import { fillPlaceholders, type LoadableState, loadGoldenState } from './load-golden-state.ts';
import { changesSince, type CloudState, observeCloud } from './observe-cloud.ts';
import { managedGroupName, Placeholders } from './placeholders.ts';
import type { Stage } from './stage.ts';
import { isRead } from './cloud-proxy.ts';

/** What came of a cluster that the Go manager had looked after. */
export interface TakenOver {
  /** Where the account is not as the Go manager left it. */
  readonly differences: readonly Difference[];
  /** What was written to the account before anything had been altered. */
  readonly writes: readonly string[];
  /** What was altered behind the manager's back, one after the other. */
  readonly repaired: readonly string[];
}

const quietMilliseconds = 2500;
const limitMilliseconds = 90_000;
const pollMilliseconds = 250;

/**
 * Makes what the Go manager left after a step, starts ours on it, and alters what it looks after, one thing at a time. In the
 * end everything must be as the Go manager had it: nothing that it would look for is missing when it comes back.
 */
export async function takeOver(stage: Stage, golden: GoldenCase, stepName: string): Promise<TakenOver> {
  const { cloud, cluster, proxy } = stage;
  const at = golden.steps.findIndex(({ name }) => name === stepName);
  const step = golden.steps[at];
  if (step === undefined) throw new Error(`${golden.case} has no step ${stepName}`);
  await cluster.clear();
  proxy.reset();
  await cloud.seed(golden.world.nodes ?? defaultNodes);
  const before = await observeCloud(cloud);
  await makeServices(stage, golden.steps.slice(0, at + 1));
  const names = await loadState(stage, step);
  // As the Go manager left them, too.
  for (const node of cloud.nodes.values()) {
    const zone = `us-east-1${node.subnet?.at(-1)}`;
    await cluster.register(node, `aws:///${zone}/${cloud.id(`i:${node.name}`)}`, 'initialized');
  }

  const placeholders = new Placeholders(cloud);
  const compare = async (when: string): Promise<readonly Difference[]> => {
    await placeholders.learn(await cluster.serviceUIDs());
    const state = placeholders.put(await observe(stage, before));
    const { state: wanted } = step.expects;
    return compareStep(when, { state: wanted, events: [] }, { state, events: [] });
  };
  await using manager = await stage.startManager(golden.world);
  await settle(stage, manager.ended, async () => (await cluster.uninitializedNodes()).length === 0);
  const writes = proxy.calls.filter((call) => !isRead(call)).map(({ operation }) => operation);
  const differences = [...(await compare(`${stepName} taken over`))];
  const repaired: string[] = [];
  for (const drift of drifts(step.expects.state)) {
    const failed = proxy.calls.length;
    await drift.alter(cloud, names);
    for (const service of (await cluster.serviceUIDs()).keys()) {
      const name = service.split('/')[1] ?? '';
      await cluster.patchService(name, { metadata: { annotations: { 'example.com/touched': drift.what } } });
    }
    await settle(stage, manager.ended, async () => proxy.calls.length > failed);
    for (const service of (await cluster.serviceUIDs()).keys()) {
      const name = service.split('/')[1] ?? '';
      await cluster.patchService(name, { metadata: { annotations: { 'example.com/touched': null } } });
    }
    await settle(stage, manager.ended, async () => true);
    differences.push(...(await compare(drift.what)));
    repaired.push(drift.what);
  }
  return { differences, writes, repaired };
}

/** As users wrote them, one step after the other. */
async function makeServices({ cloud, cluster }: Stage, steps: readonly Step[]): Promise<void> {
  for (const { does } of steps) {
    const { apply = [], patch = {} } = fillIn({ apply: does.apply ?? [], patch: does.patch ?? {} }, cloud.ids);
    for (const manifest of apply) await cluster.createService(manifest);
    for (const [name, body] of Object.entries(patch)) await cluster.patchService(name, body);
  }
}

/** The account's part, then what Services say of it. */
async function loadState({ cloud, cluster }: Stage, step: Step): Promise<Map<string, string>> {
  const names = new Map(cloud.ids);
  for (const [service, uid] of await cluster.serviceUIDs()) {
    names.set(`lb:${service}`, `a${uid.replaceAll('-', '')}`.slice(0, 32));
    names.set(`nlb-sg:${service}`, managedGroupName(service, uid));
  }
  const state = step.expects.state as LoadableState;
  await loadGoldenState(cloud, state, names);
  const services = (step.expects.state.services ?? {}) as Readonly<
    Record<string, { readonly finalizers: readonly string[]; readonly status: object }>
  >;
  for (const [service, { finalizers, status }] of Object.entries(services)) {
    const name = service.split('/')[1] ?? '';
    const text = JSON.stringify(status).replaceAll('<lb-id>', names.get(`${names.get(`lb:${service}`)} lb-id`) ?? '');
    await cluster.patchService(name, { metadata: { finalizers } });
    await cluster.patchServiceStatus(name, fillPlaceholders(JSON.parse(text) as object, names));
  }
  return names;
}

async function observe({ cloud, cluster }: Stage, before: CloudState): Promise<Record<string, unknown>> {
  return { services: await cluster.observeServices(), ...changesSince(before, await observeCloud(cloud)) };
}

async function settle(
  { cluster, proxy, signal }: Stage,
  ended: () => boolean,
  isMet: () => Promise<boolean>,
): Promise<void> {
  const started = performance.now();
  let last = '';
  let lastChange = started;
  while (performance.now() - lastChange < quietMilliseconds) {
    signal.throwIfAborted();
    if (ended() || performance.now() - started > limitMilliseconds) throw new Error('the manager came to no rest');
    const now = `${await cluster.fingerprint()} ${proxy.calls.length}`;
    const isBusy = proxy.calls.some(({ status }) => status === undefined);
    if (now !== last || isBusy || !(await isMet())) lastChange = performance.now();
    last = now;
    await sleep(pollMilliseconds);
  }
}
