import { describe, expect, it } from '@jest/globals';
import { AbortListeners, abortReason, onAbort } from './abort.ts';

describe('abortReason', () => {
  it('is the reason itself when that is an error, of whatever realm', () => {
    const reason = new Error('enough');
    expect(abortReason(AbortSignal.abort(reason))).toBe(reason);
    const standard = AbortSignal.abort();
    expect(abortReason(standard)).toBe(standard.reason);
  });

  it('wraps anything else', () => {
    expect(abortReason(AbortSignal.abort('text'))).toMatchObject({ message: 'aborted', cause: 'text' });
  });
});

const listeners = new AbortListeners();

describe.each([
  ['onAbort', onAbort],
  ['AbortListeners', (signal: AbortSignal, callback: (reason: Error) => void) => listeners.onAbort(signal, callback)],
])('%s', (_, listen) => {
  it('calls each back once, those that stopped not at all, and late ones at once', () => {
    const controller = new AbortController();
    const calls: string[] = [];
    const note = (name: string) => (reason: Error) => calls.push(`${name}: ${reason.message}`);
    listen(controller.signal, note('first'));
    const stop = listen(controller.signal, note('stopped'));
    listen(controller.signal, note('second'));
    stop();
    stop();
    controller.abort(new Error('enough'));
    listen(controller.signal, note('late'));
    expect(calls).toEqual(['first: enough', 'second: enough', 'late: enough']);
  });

  it('goes on after all have stopped', () => {
    const controller = new AbortController();
    listen(controller.signal, () => undefined)();
    let calls = 0;
    listen(controller.signal, () => calls++);
    controller.abort();
    expect(calls).toBe(1);
  });
});
