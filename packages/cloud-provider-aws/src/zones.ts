import { type CallContext, type Clock, CloudError, Duration, toCloudError } from '@ccm-ts/cloud-provider';
import { AgedRead } from './aged.ts';
import type { AvailabilityZone, Ec2Port } from './client/ec2-port.ts';

/** Zones are added to a region once in years; an unknown one makes them be read again at once. */
const zonesMaxAge = Duration.hours(24);
/** A zone that stays unknown is not asked for again before that. */
const unknownZoneMaxAge = Duration.minutes(5);

/** The zones of the region, read once for all who ask. */
export class Zones {
  readonly #zones: AgedRead<readonly AvailabilityZone[]>;

  constructor(options: { readonly ec2: Ec2Port; readonly clock: Clock }) {
    const { ec2, clock } = options;
    this.#zones = new AgedRead({ clock, read: (call) => ec2.describeAvailabilityZones(call) });
  }

  /** All of them, a day old at most. */
  list(call: CallContext): Promise<readonly AvailabilityZone[]> {
    return this.#zones.get({ maxAge: zonesMaxAge }, call);
  }

  /** Asks EC2 now. */
  async renew(call: CallContext): Promise<void> {
    await this.#zones.get('live', call);
  }

  /**
   * The ids of zones, which are the same for every account, by their names, which are not: the id of each, or why it can't be told. No
   * request when none is asked for, and two at most. Never throws.
   */
  async lookUpIDs(zones: ReadonlySet<string>, call: CallContext): Promise<ReadonlyMap<string, string | CloudError>> {
    const result = new Map<string, string | CloudError>();
    for (const maxAge of [zonesMaxAge, unknownZoneMaxAge]) {
      const missing = [...zones].filter((zone) => !result.has(zone));
      if (missing.length === 0) return result;
      try {
        const known = new Map((await this.#zones.get({ maxAge }, call)).map(({ name, id }) => [name, id]));
        for (const zone of missing) {
          const id = known.get(zone);
          if (id !== undefined) result.set(zone, id);
        }
      } catch (error) {
        for (const zone of missing) result.set(zone, toCloudError(error));
      }
    }
    for (const zone of zones) {
      if (!result.has(zone)) result.set(zone, new CloudError('Unknown', `EC2 does not list the zone ${zone}`));
    }
    return result;
  }
}
