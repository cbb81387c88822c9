import type { Clock } from '../base/clock.ts';
import {
  type CreateIntent,
  type JournaledCreate,
  annotationOf,
  intentAnnotationPrefix,
  intentsIn,
} from '../cloud/create-intent.ts';
import type { ResourceKey } from '../cloud/operation.ts';

/** Where creates of one group are written down that nothing else would lead back to. */
export interface Journal {
  /** Writes down that the create is about to be sent. It is durable when this resolves, and surely not when it rejects. */
  open(operation: JournaledCreate): Promise<CreateIntent>;
  /** Whether anything of the group is written down and not yet struck out. */
  isOpen(): boolean;
  /** Strikes out everything of the group: it was seen in the cloud, or is known never to have come there. */
  close(): Promise<void>;
}

/** The annotations of one object, as somebody keeps them who may write them. */
export interface AnnotationKeeper {
  /** The UID of the object. */
  readonly uid: string;
  /** As last known, with our own writes. */
  read(): Readonly<Record<string, string>>;
  /** Null removes. Rejects when the object is no longer there, or another one has its name. */
  write(changes: Readonly<Record<string, string | null>>): Promise<void>;
}

export interface AnnotationJournalOptions {
  /** The group as the operation log knows it: only its intents are struck out. */
  readonly group: ResourceKey;
  /** The owners that the group's creates may be for. */
  readonly keepers: readonly AnnotationKeeper[];
  readonly clock: Clock;
  /** Gives an id that was never given before. */
  readonly newID: () => string;
}

/**
 * Keeps each intent in an annotation of the object that the create is for, so that it lives exactly as long as that one and
 * whoever leads next finds it.
 */
export class AnnotationJournal implements Journal {
  readonly #options: AnnotationJournalOptions;

  constructor(options: AnnotationJournalOptions) {
    this.#options = options;
  }

  async open({ identity }: JournaledCreate): Promise<CreateIntent> {
    const { clock, group, keepers, newID } = this.#options;
    const keeper = keepers.find(({ uid }) => uid === identity.owner);
    if (!keeper) throw new RangeError(`a create of ${group} is for ${identity.owner}, which is no part of the group`);
    const intent = { id: newID(), group, key: identity.key, startedAt: clock.now().toISOString() };
    // The one before it was looked for and not found, or this create would not be asked for.
    const outdated = this.#intentsOf(keeper).filter(({ key }) => key === identity.key);
    const { name, value } = annotationOf(intent);
    await keeper.write({ ...strikeOut(outdated), [name]: value });
    return intent;
  }

  isOpen(): boolean {
    return this.#options.keepers.some((keeper) => this.#intentsOf(keeper).length > 0);
  }

  async close(): Promise<void> {
    for (const keeper of this.#options.keepers) {
      const intents = this.#intentsOf(keeper);
      if (intents.length > 0) await keeper.write(strikeOut(intents));
    }
  }

  #intentsOf(keeper: AnnotationKeeper): readonly CreateIntent[] {
    return intentsIn(keeper.read()).filter(({ group }) => group === this.#options.group);
  }
}

function strikeOut(intents: readonly CreateIntent[]): Readonly<Record<string, null>> {
  return Object.fromEntries(intents.map(({ id }) => [intentAnnotationPrefix + id, null]));
}

/** Annotations after such a write. Pure. */
export function withChanges(
  annotations: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, string | null>>,
): Readonly<Record<string, string>> {
  const entries = Object.entries({ ...annotations, ...changes });
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== null));
}
