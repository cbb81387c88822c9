import type { AnnotationFormat } from './annotation-format.ts';
import { type AnyAnnotationRegistry, isAbsence, placeOn } from './define-annotations.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * A JSON Schema (draft 2020-12) of a manifest of a Service with the registry's annotations, for editors and pipelines: what is
 * written beside the other annotations is left to the parser. Pure.
 */
export function annotationSchema(registry: AnyAnnotationRegistry): JsonSchema {
  const { definition } = registry;
  const { annotations, kindChoice, kinds, owner } = definition;
  const properties = Object.entries(annotations).map(([name, declaration]) => {
    const { default: byDefault, description, example, format } = declaration;
    const text = `${description} It takes ${format.name}. Without it: ${byDefault}.`;
    return [registry.keyOf(name), { type: 'string', description: text, examples: [example] }] as const;
  });
  const byKind = kinds.map((kind) => ({
    if: isOfKind(registry, kind),
    then: { properties: placesOn(registry, kind) },
  }));
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: `Annotations of Services, ${owner}`,
    type: 'object',
    properties: {
      metadata: {
        type: 'object',
        properties: {
          annotations: {
            type: 'object',
            additionalProperties: { type: 'string' },
            properties: Object.fromEntries(properties),
            ...(kindChoice.by === undefined ? { ...byKind[0]?.then } : { allOf: byKind }),
          },
        },
      },
    },
  };
}

function isOfKind(registry: AnyAnnotationRegistry, kind: string): JsonSchema {
  const { by, otherwise, values } = registry.definition.kindChoice;
  if (by === undefined) return {};
  const key = registry.keyOf(by);
  const texts = Object.entries(values).filter(([, value]) => value === kind);
  if (kind !== otherwise) return { properties: { [key]: { enum: texts.map(([text]) => text) } }, required: [key] };
  const others = Object.entries(values).filter(([, value]) => value !== kind);
  return { properties: { [key]: { not: { enum: others.map(([text]) => text) } } } };
}

/** Refused and odd texts alike: whoever writes a manifest wants to know of both. */
function placesOn(registry: AnyAnnotationRegistry, kind: string): JsonSchema {
  const places = Object.entries(registry.definition.annotations).map(([name, declaration]) => {
    const place = placeOn(declaration, kind);
    return [registry.keyOf(name), isAbsence(place) ? false : schemaOf(place)] as const;
  });
  return Object.fromEntries(places);
}

function schemaOf({ maxLength, patterns }: AnnotationFormat<unknown>): JsonSchema {
  const [first, ...others] = patterns;
  return {
    ...(maxLength === undefined ? {} : { maxLength }),
    ...(first === undefined ? {} : { pattern: first }),
    ...(others.length === 0 ? {} : { allOf: others.map((pattern) => ({ pattern })) }),
  };
}
