import { isJsonObject } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';

/**
 * A set of fields of one object, as a tree of path elements in the spelling of `fieldsV1`: `f:name` for a field or a key of
 * a map, `k:{…}` for an item of a list by its keys, `v:…` for an item of a list that is a set. Immutable.
 * Source: sigs.k8s.io/structured-merge-diff, fieldpath.Set.
 */
export interface FieldSet {
  /** Whether the path up to here is in the set itself. */
  readonly isMember: boolean;
  readonly children: ReadonlyMap<string, FieldSet>;
}

export const emptySet: FieldSet = { isMember: false, children: new Map() };

/** A set that consists of the given paths. */
export function setOf(paths: Iterable<readonly string[]>): FieldSet {
  const root: Draft = { isMember: false, children: new Map() };
  for (const path of paths) {
    let at = root;
    for (const element of path) {
      let next = at.children.get(element);
      if (!next) at.children.set(element, (next = { isMember: false, children: new Map() }));
      at = next;
    }
    at.isMember = true;
  }
  return root;
}

interface Draft {
  isMember: boolean;
  readonly children: Map<string, Draft>;
}

export function isEmptySet(set: FieldSet): boolean {
  return !set.isMember && set.children.size === 0;
}

export function union(left: FieldSet, right: FieldSet): FieldSet {
  if (isEmptySet(left)) return right;
  if (isEmptySet(right)) return left;
  const children = new Map(left.children);
  for (const [element, child] of right.children) {
    const other = children.get(element);
    children.set(element, other ? union(other, child) : child);
  }
  return { isMember: left.isMember || right.isMember, children };
}

/** The members of the first that are not members of the second. */
export function difference(left: FieldSet, right: FieldSet): FieldSet {
  return select(left, right, (isInLeft, isInRight) => isInLeft && !isInRight);
}

/** The members of both. */
export function intersection(left: FieldSet, right: FieldSet): FieldSet {
  return select(left, right, (isInLeft, isInRight) => isInLeft && isInRight);
}

export function equalSets(left: FieldSet, right: FieldSet): boolean {
  return isEmptySet(difference(left, right)) && isEmptySet(difference(right, left));
}

function select(left: FieldSet, right: FieldSet, holds: (isInLeft: boolean, isInRight: boolean) => boolean): FieldSet {
  const children = new Map<string, FieldSet>();
  for (const [element, child] of left.children) {
    const kept = select(child, right.children.get(element) ?? emptySet, holds);
    if (!isEmptySet(kept)) children.set(element, kept);
  }
  return { isMember: holds(left.isMember, right.isMember), children };
}

/** The members as Go prints paths: `.metadata.labels.app`, `.status.conditions[type="Ready"]`; in the order of their spelling. */
export function pathsOf(set: FieldSet, prefix = ''): readonly string[] {
  const paths = set.isMember ? [prefix] : [];
  for (const element of [...set.children.keys()].sort()) {
    const child = set.children.get(element);
    if (child) paths.push(...pathsOf(child, prefix + printElement(element)));
  }
  return paths;
}

function printElement(element: string): string {
  const content = element.slice(2);
  switch (element.slice(0, 2)) {
    case 'f:':
      return `.${content}`;
    case 'k:': {
      const keys: unknown = JSON.parse(content);
      if (!isJsonObject(keys)) return `[${content}]`;
      return `[${Object.entries(keys)
        .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
        .join(',')}]`;
    }
    default:
      return `[=${content}]`;
  }
}

/** The form of `fieldsV1`: a member that has members below it says so with a `.`. */
export function toFieldsV1(set: FieldSet): JsonObject {
  const result: Record<string, Json> = {};
  if (set.isMember && set.children.size > 0) result['.'] = {};
  for (const element of [...set.children.keys()].sort()) {
    const child = set.children.get(element);
    if (child) result[element] = toFieldsV1(child);
  }
  return result;
}

/** The inverse of {@link toFieldsV1}. */
export function fromFieldsV1(json: Json | undefined): FieldSet {
  return readNode(json, 'root');
}

function readNode(json: Json | undefined, place: 'root' | 'below'): FieldSet {
  const children = new Map<string, FieldSet>();
  let isMember = false;
  for (const [element, child] of Object.entries(isJsonObject(json) ? json : {})) {
    if (element === '.') isMember = true;
    else children.set(element, readNode(child, 'below'));
  }
  return { isMember: isMember || (place === 'below' && children.size === 0), children };
}
