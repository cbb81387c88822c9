import type { CaseEvent, Expectation } from './golden-case.ts';

/** One place where a run differs from the case. */
export interface Difference {
  /** `step/state/…`, `step/events/…`, `step/event-messages/…`. */
  readonly path: string;
  readonly golden: unknown;
  readonly ours: unknown;
}

/** What a run has after a step. */
export interface Outcome {
  readonly state: Readonly<Record<string, unknown>>;
  readonly events: readonly CaseEvent[];
  readonly rejected?: string | undefined;
}

export function compareStep(step: string, golden: Pick<Expectation, 'state' | 'events' | 'rejected'>, ours: Outcome) {
  const found: Difference[] = [];
  compareValues(`${step}/state`, inOrder(golden.state), { ours: inOrder(ours.state), found });
  compareValues(`${step}/rejected`, golden.rejected, { ours: ours.rejected, found });
  compareEvents(step, golden.events, { ours: ours.events, found });
  return found as readonly Difference[];
}

interface Comparison<Value> {
  readonly ours: Value;
  readonly found: Difference[];
}

function compareValues(path: string, golden: unknown, { ours, found }: Comparison<unknown>): void {
  if (JSON.stringify(golden ?? null) === JSON.stringify(ours ?? null)) return;
  if (isObject(golden) && isObject(ours)) {
    for (const key of [...new Set([...Object.keys(golden), ...Object.keys(ours)])].sort()) {
      compareValues(`${path}/${key}`, golden[key], { ours: ours[key], found });
    }
    return;
  }
  if (isList(golden) && isList(ours)) {
    if ([...golden, ...ours].every((each) => typeof each === 'string')) {
      for (const line of golden) if (!ours.includes(line)) found.push({ path, golden: line, ours: undefined });
      for (const line of ours) if (!golden.includes(line)) found.push({ path, golden: undefined, ours: line });
      return;
    }
    if (golden.length === ours.length) {
      for (const [index, each] of golden.entries()) {
        compareValues(`${path}[${index}]`, each, { ours: ours[index], found });
      }
      return;
    }
  }
  found.push({ path, golden, ours });
}

/** Messages that carry the same error of AWS are equal: how an SDK words them is nobody's contract. */
function compareEvents(
  step: string,
  golden: readonly CaseEvent[],
  { ours, found }: Comparison<readonly CaseEvent[]>,
): void {
  const one = Map.groupBy(golden, eventKey);
  const other = Map.groupBy(ours, eventKey);
  for (const key of [...new Set([...one.keys(), ...other.keys()])].sort()) {
    const [wanted, present] = [messagesOf(one.get(key)), messagesOf(other.get(key))];
    if (wanted.length === 0 || present.length === 0) {
      found.push({ path: `${step}/events/${key}`, golden: wanted, ours: present });
    } else if (wanted.join() !== present.join()) {
      const codes = errorCodes(wanted);
      if (codes !== '' && codes === errorCodes(present)) continue;
      found.push({ path: `${step}/event-messages/${key}`, golden: wanted, ours: present });
    }
  }
}

function eventKey({ object, type, reason }: CaseEvent): string {
  return `${object} ${type} ${reason}`;
}

function messagesOf(events: readonly CaseEvent[] = []): readonly string[] {
  return [...new Set(events.map(({ message }) => message))].sort();
}

/** In Go's words the code comes behind the request's id, in ours behind the operation. */
function errorCodes(messages: readonly string[]): string {
  const codes = messages.flatMap((message) => [
    ...[...message.matchAll(/RequestID: <request-id>, (?:api error )?([\w.]+):/g)].map(([, code]) => code),
    ...[...message.matchAll(/\b[A-Z][A-Za-z]+: ([A-Z][\w.]+):/g)].map(([, code]) => code),
  ]);
  return [...new Set(codes.map((code) => code?.replace(/Exception$/, '')))].sort().join();
}

/** Lists whose order means nothing, in the order of the names of their items. */
function inOrder(state: Readonly<Record<string, unknown>>): unknown {
  const sort = (value: unknown, key: string): unknown => {
    if (Array.isArray(value)) {
      const items = value.map((each) => sort(each, ''));
      const isSet = ['subnets', 'instances', 'targets', 'ingress', 'egress'].includes(key);
      return isSet ? items.sort((a, b) => (sortText(a) < sortText(b) ? -1 : 1)) : items;
    }
    if (!isObject(value)) return value;
    const keys = Object.keys(value).sort();
    return Object.fromEntries(keys.map((each) => [each, sort(value[each], each)]));
  };
  return sort(state, '');
}

function sortText(item: unknown): string {
  return isObject(item) && 'subnet' in item ? String(item.subnet) : JSON.stringify(item);
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
