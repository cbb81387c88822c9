import type { FieldChange } from '../../cloud/operation.ts';
import type { Patch } from '../../kube/client/patch.ts';

/** What ties a patch to a version of its object is no change. */
const bindings = new Set(['metadata.uid', 'metadata.resourceVersion', 'metadata.name', 'apiVersion', 'kind']);

/** The fields that a patch changes. Pure. @param before the object as it is, for what stood there */
export function fieldChanges(patch: Patch, before: unknown): readonly FieldChange[] {
  if (patch.type === 'json') {
    return patch.operations
      .filter(({ op }) => op !== 'test')
      .map((operation) => ({
        field: operation.path,
        ...('value' in operation ? { to: printed(operation.value) } : {}),
      }));
  }
  const changes: FieldChange[] = [];
  walk(patch.body, [], (path, value) => {
    const field = path.join('.');
    if (bindings.has(field)) return;
    const from = printed(at(before, path));
    const to = value === null ? '' : printed(value);
    if (from === to) return;
    changes.push({ field, ...(from !== '' && { from }), to });
  });
  return changes;
}

function walk(value: unknown, path: readonly string[], leaf: (path: readonly string[], value: unknown) => void): void {
  if (!isRecord(value)) {
    leaf(path, value);
    return;
  }
  for (const [key, entry] of Object.entries(value)) {
    if (!key.startsWith('$')) walk(entry, [...path, key], leaf);
  }
}

function at(object: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => (isRecord(value) ? value[key] : undefined), object);
}

/** Short enough for one line. Lists of named things are told by what tells them apart. */
function printed(value: unknown): string {
  if (value === undefined || value === '') return '';
  if (Array.isArray(value)) {
    const items = value.filter((item) => !(isRecord(item) && '$patch' in item));
    return items.map(item).join(', ');
  }
  return item(value);
}

function item(value: unknown): string {
  if (!isRecord(value)) return typeof value === 'string' ? value : JSON.stringify(value);
  const { address, effect, hostname, ip, key, message, reason, status, type } = value;
  if (typeof address === 'string') return `${String(type)} ${address}`;
  if (typeof effect === 'string') return `${String(key)}:${effect}`;
  if (typeof status === 'string') return `${String(type)}=${status} (${String(reason)}: ${String(message)})`;
  const target = [hostname, ip].find((each) => typeof each === 'string' && each !== '');
  return typeof target === 'string' ? target : JSON.stringify(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
