import { after as nodeAfter, describe as nodeDescribe, it as nodeIt } from 'node:test';

/** Node's own `describe`, for callers that have nothing to wait for: the runner does the waiting. */
export function describe(title: string, body: () => void): void {
  void nodeDescribe(title, body);
}

/** Node's own `it`. */
export function it(title: string, body: () => Promise<void> | void): void {
  void nodeIt(title, body);
}

/** Node's own `after`. */
export function after(body: () => Promise<void> | void): void {
  nodeAfter(body);
}
