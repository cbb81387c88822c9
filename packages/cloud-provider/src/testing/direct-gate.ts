import type { CloudCall, CloudCallGate } from '../cloud/cloud-call-gate.ts';

/** A gate without a budget, for tests of providers: everything passes at once and is remembered. */
export interface DirectGate extends CloudCallGate {
  /** Every request that passed, in order. */
  readonly calls: readonly CloudCall[];
}

export function directGate(): DirectGate {
  const calls: CloudCall[] = [];
  return {
    calls,
    run(call, context, send) {
      calls.push(call);
      return send(context.signal, () => {});
    },
  };
}
