import { describe, expect, it } from '@jest/globals';
import type { Node } from '../../api/node.ts';
import { Duration } from '../../base/duration.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { ApiError, type ApiErrorOptions } from '../client/api-error.ts';
import { nodes } from '../resources.ts';
import { Reflector, type ReflectorInterruption, type ReflectorTarget } from './reflector.ts';
import { fail, initial, nodeAt, ScriptedClient, stay, tell } from './testdata/scripted-client.ts';

const broken = (kind: ApiErrorOptions['kind'], extra: Partial<ApiErrorOptions> = {}): ApiError =>
  new ApiError(`it is ${kind}`, { kind, ...extra });
const tooLarge = broken('serverTimeout', {
  status: 504,
  details: {
    group: '',
    kind: '',
    name: '',
    uid: '',
    causes: [{ field: '', reason: 'ResourceVersionTooLarge', message: '' }],
  },
});

class Recorder implements ReflectorTarget<Node> {
  readonly told: string[] = [];
  onInitial(object: Node): void {
    this.told.push(`initial ${label(object)}`);
  }
  onReplace(state: { objects: Iterable<Node>; resourceVersion: string; isAuthoritative: boolean }): void {
    const how = state.isAuthoritative ? 'must be' : 'is';
    this.told.push(
      `state ${how} ${[...state.objects].map(label).join(' ')} at ${state.resourceVersion}`.replace('  ', ' '),
    );
  }
  onChange(type: string, object: Node): void {
    this.told.push(`${type} ${label(object)}`);
  }
}

const label = (object: Node): string => `${object.metadata.name}@${object.metadata.resourceVersion}`;

class Run implements Disposable {
  readonly clock = new FakeClock();
  readonly target = new Recorder();
  readonly interruptions: ReflectorInterruption[] = [];
  readonly reflector: Reflector<Node>;
  readonly #stop = new AbortController();
  readonly done: Promise<void>;

