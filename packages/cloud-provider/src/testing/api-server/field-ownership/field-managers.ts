import type { ObjectMeta } from '../api-object.ts';
import { StatusError } from '../status.ts';
import type { StatusCause } from '../status.ts';
import type { FieldChanges } from './compare-fields.ts';
import {
  type FieldSet,
  difference,
  emptySet,
  fromFieldsV1,
  intersection,
  isEmptySet,
  pathsOf,
  setOf,
  toFieldsV1,
  union,
} from './field-set.ts';

/** Who writes, and how. */
export interface FieldManager {
  readonly name: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string;
}

interface ManagedFields extends FieldManager {
  readonly time: string;
  readonly fields: FieldSet;
}

/** Who owns which fields of one object, as its `metadata.managedFields` say. Immutable. */
export class FieldManagers {
  /** By the identity of the manager. */
  readonly #entries: ReadonlyMap<string, ManagedFields>;

  private constructor(entries: ReadonlyMap<string, ManagedFields>) {
    this.#entries = entries;
  }

  static read(metadata: ObjectMeta | undefined): FieldManagers {
    const entries = (metadata?.managedFields ?? []).map(
      ({ manager = '', operation, apiVersion = '', subresource = '', time, fieldsV1 }): ManagedFields => ({
        name: manager,
        operation: operation === 'Apply' ? 'Apply' : 'Update',
        apiVersion,
        subresource,
        time: time ?? '',
        fields: fromFieldsV1(fieldsV1),
      }),
    );
    return new FieldManagers(new Map(entries.map((entry) => [identityOf(entry), entry])));
  }

  fieldsOf(manager: FieldManager): FieldSet {
    return this.#entries.get(identityOf(manager))?.fields ?? emptySet;
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  /** The fields that anybody owns. */
  get owned(): FieldSet {
    let all = emptySet;
    for (const { fields } of this.#entries.values()) all = union(all, fields);
    return all;
  }

  /** The manager owns exactly these fields from now on. */
  with(manager: FieldManager, fields: FieldSet, time: string): FieldManagers {
    const entries = new Map(this.#entries);
    if (isEmptySet(fields)) entries.delete(identityOf(manager));
    else entries.set(identityOf(manager), { ...manager, time, fields });
    return new FieldManagers(entries);
  }

  /** What the others own of the fields that the manager's write changes. */
  conflicts(manager: FieldManager, changes: FieldChanges): readonly (readonly [FieldManager, FieldSet])[] {
    return [...this.#others(manager)].flatMap((entry) => {
      const fields = intersection(entry.fields, changes.written);
      return isEmptySet(fields) ? [] : [[entry, fields] as const];
    });
  }

  /** The others lose what the manager's write changed or removed. */
  withLosses(manager: FieldManager, changes: FieldChanges): FieldManagers {
    const entries = new Map(this.#entries);
    const lost = union(changes.written, changes.removed);
    for (const entry of this.#others(manager)) {
      const fields = difference(entry.fields, lost);
      if (isEmptySet(fields)) entries.delete(identityOf(entry));
      else entries.set(identityOf(entry), { ...entry, fields });
    }
    return new FieldManagers(entries);
  }

  /** An update by the manager: it owns what it wrote, and no longer what it removed. */
  withUpdate(manager: FieldManager, changes: FieldChanges, time: string): FieldManagers {
    const { written, removed } = withoutServerFields(changes);
    const before = this.fieldsOf(manager);
    const fields = union(difference(before, removed), written);
    const next = this.withLosses(manager, { written, removed });
    return isEmptySet(written) ? next.with(manager, fields, this.#timeOf(manager)) : next.with(manager, fields, time);
  }

  toMetadata(): ObjectMeta['managedFields'] {
    const entries = [...this.#entries.values()].sort(
      (left, right) =>
        left.operation.localeCompare(right.operation) ||
        left.time.localeCompare(right.time) ||
        left.name.localeCompare(right.name) ||
        left.subresource.localeCompare(right.subresource),
    );
    return entries.map(({ name, operation, apiVersion, subresource, time, fields }) => ({
      manager: name,
      operation,
      apiVersion,
      ...(time !== '' && { time }),
      fieldsType: 'FieldsV1',
      fieldsV1: toFieldsV1(fields),
      ...(subresource !== '' && { subresource }),
    }));
  }

  #timeOf(manager: FieldManager): string {
    return this.#entries.get(identityOf(manager))?.time ?? '';
  }

  *#others(manager: FieldManager): Iterable<ManagedFields> {
    const self = identityOf(manager);
    for (const [identity, entry] of this.#entries) if (identity !== self) yield entry;
  }
}

/** An applier is the same in whatever version it applies. */
function identityOf({ name, operation, apiVersion, subresource }: FieldManager): string {
  return JSON.stringify([name, operation, operation === 'Apply' ? '' : apiVersion, subresource]);
}

/** Fields of the server's, or of everybody's: nobody owns them. */
const serverFields = setOf([
  ['f:metadata'],
  ...[
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'generation',
    'managedFields',
    'resourceVersion',
  ].map((name) => ['f:metadata', `f:${name}`]),
]);

/** Without what no manager can own. */
export function withoutServerFields(changes: FieldChanges): FieldChanges {
  return { written: ownable(changes.written), removed: ownable(changes.removed) };
}

/** Without what no manager can own. */
export function ownable(fields: FieldSet): FieldSet {
  return difference(fields, serverFields);
}

/** The refusal of an apply that changes what others own. Source: k8s.io/apimachinery, managedfields/internal/conflict.go */
export function applyConflict(conflicts: readonly (readonly [FieldManager, FieldSet])[]): StatusError {
  const causes: StatusCause[] = [];
  const lines: string[] = [];
  for (const [manager, fields] of conflicts) {
    const paths = pathsOf(fields);
    lines.push(`conflicts with ${printManager(manager)}:`, ...paths.map((path) => `- ${path}`));
    const message = `conflict with ${printManager(manager)}`;
    causes.push(...paths.map((field) => ({ reason: 'FieldManagerConflict', message, field })));
  }
  const [only] = causes;
  const message =
    causes.length === 1 && only
      ? `Apply failed with 1 conflict: ${only.message}: ${only.field ?? ''}`
      : `Apply failed with ${causes.length} conflicts: ${lines.join('\n')}`;
  return new StatusError({ code: 409, reason: 'Conflict', message, details: { causes } });
}

function printManager({ name, operation, apiVersion, subresource }: FieldManager): string {
  const place = subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`;
  return `${JSON.stringify(name)}${place}${operation === 'Update' ? ` using ${apiVersion}` : ''}`;
}
