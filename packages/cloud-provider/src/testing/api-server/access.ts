import type { IncomingMessage } from 'node:http';
import type { Json, JsonObject } from './json.ts';
import { isJsonObject, textAt, valueAt } from './json.ts';
import { badRequest, forbidden } from './status.ts';

/** Who does what, as an authorizer sees it. */
export interface AccessFacts {
  readonly user: string;
  readonly groups: readonly string[];
  readonly verb: string;
  /** Empty for the core group. */
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  /** Empty for everything that is in no namespace, and for lists over all of them. */
  readonly namespace: string;
  readonly name: string;
}

/** What is denied: all properties that are given must fit, an absent one fits everything. */
export interface Denial extends Partial<Omit<AccessFacts, 'groups'>> {
  /** Fits who is in this group of users. */
  readonly userGroup?: string;
}

/** Whom the server takes everybody for who does not ask to be somebody else. */
const nobodyElse = 'in-process';

/** What users may do: everything, but for what is denied. */
export class Access {
  readonly #denials = new Set<Denial>();

  /** Denies from now on, in reviews and in deed. @returns what takes it back */
  deny(denial: Denial): () => void {
    this.#denials.add(denial);
    return () => this.#denials.delete(denial);
  }

  isAllowed(facts: AccessFacts): boolean {
    return ![...this.#denials].some((denial) => fits(denial, facts));
  }

  /** @throws StatusError 403 */
  assertAllowed(request: IncomingMessage, what: Omit<AccessFacts, 'user' | 'groups'>): void {
    if (this.#denials.size === 0) return;
    this.#assert({ ...what, ...this.#identify(request) });
  }

  #assert(facts: AccessFacts): void {
    if (this.isAllowed(facts)) return;
    const { group, name, namespace, resource, subresource, user, verb } = facts;
    const place = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
    const label = subresource === '' ? resource : `${resource}/${subresource}`;
    const doing = `cannot ${verb} resource "${label}" in API group "${group}" ${place}`;
    throw forbidden({ group, label: resource }, name, `User "${user}" ${doing}`);
  }

  /** The answer to a `SelfSubjectAccessReview` of authorization.k8s.io/v1. @throws StatusError 400, 403 */
  review(request: IncomingMessage, body: Json | undefined): JsonObject {
    if (!isJsonObject(body)) throw badRequest('the body of the request is no JSON object');
    const attributes = valueAt(body, ['spec', 'resourceAttributes']);
    const at = (field: string): string => textAt(attributes, [field]);
    const isAllowed = this.isAllowed({
      ...this.#identify(request),
      verb: at('verb'),
      group: at('group'),
      resource: at('resource'),
      subresource: at('subresource'),
      namespace: at('namespace'),
      name: at('name'),
    });
    return {
      kind: 'SelfSubjectAccessReview',
      apiVersion: 'authorization.k8s.io/v1',
      metadata: {},
      spec: valueAt(body, ['spec']) ?? {},
      status: { allowed: isAllowed },
    };
  }

  /** Who sends a request: whoever the headers of impersonation name, otherwise always the same user. @throws StatusError 403 */
  #identify({ headersDistinct }: IncomingMessage): Pick<AccessFacts, 'user' | 'groups'> {
    const [user] = headersDistinct['impersonate-user'] ?? [];
    const everybody = 'system:authenticated';
    const sender = { user: nobodyElse, groups: [everybody] };
    if (user === undefined) return sender;
    const account = /^system:serviceaccount:(?<namespace>[^:]+):(?<name>[^:]+)$/.exec(user)?.groups;
    const { namespace = '', name = user } = account ?? {};
    const resource = account ? 'serviceaccounts' : 'users';
    this.#assert({ ...sender, verb: 'impersonate', group: '', resource, subresource: '', namespace, name });
    const given = headersDistinct['impersonate-group'] ?? [];
    const implied = account ? ['system:serviceaccounts', `system:serviceaccounts:${namespace}`] : [];
    return { user, groups: [...(given.length > 0 ? given : implied), everybody] };
  }
}

/** The path that reviews are sent to. */
export const selfReviewPath = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';

function fits(denial: Denial, facts: AccessFacts): boolean {
  if (denial.userGroup !== undefined && !facts.groups.includes(denial.userGroup)) return false;
  return (['user', 'verb', 'group', 'resource', 'subresource', 'namespace', 'name'] as const).every(
    (field) => denial[field] === undefined || denial[field] === facts[field],
  );
}