  constructor(scripted: ScriptedClient, random = 0) {
    this.reflector = new Reflector(scripted.client, nodes, {
      clock: this.clock,
      random: () => random,
      onInterrupted: (why) => this.interruptions.push(why),
    });
    this.done = this.reflector.run(this.target, this.#stop.signal);
  }

  stop(): void {
    this.#stop.abort();
  }

  [Symbol.dispose](): void {
    this.stop();
  }
}

const a = nodeAt('a', 5);
const b = nodeAt('b', 7);

describe('the first state', () => {
  it('comes as a stream from any version and goes on as a watch', async () => {
    const scripted = new ScriptedClient({
      watch: [
        tell((options) => {
          initial([a, b], 9)(options);
          options.onEvent({ type: 'modified', object: nodeAt('a', 10) });
          options.onEvent({ type: 'deleted', object: nodeAt('b', 11) });
          options.onEvent({ type: 'bookmark', resourceVersion: '15', initialEventsEnd: false });
        }),
      ],
    });
    using run = new Run(scripted);
    await run.clock.settle();
    expect(scripted.watches[0]).toMatchObject({ resourceVersion: '0', sendInitialEvents: true });
    expect(run.target.told).toEqual([
      'initial a@5',
      'initial b@7',
      'state is a@5 b@7 at 9',
      'modified a@10',
      'deleted b@11',
    ]);
    expect(run.reflector.resourceVersion).toBe('15');
  });

  it.each([
    ['refuses the parameter', fail(broken('invalid', { status: 422 }))],
    ['does not know it', fail(broken('badRequest', { status: 400 }))],
    [
      'ignores it',
      tell((options) => options.onEvent({ type: 'bookmark', resourceVersion: '4', initialEventsEnd: false })),
    ],
  ])('comes by pages from a server that %s, and is not asked for as a stream again', async (_what, refusal) => {
    // A thrown error ends a real watch; the script hands it on the same way.
    const first = async (options: Parameters<typeof refusal>[0]): Promise<void> => refusal(options);
    const scripted = new ScriptedClient({
      watch: [first, fail(broken('expired', { status: 410 })), stay],
      list: [() => ({ items: [a], resourceVersion: '6' }), () => ({ items: [b], resourceVersion: '8' })],
    });
    using run = new Run(scripted);
    await run.clock.settle();
    expect(run.target.told).toContain('state is a@5 at 6');
    expect(run.target.told).toContain('state is b@7 at 8');
    expect(scripted.lists.map((options) => options.resourceVersion)).toEqual(['0', '6']);
    expect(scripted.watches.map((options) => options.sendInitialEvents ?? false)).toEqual([true, false, false]);
  });

  it('is read from the quorum when the stream broke after objects were told of', async () => {
    const scripted = new ScriptedClient({
      watch: [
        tell((options) => options.onEvent({ type: 'added', object: a }), fail(broken('connectionFailed'))),
        tell(initial([b], 9)),
      ],
    });
    using run = new Run(scripted);
    await run.clock.advance(Duration.seconds(2));
    expect(scripted.watches.map((options) => options.resourceVersion)).toEqual(['0', '']);
    expect(run.target.told).toEqual(['initial a@5', 'initial b@7', 'state must be b@7 at 9']);
  });
});

describe('an interruption', () => {
  it('is bridged from the last version, bookmarks counted', async () => {
    const scripted = new ScriptedClient({
      watch: [
        tell(
          (options) => {
            initial([a], 9)(options);
            options.onEvent({ type: 'bookmark', resourceVersion: '20', initialEventsEnd: false });
          },
          fail(broken('connectionFailed')),
        ),
        stay,
      ],
    });
    using run = new Run(scripted);
    await run.clock.advance(Duration.seconds(1));
    expect(scripted.watches[1]).toMatchObject({ resourceVersion: '20' });
    expect(scripted.watches[1]?.sendInitialEvents).toBeUndefined();
    expect(run.interruptions).toEqual(['connection']);
  });

  it('is followed at once when the server ended the watch in an orderly way', async () => {
    const scripted = new ScriptedClient({ watch: [tell(initial([a], 9), async () => {}), stay] });
    using run = new Run(scripted);
    await run.clock.settle();
    expect(scripted.watches).toHaveLength(2);
    expect(run.clock.pending()).toBe(0);
  });

  it('backs off while nothing comes of it, up to 30 s, and begins again after progress', async () => {
    const scripted = new ScriptedClient({
      watch: [tell(initial([a], 9), fail(broken('unavailable'))), fail(broken('connectionFailed'))],
    });
    using run = new Run(scripted);
    const waits: number[] = [];
    for (let attempt = 0; attempt < 8; attempt++) {
      await run.clock.settle();
      const wait = run.clock.untilNext();
      waits.push(wait?.milliseconds ?? 0);
      if (wait !== undefined) await run.clock.advance(wait);
    }
    expect(waits).toEqual([800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]);
  });

  it('waits as long as the server asked for', async () => {
    const busy = broken('tooManyRequests', { status: 429, retryAfter: Duration.seconds(7) });
    const scripted = new ScriptedClient({ watch: [fail(busy), tell(initial([], 3))] });
    using run = new Run(scripted);
    await run.clock.advance(Duration.milliseconds(6999));
    expect(scripted.watches).toHaveLength(1);
    await run.clock.advance(Duration.milliseconds(1));
    expect(run.target.told).toEqual(['state is at 3']);
  });

  it('reads the state anew when the version has expired, at once, and not older than what is known', async () => {
    const expired = broken('expired', { status: 410 });
    const scripted = new ScriptedClient({
      watch: [tell(initial([a], 9), fail(expired)), tell(initial([b], 30))],
    });
    using run = new Run(scripted);
    await run.clock.settle();
    expect(scripted.watches[1]).toMatchObject({ resourceVersion: '9', sendInitialEvents: true });
    expect(run.target.told.at(-1)).toBe('state is b@7 at 30');
    expect(run.interruptions).toEqual(['expired']);
  });

  it('reads the state anew when resuming fails again and again', async () => {
    const scripted = new ScriptedClient({
      watch: [
        tell(initial([a], 9), async () => {}),
        ...Array.from({ length: 5 }, () => fail(broken('internal'))),
        tell(initial([b], 30)),
      ],
    });
    using run = new Run(scripted);
    await run.clock.advance(Duration.minutes(2));
    expect(run.target.told.at(-1)).toBe('state is b@7 at 30');
    expect(scripted.watches).toHaveLength(7);
  });

  it('ends for good with the signal', async () => {
    const scripted = new ScriptedClient({ watch: [fail(broken('connectionFailed'))] });
    using run = new Run(scripted);
    await run.clock.settle();
    run.stop();
    await run.done;
    expect(scripted.watches).toHaveLength(1);
    expect(run.clock.pending()).toBe(0);
  });
});

describe('time', () => {
  it('does not go back for a list that is older than what is known', async () => {
    const expired = broken('expired', { status: 410 });
    const scripted = new ScriptedClient({
      watch: [tell(initial([a], 9), fail(expired)), tell(initial([], 8)), tell(initial([a], 12))],
    });
    using run = new Run(scripted);
    await run.clock.advance(Duration.seconds(5));
    expect(run.target.told).toEqual(['initial a@5', 'state is a@5 at 9', 'state must be a@5 at 12']);
    expect(scripted.watches[2]?.resourceVersion).toBe('');
  });

  it('goes back when the cluster did, seen by a version that the server does not reach', async () => {
    const scripted = new ScriptedClient({
      watch: [
        tell(initial([a], 900), fail(broken('expired', { status: 410 }))),
        fail(tooLarge),
        tell(initial([b], 30)),
      ],
    });
    using run = new Run(scripted);
    await run.clock.advance(Duration.seconds(5));
    expect(run.target.told.at(-1)).toBe('state must be b@7 at 30');
    expect(run.reflector.resourceVersion).toBe('30');
  });

  it('goes back when the cluster did, seen by a bookmark', async () => {
    const scripted = new ScriptedClient({
      watch: [
        tell((options) => {
          initial([a], 900)(options);
          options.onEvent({ type: 'bookmark', resourceVersion: '30', initialEventsEnd: false });
        }),
        tell(initial([b], 31)),
      ],
    });
    using run = new Run(scripted);
    await run.clock.settle();
    expect(run.target.told.at(-1)).toBe('state must be b@7 at 31');
  });

  it('spreads the ends of watches between five and ten minutes', async () => {
    for (const [random, minutes] of [
      [0, 5],
      [0.5, 7.5],
    ] as const) {
      const scripted = new ScriptedClient({ watch: [stay] });
      using run = new Run(scripted, random);
      await run.clock.settle();
      expect(scripted.watches[0]?.timeout).toEqual(Duration.minutes(minutes));
    }
  });
});
