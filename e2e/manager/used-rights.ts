import { readFileSync } from 'node:fs';
import type { RbacObject } from '@ccm-ts/cloud-provider';
import { auditLogVariable } from './variables.ts';

/** What the test reads of an audit event. */
interface AuditEvent {
  readonly user: { readonly username: string };
  readonly verb: string;
  readonly objectRef?: {
    readonly apiGroup?: string;
    readonly resource?: string;
    readonly subresource?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code?: number };
}

/** What a service account of kube-system asked for, as the audit log of the API server has it. */
export interface Requests {
  /** `group/resource verb` of each request that was refused. */
  readonly refused: readonly string[];
  /** `group/resource verb`, and the same with the name of the object. */
  readonly used: ReadonlySet<string>;
}

/** Reads the audit log. */
export function requestsOf(account: string): Requests {
  const username = `system:serviceaccount:kube-system:${account}`;
  const lines = readFileSync(process.env[auditLogVariable] ?? '', 'utf8').split('\n');
  const events = lines
    .filter((line) => line.includes(username))
    .map((line) => JSON.parse(line) as AuditEvent)
    .filter(({ user }) => user.username === username);
  return {
    refused: events.filter(({ responseStatus }) => responseStatus?.code === 403).map(rightOf),
    used: new Set(events.flatMap((event) => [rightOf(event), `${rightOf(event)} ${event.objectRef?.name ?? ''}`])),
  };
}

/** Each right that roles grant: `group/resource verb`, with a name where it is of one object alone. */
export function granted(objects: readonly RbacObject[]): readonly string[] {
  return objects
    .filter(({ kind }) => kind === 'ClusterRole' || kind === 'Role')
    .flatMap((object) => object['rules'] as readonly WireRule[])
    .flatMap(({ apiGroups: [group = ''], resources: [resource = ''], verbs, resourceNames }) =>
      verbs.flatMap((verb) => (resourceNames ?? [undefined]).map((name) => rightText({ group, resource, verb, name }))),
    );
}

interface WireRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

function rightText(right: { group: string; resource: string; verb: string; name: string | undefined }): string {
  const { group, resource, verb, name } = right;
  return `${group}/${resource} ${verb}${name === undefined ? '' : ` ${name}`}`;
}

function rightOf({ objectRef, verb }: AuditEvent): string {
  const { apiGroup = '', resource = '', subresource } = objectRef ?? {};
  return `${apiGroup}/${resource}${subresource === undefined ? '' : `/${subresource}`} ${verb}`;
}
