import type { AnyProjection, Field, Projection, Wire } from './projection.ts';

/** What a reader does with one field; all instances have one shape, so that readers stay fast. */
export interface FieldPlan {
  /** Where the value goes in the projected object; unused for a list's element and for `branch`. */
  readonly key: string;
  /** `branch` is a message of the wire that the projection leaves out: its fields go to the same object. */
  readonly form: Wire['form'] | 'branch';
  readonly message: MessagePlan | undefined;
  readonly element: FieldPlan | undefined;
}

/** A projection as readers need it: fields by JSON name and by protobuf number, and the object with nothing set. */
export interface MessagePlan {
  readonly byName: Map<string, FieldPlan>;
  readonly byNumber: (FieldPlan | undefined)[];
  /** Copied to begin an object; shared where a message is absent. */
  readonly blank: Readonly<Record<string, unknown>>;
}

export const emptyList: readonly never[] = Object.freeze([]);
export const emptyMap: Readonly<Record<string, never>> = Object.freeze({});

/** Compiles a projection. The result is immutable and may serve any number of readers. */
export function compilePlan<T>(projection: Projection<T>): MessagePlan {
  return compileMessage(projection as unknown as AnyProjection);
}

function compileMessage(projection: AnyProjection): MessagePlan {
  const plan: MessagePlan = { byName: new Map(), byNumber: [], blank: {} };
  const defaults: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(projection.fields)) {
    const leaf = compileWire(key, field.wire);
    defaults[key] = blankOf(leaf);
    place(plan, field, leaf);
  }
  return { ...plan, blank: withInObjectFields(defaults) };
}

function compileWire(key: string, wire: Wire): FieldPlan {
  switch (wire.form) {
    case 'message':
      return { key, form: wire.form, message: compileMessage(wire.message), element: undefined };
    case 'list':
      return { key, form: wire.form, message: undefined, element: compileWire('', wire.of) };
    case 'string':
    case 'uniqueString':
    case 'optionalString':
    case 'int':
    case 'bool':
    case 'optionalBool':
    case 'time':
    case 'microTime':
    case 'intOrString':
    case 'stringMap':
      return { key, form: wire.form, message: undefined, element: undefined };
  }
}

function place(root: MessagePlan, field: Field<never>, leaf: FieldPlan): void {
  const names = field.names ?? [leaf.key];
  let at = root;
  for (const [depth, number] of field.numbers.entries()) {
    const name = names[depth] ?? '';
    if (depth === field.numbers.length - 1) {
      at.byName.set(name, leaf);
      at.byNumber[number] = leaf;
      return;
    }
    let branch = at.byName.get(name);
    if (branch?.message === undefined) {
      branch = {
        key: '',
        form: 'branch',
        message: { byName: new Map(), byNumber: [], blank: {} },
        element: undefined,
      };
      at.byName.set(name, branch);
      at.byNumber[number] = branch;
    }
    if (branch.message !== undefined) at = branch.message;
  }
}

function blankOf(plan: FieldPlan): unknown {
  switch (plan.form) {
    case 'string':
    case 'uniqueString':
    case 'time':
    case 'microTime':
    case 'intOrString':
      return '';
    case 'int':
      return 0;
    case 'bool':
      return false;
    case 'optionalString':
    case 'optionalBool':
    case 'branch':
      return undefined;
    case 'stringMap':
      return emptyMap;
    case 'list':
      return emptyList;
    case 'message':
      return plan.message?.blank;
  }
}

/** V8 lays out the fields of a parsed object inside it; those of an object that grew by assignment spill over. Copies follow. */
function withInObjectFields(defaults: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const laidOut: unknown = JSON.parse(JSON.stringify(Object.fromEntries(Object.keys(defaults).map((key) => [key, 0]))));
  return Object.assign(laidOut as Record<string, unknown>, defaults);
}
