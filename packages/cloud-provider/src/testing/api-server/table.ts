import { humanAge } from './human-age.ts';
import type { ApiObject } from './api-object.ts';
import type { Json, JsonObject } from './json.ts';

/** A column of the table that `kubectl get` shows. */
export interface Column {
  readonly name: string;
  /** `name` marks the column that kubectl prints as `kind/name`. */
  readonly format?: 'name';
  /** 0 is always shown, 1 with `-o wide`. */
  readonly priority: 0 | 1;
  readonly cell: (object: ApiObject, now: Date) => Json;
}

export const nameColumn: Column = {
  name: 'Name',
  format: 'name',
  priority: 0,
  cell: (object) => object.metadata.name ?? '',
};

export const ageColumn: Column = {
  name: 'Age',
  priority: 0,
  cell: (object, now) => humanAge(object.metadata.creationTimestamp, now),
};

/** What rows carry of their objects: `includeObject` of TableOptions. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

export function columnDefinitions(columns: readonly Column[]): readonly JsonObject[] {
  return columns.map((column) => ({
    name: column.name,
    type: 'string',
    format: column.format ?? '',
    description: column.name,
    priority: column.priority,
  }));
}
