import type { SeededRandom } from '../../seeded-random.ts';
import type { ForwarderRecord, InputOf, OutputOf } from './api.ts';
import { addressIn } from './instances.ts';
import { LaggedMap } from './lagged-map.ts';
import { type OperationContext, writeTimes } from './operation-context.ts';
import { CloudRefusal } from './refusal.ts';

interface Stored {
  readonly record: ForwarderRecord;
  /** Whose it is as far as its tags don't tell. */
  readonly owner: string;
}

const pageSize = 50;

/** The forwarders. Nothing keeps a caller from creating the same one twice. */
export class ForwarderService {
  readonly #random: SeededRandom;
  readonly #byID = new LaggedMap<Stored>();
  #addresses = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  /** Everything as it really is. */
  all(): readonly ForwarderRecord[] {
    return [...this.#byID.values()].map(({ record }) => record);
  }

  list(input: InputOf<'ListForwarders'>, context: OperationContext): OutputOf<'ListForwarders'> {
    const rest = [...this.#byID.entriesAt(context.readAt)]
      .filter(([id]) => id > input.pageToken)
      .sort(([left], [right]) => (left < right ? -1 : 1));
    const page = rest.slice(0, pageSize);
    return {
      forwarders: context.toldOf(page.map(([, { record }]) => record)),
      nextPageToken: rest.length > page.length ? (page.at(-1)?.[0] ?? '') : '',
    };
  }

  create(input: InputOf<'CreateForwarder'>, context: OperationContext): ForwarderRecord {
    const { note, ports } = input;
    if (note.length > 64) throw new CloudRefusal('InvalidParameter', 'note: at most 64 characters', { field: 'note' });
    const id = `fwd-${this.#random.hex(12)}`;
    const record = { id, address: addressIn('198.20.0.0', ++this.#addresses), note, ports, tags: {} };
    return this.#write({ record, owner: context.cluster }, context);
  }

  update(input: InputOf<'UpdateForwarder'>, context: OperationContext): ForwarderRecord {
    const { record, owner } = this.#demand(input.id, context);
    const { ports = record.ports, tags } = input;
    return this.#write({ record: { ...record, ports, tags: { ...record.tags, ...tags } }, owner }, context);
  }

  delete(input: InputOf<'DeleteForwarder'>, context: OperationContext): OutputOf<'DeleteForwarder'> {
    const { record } = this.#demand(input.id, context);
    this.#byID.delete(record.id, writeTimes(context));
    return {};
  }

  /** Puts one there without any request, as another program of the account would have left it. */
  plant(record: Pick<ForwarderRecord, 'note' | 'ports' | 'tags'>, context: OperationContext): string {
    const id = `fwd-${this.#random.hex(12)}`;
    const planted = { id, address: addressIn('198.20.0.0', ++this.#addresses), ...record };
    this.#byID.set(id, { record: planted, owner: context.cluster }, writeTimes(context));
    return id;
  }

  #demand(id: string, context: OperationContext): Stored {
    const stored = this.#byID.get(id);
    if (!stored) throw new CloudRefusal('NotFound', `there is no forwarder ${id}`);
    // A request that takes it over by its tags touches what belonged to somebody else, so the state before it counts.
    context.touch(`forwarder/${id}`, context.ownerOf(stored.record.tags, stored.owner));
    return stored;
  }

  #write(stored: Stored, context: OperationContext): ForwarderRecord {
    this.#byID.set(stored.record.id, stored, writeTimes(context));
    return stored.record;
  }
}
