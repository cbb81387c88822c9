import type { Duration } from '../../../base/duration.ts';
import { type ApiGroup, type OperationName, operationTable } from './api.ts';

/** What goes wrong with a request. */
export type FaultEffect =
  /** 503; nothing is done. */
  | { readonly kind: 'unavailable'; readonly retryAfter?: Duration }
  /** 429; nothing is done. */
  | { readonly kind: 'throttle'; readonly retryAfter: Duration }
  /** 403; nothing is done. */
  | { readonly kind: 'deny' }
  /** 409 `Busy`; nothing is done. */
  | { readonly kind: 'busy' }
  /** 403 `QuotaExceeded`; nothing is done. */
  | { readonly kind: 'quota' }
  /** The connection breaks before the request is done. */
  | { readonly kind: 'loseRequest' }
  /** It is done, but the answer never comes: the connection breaks, or stays open in silence. */
  | { readonly kind: 'loseReply'; readonly how: 'reset' | 'silence' }
  /** A list leaves out every n-th of its items, without a word. */
  | { readonly kind: 'omit'; readonly every: number }
  /** A read is answered by a replica that is so much further behind, at most by the `staleMemory` of the settings. */
  | { readonly kind: 'stale'; readonly by: Duration }
  /** It takes longer by so much. */
  | { readonly kind: 'slow'; readonly by: Duration };

export interface Fault {
  readonly effect: FaultEffect;
  /** Which requests; what is left out matches everything. */
  readonly match?: {
    readonly operation?: OperationName;
    readonly apiGroup?: ApiGroup;
    readonly kind?: 'read' | 'write';
  };
  /** How many requests. @default all */
  readonly times?: number;
}

interface ArmedFault {
  readonly fault: Fault;
  left: number;
}

/** The faults that lie in wait. */
export class CloudFaults {
  readonly #armed = new Set<ArmedFault>();

  /** Arms a fault; the returned function disarms it. The earliest that matches a request strikes it, one a request. */
  add(fault: Fault): () => void {
    const armed: ArmedFault = { fault, left: fault.times ?? Number.POSITIVE_INFINITY };
    this.#armed.add(armed);
    return () => {
      this.#armed.delete(armed);
    };
  }

  clear(): void {
    this.#armed.clear();
  }

  /** The fault that strikes this request, if any. Uses it up. */
  take(operation: OperationName): FaultEffect | undefined {
    const { apiGroup, kind } = operationTable[operation];
    for (const armed of this.#armed) {
      const match = armed.fault.match ?? {};
      if (match.operation !== undefined && match.operation !== operation) continue;
      if (match.apiGroup !== undefined && match.apiGroup !== apiGroup) continue;
      if (match.kind !== undefined && match.kind !== kind) continue;
      armed.left--;
      if (armed.left <= 0) this.#armed.delete(armed);
      return armed.fault.effect;
    }
    return undefined;
  }
}
