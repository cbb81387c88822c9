import type { SeededRandom } from '../../seeded-random.ts';
import type { InputOf, OutputOf, VolumeRecord } from './api.ts';
import { CloudRefusal } from './refusal.ts';

/** The disks. Nothing but an operator makes or deletes them. */
export class VolumeService {
  readonly #random: SeededRandom;
  readonly #volumes = new Map<string, VolumeRecord>();

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  make(zones: readonly string[]): VolumeRecord {
    const volume = { id: `vol-${this.#random.hex(12)}`, zones };
    this.#volumes.set(volume.id, volume);
    return volume;
  }

  get({ id }: InputOf<'GetVolume'>): OutputOf<'GetVolume'> {
    const volume = this.#volumes.get(id);
    if (!volume) throw new CloudRefusal('NotFound', `there is no volume ${id}`);
    return { volume };
  }
}
