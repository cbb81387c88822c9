import type { EndpointSlice } from '../../api/endpoint-slice.ts';
import type { Node } from '../../api/node.ts';
import type { Service } from '../../api/service.ts';
import type { ClusterIdentity } from '../../cloud/cluster-identity.ts';
import { CommandFailure } from '../command-failure.ts';
import type { CloudAnswer, CloudAnswers } from '../planning/cloud-answers.ts';
import type { ClusterPlan } from '../planning/cluster-plan.ts';
import type { CountedCall } from '../session/counting-gate.ts';
import { decodeValue, encodeValue } from './value-codec.ts';

const format = 'ccm-ts/capture';
const formatVersion = 1;

/** Everything of one incident. */
export interface Capture {
  readonly provider: string;
  readonly programVersion: string;
  /** RFC 3339. */
  readonly takenAt: string;
  /** The flags that were given, as on a command line. */
  readonly flags: readonly string[];
  /** The text of the cloud-config, with what may be secret left out; empty without one. */
  readonly cloudConfig: string;
  /** What the provider found out about the machine that the capture was taken on. */
  readonly found: Readonly<Record<string, string>>;
  readonly cluster: ClusterIdentity;
  readonly nodes: readonly Node[];
  readonly services: readonly Service[];
  readonly endpointSlices: readonly EndpointSlice[];
  readonly answers: CloudAnswers;
  readonly clusterReads: readonly { readonly path: string; readonly status: number; readonly text: string }[];
  readonly calls: readonly CountedCall[];
  readonly plan: ClusterPlan;
}

/** The file's text. Holds no secret: values of fields that may be one, tokens and passwords of URLs are left out. */
export function writeCapture(capture: Capture): string {
  const { answers, endpointSlices, nodes, services, ...rest } = capture;
  const body = encodeValue({ ...rest, nodes, services: services.map(withoutCopies), endpointSlices, answers });
  return `${JSON.stringify({ format, formatVersion, ...(body as object), end: true }, undefined, 1)}\n`;
}

/** Reads a capture. @throws CommandFailure that says what is wrong with the file */
export function readCapture(file: string, text: string): Capture {
  const again = 'take it again with `capture`, and copy it whole';
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const isCut = text.trimStart().startsWith('{') && !text.trimEnd().endsWith('}');
    throw new CommandFailure(
      `${file} is ${isCut ? 'only half of a capture: it ends in the middle' : 'no capture: it is no JSON'} (${reason})`,
      again,
    );
  }
  if (!isRecord(parsed) || parsed['format'] !== format) throw new CommandFailure(`${file} is no capture`, again);
  if (parsed['formatVersion'] !== formatVersion) {
    const version = JSON.stringify(parsed['formatVersion']);
    const next = 'replay it with the release of this program that took it';
    throw new CommandFailure(`${file} is a capture of version ${version}, this program reads ${formatVersion}`, next);
  }
  const missing = ['provider', 'cluster', 'nodes', 'services', 'answers', 'plan', 'end'].filter(
    (field) => !Object.hasOwn(parsed, field),
  );
  if (missing.length > 0) {
    throw new CommandFailure(`${file} is only a part of a capture: it lacks ${missing.join(', ')}`, again);
  }
  const decoded = decodeValue(parsed) as Capture;
  if (!(decoded.answers instanceof Map) || !Array.isArray(decoded.nodes) || !Array.isArray(decoded.services)) {
    throw new CommandFailure(`${file} is a damaged capture: its parts are of the wrong form`, again);
  }
  // Captures of earlier releases don't have it.
  const found = (decoded as Partial<Capture>).found ?? {};
  return { ...decoded, found, answers: decoded.answers as ReadonlyMap<string, CloudAnswer> };
}

/** kubectl keeps whole manifests in an annotation, with whatever they hold. */
const applied = 'kubectl.kubernetes.io/last-applied-configuration';

function withoutCopies(service: Service): Service {
  const annotations = Object.fromEntries(
    Object.entries(service.metadata.annotations).filter(([key]) => key !== applied),
  );
  return { ...service, metadata: { ...service.metadata, annotations } };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
