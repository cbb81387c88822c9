import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Node } from '../../api/node.ts';
import { type KubernetesObject, objectKey } from '../../api/object-meta.ts';
import type { Service } from '../../api/service.ts';
import { nodes, type Resource, services } from '../../kube/resources.ts';
import { JsonDecoder } from '../../kube/projection/json/json-decoder.ts';
import { StringCache } from '../../kube/projection/string-cache.ts';
import { parseYaml } from '../../kube/yaml.ts';
import { CommandFailure } from '../command-failure.ts';

/** A Service as a file has it. */
export interface ServiceManifest {
  readonly file: string;
  /** Which of the file's documents, from 1. */
  readonly document: number;
  readonly service: Service;
}

/**
 * Reads the Services of manifests; objects of other kinds are passed over. What a real API server would fill in is filled in:
 * namespace, UID, ports of nodes.
 *
 * @throws CommandFailure that names file and document
 */
export function readManifests(files: readonly string[]): readonly ServiceManifest[] {
  const found = files.flatMap((file) =>
    objectsOf(file, services).map(({ document, object }) => ({ file, document, service: completed(object) })),
  );
  if (found.length > 0) return found;
  throw new CommandFailure(`there is no Service in ${files.join(', ')}`, 'name a file with manifests of kind Service');
}

/** Reads the Nodes of a file, as `kubectl get nodes -o yaml` writes them. @throws CommandFailure that names file and document */
export function readNodes(file: string): readonly Node[] {
  const found = objectsOf(file, nodes).map(({ object }) => object);
  if (found.length > 0) return found;
  throw new CommandFailure(`there is no Node in ${file}`, 'name a file that `kubectl get nodes -o yaml` wrote');
}

interface ReadObject<T> {
  readonly object: T;
  readonly document: number;
}

function objectsOf<T extends KubernetesObject>(file: string, resource: Resource<T>): readonly ReadObject<T>[] {
  return documentsOf(file).flatMap((text, index) =>
    objectsIn(text, `${file}, document ${index + 1}`, resource).map((object) => ({ object, document: index + 1 })),
  );
}

function documentsOf(file: string): readonly string[] {
  try {
    const text = readFileSync(file === '-' ? 0 : file, 'utf8');
    return text.split(/^---(?:[ \t].*)?$/m).map((document) => document.trim());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandFailure(
      `${file} can't be read: ${reason}`,
      'name a file that can be read, or - for standard input',
    );
  }
}

function objectsIn<T extends KubernetesObject>(text: string, place: string, resource: Resource<T>): readonly T[] {
  if (text === '') return [];
  let parsed: unknown;
  try {
    parsed = parseYaml(text);
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw new CommandFailure(`${place}: this is no YAML: ${reason}`, 'correct it there');
  }
  if (parsed === null || parsed === undefined) return [];
  if (!isRecord(parsed))
    throw new CommandFailure(`${place}: this is no object`, 'write apiVersion, kind, metadata and spec');
  const isList = parsed['kind'] === 'List' || parsed['kind'] === `${resource.kind}List`;
  const items = isList && Array.isArray(parsed['items']) ? (parsed['items'] as unknown[]) : [parsed];
  // Items of a list of one kind do not repeat it.
  const isWanted = (item: unknown): boolean =>
    isRecord(item) && (item['kind'] === resource.kind || (isList && item['kind'] === undefined));
  return items.filter(isWanted).map((item) => decode(item, place, resource));
}

function decode<T extends KubernetesObject>(item: unknown, place: string, resource: Resource<T>): T {
  try {
    const decoder = new JsonDecoder(resource.projection, new StringCache());
    return decoder.object(Buffer.from(JSON.stringify(item)));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandFailure(`${place}: this is no ${resource.kind}: ${reason}`, 'correct the field there');
  }
}

/** What the API server adds when a Service is created. */
function completed(service: Service): Service {
  const { metadata, spec } = service;
  if (metadata.name === '') throw new CommandFailure('a Service has no name', 'write metadata.name');
  return {
    ...service,
    metadata: {
      ...metadata,
      namespace: metadata.namespace === '' ? 'default' : metadata.namespace,
      uid: metadata.uid === '' ? randomUUID() : metadata.uid,
      resourceVersion: '1',
    },
    spec: {
      ...spec,
      type: spec.type === '' ? 'ClusterIP' : spec.type,
      externalTrafficPolicy: spec.externalTrafficPolicy === '' ? 'Cluster' : spec.externalTrafficPolicy,
      sessionAffinity: spec.sessionAffinity === '' ? 'None' : spec.sessionAffinity,
      ipFamilies: spec.ipFamilies.length === 0 ? ['IPv4'] : spec.ipFamilies,
      healthCheckNodePort:
        spec.externalTrafficPolicy === 'Local' && spec.healthCheckNodePort === 0 ? 30999 : spec.healthCheckNodePort,
      // The API server takes free ones; which ones, nobody knows before.
      ports: spec.ports.map((port, index) => ({
        ...port,
        protocol: port.protocol === '' ? 'TCP' : port.protocol,
        nodePort: port.nodePort === 0 ? 30000 + index : port.nodePort,
      })),
    },
  };
}

/** The Services of the cluster with those of the files in their places. Pure. */
export function withManifests(present: readonly Service[], manifests: readonly ServiceManifest[]): readonly Service[] {
  const written = new Map(manifests.map(({ service }) => [objectKey(service), service]));
  const known = new Map(present.map((service) => [objectKey(service), service]));
  return [
    ...present.filter((service) => !written.has(objectKey(service))),
    ...[...written].map(([key, service]) => {
      const before = known.get(key);
      if (!before) return service;
      const { finalizers, resourceVersion, uid } = before.metadata;
      const annotations = { ...before.metadata.annotations, ...service.metadata.annotations };
      return {
        ...service,
        metadata: { ...service.metadata, annotations, finalizers, resourceVersion, uid },
        spec: { ...service.spec, ports: keepNodePorts(service.spec.ports, before.spec.ports) },
        status: before.status,
      };
    }),
  ];
}

function keepNodePorts(ports: Service['spec']['ports'], before: Service['spec']['ports']): Service['spec']['ports'] {
  return ports.map((port) => {
    const same = before.find((each) => each.port === port.port && each.protocol === port.protocol);
    return same ? { ...port, nodePort: same.nodePort } : port;
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
