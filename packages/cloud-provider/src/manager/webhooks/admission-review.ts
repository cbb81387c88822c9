import type { AdmissionOperation, AdmissionRequest, AdmissionVerdict } from '../../cloud/provider-webhook.ts';
import { isJsonObject } from './json-object.ts';

const apiVersion = 'admission.k8s.io/v1';
const operations: readonly AdmissionOperation[] = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'];

export type ParsedReview =
  | { readonly kind: 'review'; readonly request: AdmissionRequest }
  /** What is wrong, for who configured the webhook. */
  | { readonly kind: 'malformed'; readonly reason: string };

/** Reads an AdmissionReview of admission.k8s.io/v1. Never throws. */
export function parseAdmissionReview(text: string): ParsedReview {
  const malformed = (reason: string): ParsedReview => ({ kind: 'malformed', reason });
  if (text.trim() === '') return malformed('the body is empty: an AdmissionReview is needed');
  let review: unknown;
  try {
    review = JSON.parse(text);
  } catch {
    return malformed('the body is not JSON');
  }
  if (!isJsonObject(review) || review['kind'] !== 'AdmissionReview') return malformed('the body is no AdmissionReview');
  if (review['apiVersion'] !== apiVersion) {
    const given = typeof review['apiVersion'] === 'string' ? review['apiVersion'].slice(0, 100) : '';
    const fix = 'set admissionReviewVersions: ["v1"] in the webhook configuration';
    return malformed(`the AdmissionReview is of ${JSON.stringify(given)}, only ${apiVersion} is spoken here: ${fix}`);
  }
  const { request } = review;
  if (!isJsonObject(request)) return malformed('the AdmissionReview has no request');
  const uid = textOf(request['uid']);
  if (uid === '') return malformed('the request has no uid');
  const operation = operations.find((each) => each === request['operation']);
  if (!operation) return malformed(`request.operation is none of ${operations.join(', ')}`);
  const [kind, resource] = [request['kind'], request['resource']];
  if (!isJsonObject(kind) || !isJsonObject(resource)) return malformed('the request has no kind or no resource');
  const user = isJsonObject(request['userInfo']) ? request['userInfo'] : {};
  const groups: readonly unknown[] = Array.isArray(user['groups']) ? user['groups'] : [];
  return {
    kind: 'review',
    request: {
      uid,
      kind: { group: textOf(kind['group']), version: textOf(kind['version']), kind: textOf(kind['kind']) },
      resource: {
        group: textOf(resource['group']),
        version: textOf(resource['version']),
        resource: textOf(resource['resource']),
      },
      subResource: textOf(request['subResource']),
      name: textOf(request['name']),
      namespace: textOf(request['namespace']),
      operation,
      user: { name: textOf(user['username']), groups: groups.filter((group) => typeof group === 'string') },
      object: request['object'] ?? undefined,
      oldObject: request['oldObject'] ?? undefined,
      dryRun: request['dryRun'] === true ? 'yes' : 'no',
    },
  };
}

/** The AdmissionReview that answers a request. */
export function answerReview(uid: string, verdict: AdmissionVerdict): string {
  return JSON.stringify({ apiVersion, kind: 'AdmissionReview', response: { uid, ...responseOf(verdict) } });
}

function responseOf(verdict: AdmissionVerdict): Readonly<Record<string, unknown>> {
  switch (verdict.kind) {
    case 'refused':
      return { allowed: false, status: { code: 403, reason: 'Forbidden', message: verdict.message } };
    case 'allowed': {
      const { patch = [], warnings = [] } = verdict;
      return {
        allowed: true,
        ...(warnings.length > 0 && { warnings }),
        ...(patch.length > 0 && {
          patchType: 'JSONPatch',
          patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
        }),
      };
    }
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
