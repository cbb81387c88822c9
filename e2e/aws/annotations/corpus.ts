import type { AnyAnnotationRegistry } from '@ccm-ts/cloud-provider';
import fc from 'fast-check';

export type Written = Readonly<Record<string, string>>;

/** A Service that is made with annotations, or that had others before. */
export interface Writing {
  readonly now: Written;
  readonly former?: Written;
}

const seed = 20_361;

/** Annotations of every kind and none, the same ones each time. */
export function corpus(registry: AnyAnnotationRegistry, count: number): readonly Writing[] {
  const written = annotations(registry);
  const made = written.map((now): Writing => ({ now }));
  const replaced = fc.tuple(written, written).map(([former, now]): Writing => ({ former, now }));
  // As people edit: some lines of many.
  const edited = fc
    .tuple(written, written)
    .map(([former, change]): Writing => ({ former, now: { ...former, ...change } }));
  const removed = fc
    .tuple(written, fc.nat(4))
    .map(([former, index]): Writing => ({ former, now: without(former, Object.keys(former)[index]) }));
  return fc.sample(fc.oneof(made, made, replaced, edited, removed), { seed, numRuns: count });
}

function without(written: Written, key: string | undefined): Written {
  return Object.fromEntries(Object.entries(written).filter(([each]) => each !== key));
}

function annotations(registry: AnyAnnotationRegistry): fc.Arbitrary<Written> {
  const { annotations: declared, elsewhere, kindChoice, prefix } = registry.definition;
  // The API server itself judges those that are not the provider's own.
  const names = Object.keys(declared).filter((name) => !name.includes('/'));
  const examples = Object.values(declared).map(({ example }) => example);
  const known = fc.constantFrom(...names).chain((name) => {
    const example = declared[name]?.example ?? '';
    return fc
      .oneof({ arbitrary: fc.constant(example), weight: 2 }, text(examples))
      .map((value) => [registry.keyOf(name), value] as const);
  });
  const unknown = fc
    .tuple(
      fc.oneof(
        fc.constantFrom(...names).map((name) => `${prefix}${name}s`),
        fc.constantFrom(...(elsewhere?.names ?? [])).map((name) => prefix + name),
        fc.constantFrom(...names).map((name) => prefix.replace('-balancer', 'balancer') + name),
        fc.constantFrom('example.com/other', 'Service.Beta.Kubernetes.io/AWS-lb', 'plain', 'kubernetes.io/aws-x'),
      ),
      text(examples),
    )
    .map(([key, value]) => [key, value] as const);
  const kind = fc
    .constantFrom(...Object.keys(kindChoice.values), 'NLB', '')
    .map((value) => [kindChoice.by === undefined ? 'plain' : registry.keyOf(kindChoice.by), value] as const);
  const one = fc.oneof({ arbitrary: known, weight: 8 }, { arbitrary: unknown, weight: 1 });
  return fc
    .tuple(fc.option(kind, { freq: 3 }), fc.array(one, { maxLength: 5 }))
    .map(([first, others]) => Object.fromEntries(first === null ? others : [first, ...others]));
}

/** What people write, what they should not, and what nobody writes. */
function text(examples: readonly string[]): fc.Arbitrary<string> {
  const limits = [1, 2, 5, 10, 60, 120, 300, 3600, 4000, 65_535].flatMap((limit) => [limit - 1, limit, limit + 1]);
  return fc.oneof(
    fc.constantFrom(...limits).map(String),
    fc.constantFrom(
      'true',
      'false',
      'True',
      'yes',
      '',
      ' ',
      '\n',
      '*',
      'ssl',
      'TCP',
      ' http\n',
      '0.0.0.0/0',
      'a, ,b',
      'aws:a=b',
    ),
    fc.constantFrom(
      ' 7 ',
      '+7',
      '-1',
      '1.5',
      '0x10',
      '007',
      '7s',
      '\u00A07',
      '٣',
      '/',
      'ready',
      `/${'é'.repeat(1023)}`,
      `/${'é'.repeat(1024)}`,
    ),
    fc.constantFrom(...examples),
    fc.constantFrom(...examples).map((example) => ` ${example},,${example.toUpperCase()} `),
    fc.string({ unit: 'grapheme', maxLength: 20 }),
  );
}
