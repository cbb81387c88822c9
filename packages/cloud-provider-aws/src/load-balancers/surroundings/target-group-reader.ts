import type { CallContext, Clock } from '@ccm-ts/cloud-provider';
import { AgedRead } from '../../aged.ts';
import type { Elbv2Port, TargetGroup } from '../../client/elbv2-port.ts';

/**
 * The target groups of the account. They can be looked up neither by tag nor by a part of the name, and one whose load
 * balancer is gone not by that either, so all are listed; Services that are observed at the same time share the list.
 */
export class TargetGroupReader {
  readonly #groups: AgedRead<readonly TargetGroup[]>;

  constructor(options: { readonly elbv2: Elbv2Port; readonly clock: Clock }) {
    const { elbv2, clock } = options;
    this.#groups = new AgedRead({ clock, read: (call) => elbv2.describeTargetGroups(call) });
  }

  read(call: CallContext): Promise<readonly TargetGroup[]> {
    return this.#groups.get(call.freshness, call);
  }

  /** To be called after a write: the list is no longer true. */
  forget(): void {
    this.#groups.forget();
  }
}
