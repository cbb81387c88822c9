import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Service } from '../../api/service.ts';
import { objectKey } from '../../api/object-meta.ts';
import { services } from '../../kube/resources.ts';
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
  const found = files.flatMap((file) => documentsOf(file).flatMap((text, index) => servicesIn(text, file, index + 1)));
  if (found.length > 0) return found;
  throw new CommandFailure(`there is no Service in ${files.join(', ')}`, 'name a file with manifests of kind Service');
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

function servicesIn(text: string, file: string, document: number): readonly ServiceManifest[] {
  if (text === '') return [];
  const place = `${file}, document ${document}`;
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
  const items = parsed['kind'] === 'List' && Array.isArray(parsed['items']) ? (parsed['items'] as unknown[]) : [parsed];
  return items
    .filter((item) => isRecord(item) && item['kind'] === services.kind)
    .map((item) => ({ file, document, service: completed(decode(item, place)) }));
}

function decode(item: unknown, place: string): Service {
  try {
    const decoder = new JsonDecoder(services.projection, new StringCache());
    return decoder.object(Buffer.from(JSON.stringify(item)));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandFailure(`${place}: this is no Service: ${reason}`, 'correct the field there');
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
