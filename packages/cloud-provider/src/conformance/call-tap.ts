import { Duration } from '../base/duration.ts';
import type { CloudCall, CloudCallGate } from '../cloud/cloud-call-gate.ts';
import { CloudError } from '../cloud/cloud-error.ts';
import type { Plug } from '../testing/proofs/plug.ts';

/** What goes wrong with a request on its way between provider and cloud. */
export type CallFault =
  /** Turned away; nothing is done. */
  | 'throttled'
  | 'denied'
  | 'conflict'
  /** It never arrives. */
  | 'unavailable'
  /** It is done, and nobody hears of it. */
  | 'lostReply'
  /** It is done, and the manager dies before it hears of it. */
  | 'death';

/** One request that was let through. */
export interface TappedCall extends CloudCall {
  /** Among all of the cluster's, from 1. */
  readonly number: number;
  readonly fault: CallFault | 'none';
}

/** Decides what goes wrong with a request; undefined lets it be. */
export type Strike = (call: Omit<TappedCall, 'fault'>) => CallFault | undefined;

export interface CallTapOptions {
  /** Called whenever anything moves. */
  readonly onActivity: () => void;
  /** Called with the operation of each request that writes, where it was asked for. */
  readonly onWrite: (operation: string) => void;
  /** Called for a `death`. */
  readonly onDeath: () => void;
}

/**
 * Stands between a provider and its gate: keeps a log of every request and lets chosen ones go wrong, for any provider and
 * without its emulator having to know how. What the provider makes of its cloud's own words for a failure is not seen here;
 * that is for the provider's own tests.
 */
export class CallTap {
  readonly calls: TappedCall[] = [];
  strike: Strike = () => undefined;
  readonly #options: CallTapOptions;
  readonly #underWay = new Set<Promise<unknown>>();
  #numbers = 0;

  constructor(options: CallTapOptions) {
    this.#options = options;
  }

  /** Requests that wait for the cloud. */
  get underWay(): ReadonlySet<Promise<unknown>> {
    return this.#underWay;
  }

  /** The gate as a provider gets it. */
  tapped(gate: CloudCallGate, plug: Plug): CloudCallGate {
    return {
      run: (call, context, send) => {
        if (call.kind === 'write') this.#options.onWrite(call.operation);
        return gate.run(call, context, (signal, beforeSend) => this.#send(call, plug, () => send(signal, beforeSend)));
      },
    };
  }

  async #send<Result>(call: CloudCall, plug: Plug, send: () => Promise<Result>): Promise<Result> {
    if (!plug.isIn) return plug.silence();
    const numbered = { ...call, number: ++this.#numbers };
    const fault = this.strike(numbered);
    this.calls.push({ ...numbered, fault: fault ?? 'none' });
    this.#options.onActivity();
    const refusal = fault && refuse(call, fault);
    if (refusal) throw refusal;
    const answer = send();
    this.#underWay.add(answer);
    try {
      const result = await answer;
      if (fault === 'death') this.#options.onDeath();
      if (fault === 'lostReply') throw unanswered(call);
      return result;
    } finally {
      this.#underWay.delete(answer);
      this.#options.onActivity();
      if (!plug.isIn) await plug.silence();
    }
  }
}

function refuse({ operation }: CloudCall, fault: CallFault): CloudError | undefined {
  switch (fault) {
    case 'throttled':
      return new CloudError('Throttled', `${operation}: too many requests`, {
        operation,
        retryAfter: Duration.seconds(2),
      });
    case 'denied':
      return new CloudError('Denied', `${operation}: not allowed`, { operation, permission: operation });
    case 'conflict':
      return new CloudError('Conflict', `${operation}: the object is being changed`, { operation });
    case 'unavailable':
      return new CloudError('Unavailable', `${operation}: the connection was refused`, { operation });
    case 'lostReply':
    case 'death':
      return undefined;
  }
}

function unanswered({ operation }: CloudCall): CloudError {
  return new CloudError('Unavailable', `${operation}: the connection broke before the answer was there`, { operation });
}
