import { createHash } from 'node:crypto';
import type { JsonObject } from './json.ts';
import type { Registry } from './registry.ts';
import { groupVersion } from './resource.ts';
import type { ResourceDefinition } from './resource.ts';
import type { Field, FieldType, StructType } from './schema.ts';

const jsonPatches = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
];

/**
 * The OpenAPI v3 documents, made from the declared types: as much as `kubectl apply`, `create` and `explain` read.
 * Undefined for a path that is none of them.
 */
export function openapiDocument(registry: Registry, path: string): JsonObject | undefined {
  const [, place = ''] = /^\/openapi\/v3\/?(.*)$/.exec(path) ?? [];
  if (!path.startsWith('/openapi/v3')) return undefined;
  const documents = groupDocuments(registry);
  if (place === '') {
    const entries = [...documents].map(([name, resources]): [string, JsonObject] => {
      const hash = createHash('sha256')
        .update(JSON.stringify(document(resources)))
        .digest('hex')
        .toUpperCase();
      return [name, { serverRelativeURL: `/openapi/v3/${name}?hash=${hash}` }];
    });
    return { paths: Object.fromEntries(entries) };
  }
  const resources = documents.get(place);
  return resources && document(resources);
}

function groupDocuments(registry: Registry): ReadonlyMap<string, readonly ResourceDefinition[]> {
  return Map.groupBy(registry.resources, (resource) => rootOf(resource).slice(1));
}

function rootOf(resource: ResourceDefinition): string {
  return resource.group === '' ? `/api/${resource.version}` : `/apis/${groupVersion(resource)}`;
}

function document(resources: readonly ResourceDefinition[]): JsonObject {
  const schemas: Record<string, JsonObject> = {};
  const paths: Record<string, JsonObject> = {};
  for (const resource of resources) {
    const names: Naming = { prefix: prefixOf(resource), schemas };
    const type = resource.conversion?.wireType ?? resource.type;
    declare(type, names);
    const gvk = { group: resource.group, version: resource.version, kind: resource.kind };
    const name = `${names.prefix}.${type.name}`;
    schemas[name] = rootSchema(schemas[name] ?? {}, gvk);
    const scope = resource.namespaced ? '/namespaces/{namespace}' : '';
    const collection = `${rootOf(resource)}${scope}/${resource.plural}`;
    paths[collection] = { post: operation('post', gvk, name) };
    paths[`${collection}/{name}`] = {
      get: operation('get', gvk, name),
      put: operation('put', gvk, name),
      patch: operation('patch', gvk, name),
    };
  }
  return { openapi: '3.0.0', info: { title: 'Kubernetes', version: 'v1.36.3' }, paths, components: { schemas } };
}

function prefixOf(resource: ResourceDefinition): string {
  const group = resource.group === '' ? 'core' : (resource.group.split('.')[0] ?? '');
  return `io.k8s.api.${group}.${resource.version}`;
}

function rootSchema(schema: JsonObject, gvk: JsonObject): JsonObject {
  const text = { type: 'string' };
  const properties = schema['properties'] as JsonObject;
  return {
    ...schema,
    properties: { apiVersion: text, kind: text, ...properties },
    'x-kubernetes-group-version-kind': [gvk],
  };
}

function operation(method: 'get' | 'post' | 'put' | 'patch', gvk: JsonObject, schemaName: string): JsonObject {
  const content = { 'application/json': { schema: reference(schemaName) } };
  const queries = method === 'get' ? ['pretty'] : ['pretty', 'dryRun', 'fieldManager', 'fieldValidation'];
  const parameters = queries.map((name) => ({ name, in: 'query', schema: { type: 'string', uniqueItems: true } }));
  const bodies =
    method === 'patch'
      ? Object.fromEntries(jsonPatches.map((type) => [type, { schema: { type: 'object' } }]))
      : content;
  return {
    parameters,
    ...(method === 'get' ? {} : { requestBody: { content: bodies, required: true } }),
    responses: { '200': { description: 'OK', content } },
    'x-kubernetes-action': method,
    'x-kubernetes-group-version-kind': gvk,
  };
}

interface Naming {
  readonly prefix: string;
  readonly schemas: Record<string, JsonObject>;
}

function reference(name: string): JsonObject {
  return { $ref: `#/components/schemas/${name}` };
}

function declare(type: StructType, names: Naming): JsonObject {
  const name = `${names.prefix}.${type.name}`;
  if (!names.schemas[name]) {
    // Entered first, so that a type that contains itself would end.
    names.schemas[name] = {};
    const properties = Object.entries(type.fields).map(([field, declared]): [string, JsonObject] => [
      field,
      fieldSchema(declared, names),
    ]);
    names.schemas[name] = { type: 'object', properties: Object.fromEntries(properties) };
  }
  return { allOf: [reference(name)], default: {} };
}

function fieldSchema(field: Field, names: Naming): JsonObject {
  const { patch, mergeKey } = field.rules;
  return {
    ...valueSchema(field.type, names),
    ...(mergeKey === undefined ? {} : { 'x-kubernetes-patch-merge-key': mergeKey }),
    ...(patch === undefined ? {} : { 'x-kubernetes-patch-strategy': patch.join(',') }),
  };
}

function valueSchema(type: FieldType, names: Naming): JsonObject {
  switch (type.kind) {
    case 'struct':
      return declare(type, names);
    case 'list':
      return { type: 'array', items: valueSchema(type.element, names) };
    case 'map':
      return { type: 'object', additionalProperties: valueSchema(type.value, names) };
    case 'string':
    case 'quantity':
      return { type: 'string' };
    case 'bytes':
      return { type: 'string', format: 'byte' };
    case 'int':
      return { type: 'integer', format: 'int64' };
    case 'bool':
      return { type: 'boolean' };
    case 'time':
    case 'microTime':
      return { type: 'string', format: 'date-time' };
    case 'intOrString':
      return { oneOf: [{ type: 'integer' }, { type: 'string' }], format: 'int-or-string' };
    case 'open':
      return { type: 'object' };
  }
}
