import { describe, expect, it } from '@jest/globals';
import { Duration } from '../../base/duration.ts';
import { ApiError } from '../../kube/client/api-error.ts';
import type { KubeClient, RawRequest, RawResponse } from '../../kube/client/kube-client.ts';
import { FakeClock } from '../../testing/fake-clock.ts';
import { createAccessReviewer } from './authorization.ts';
import { createTokenReviewer } from './token-review.ts';

type Reply = number | ApiError | { readonly status: number; readonly retryAfter?: string; readonly review?: object };

const cut = new ApiError('cut', { kind: 'connectionFailed', outcome: 'unknown' });
const refused = new ApiError('refused', { kind: 'connectionFailed', outcome: 'notSent' });
const late = new ApiError('late', { kind: 'timeout' });
const good = { status: 201, review: { authenticated: true, user: { username: 'jane' }, allowed: true } };
const ttl = Duration.seconds(10);
const patient = new AbortController().signal;

/** An API server that gives these answers, one after the other, and the last one ever after. */
function setUp(...replies: readonly Reply[]) {
  const clock = new FakeClock();
  const asked: { readonly at: number; readonly request: RawRequest }[] = [];
  const raw = async (request: RawRequest): Promise<RawResponse> => {
    const reply = replies[Math.min(asked.length, replies.length - 1)] ?? 500;
    asked.push({ at: clock.monotonic(), request });
    if (reply instanceof ApiError) throw reply;
    const {
      status,
      retryAfter = '',
      review,
    }: Exclude<Reply, number | ApiError> = typeof reply === 'number' ? { status: reply } : reply;
    const json = (): unknown => ({ status: review });
    return { status, header: (name) => (name === 'retry-after' ? retryAfter : ''), text: () => '', json };
  };
  const asker = { client: { raw } as unknown as KubeClient, clock, random: () => 0 };
  const authenticate = createTokenReviewer({ ...asker, cacheTTL: ttl });
  const authorize = createAccessReviewer({ ...asker, allowedTTL: ttl, forbiddenTTL: ttl });
  const jane = { name: 'jane', uid: '', groups: [], extra: {} };
  const credentials = {
    authorization: 'Bearer x',
    header: () => [],
    headerNames: [],
    peer: { kind: 'none' },
  } as const;
  const outcome = (answer: Promise<unknown>): Promise<unknown> =>
    answer.catch((error: unknown) => (error instanceof Error ? error.message : error));
  return {
    asked,
    clock,
    token: (signal = patient) => outcome(authenticate(credentials, signal)),
    access: (signal = patient) => outcome(authorize(jane, { path: '/metrics', verb: 'get' }, signal)),
    times: () => asked.map(({ at }) => at),
  };
}

describe.each(['token', 'access'] as const)('a review of a %s', (what) => {
  const fine = what === 'token' ? { kind: 'user', user: expect.objectContaining({ name: 'jane' }) } : 'allowed';

  it.each<[string, Reply]>([
    ['too many requests', 429],
    ['an error of the API server', 500],
    ['a time-out of the API server', 504],
    ['a 503 that says when to come back', { status: 503, retryAfter: '1' }],
    ['a connection that is cut', cut],
  ])('is asked for again after %s', async (_, reply) => {
    const world = setUp(reply, good);
    const answer = world[what]();
    await world.clock.advance(Duration.seconds(2));
    expect(await answer).toEqual(fine);
    expect(world.asked).toHaveLength(2);
  });

  it.each<[string, Reply, string]>([
    ['a server that is not there', refused, 'refused'],
    ['no answer in time', late, 'late'],
    [
      'a lack of rights',
      403,
      `the API server answered ${what === 'token' ? 'token' : 'subjectaccess'}reviews with 403`,
    ],
    ['a 503', 503, `the API server answered ${what === 'token' ? 'token' : 'subjectaccess'}reviews with 503`],
  ])('fails at once for %s', async (_, reply, message) => {
    const world = setUp(reply);
    expect(await world[what]()).toBe(message);
    expect(world.asked).toHaveLength(1);
  });

  it('is given up after five attempts, each after a longer wait, and asked for anew by the next request', async () => {
    const world = setUp(500, 500, 500, 500, 500, good);
    const answer = world[what]();
    await world.clock.advance(Duration.seconds(9));
    expect(await answer).toMatch(/with 500$/);
    expect(world.times()).toEqual([0, 500, 1250, 2375, 4062.5]);
    expect(await world[what]()).toEqual(fine);
    expect(await world[what]()).toEqual(fine);
    expect(world.asked).toHaveLength(6);
  });

  it('ends with the client that waits for it', async () => {
    const world = setUp(500);
    const gone = new AbortController();
    const answer = world[what](gone.signal);
    await world.clock.advance(Duration.milliseconds(100));
    gone.abort(new Error('gone'));
    expect(await answer).toBe('gone');
    await world.clock.advance(Duration.seconds(9));
    expect(world.asked).toHaveLength(1);
  });
});

describe('the ten seconds of a review', () => {
  it('are for all attempts at a token together', async () => {
    const world = setUp({ status: 429, retryAfter: '4' });
    const answer = world.token();
    await world.clock.advance(Duration.seconds(20));
    expect(await answer).toMatch(/with 429$/);
    expect(world.times()).toEqual([0, 4000, 8000]);
    expect(world.asked.map(({ request }) => request.timeout?.milliseconds)).toEqual([10_000, 6000, 2000]);
  });

  it('are for each attempt at an access', async () => {
    const world = setUp({ status: 429, retryAfter: '4' });
    const answer = world.access();
    await world.clock.advance(Duration.seconds(20));
    expect(await answer).toMatch(/with 429$/);
    expect(world.times()).toEqual([0, 4000, 8000, 12_000, 16_000]);
    expect(world.asked.every(({ request }) => request.timeout?.milliseconds === 10_000)).toBe(true);
  });
});

describe('an access review', () => {
  it('waits no longer than ten seconds because the API server says so', async () => {
    const world = setUp({ status: 503, retryAfter: '3600' }, good);
    expect(await world.access()).toMatch(/with 503$/);
  });

  it('that allows and denies forbids', async () => {
    expect(await setUp({ status: 201, review: { allowed: true, denied: true } }).access()).toBe('forbidden');
  });
});
