import type { CallContext } from './call-context.ts';

/** What the API server asks a webhook about. */
export interface WebhookRule {
  /** Empty for the core group. */
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly resources: readonly string[];
  readonly operations: readonly AdmissionOperation[];
}

/** An admission webhook as it is known before anything is contacted. */
export interface WebhookDeclaration {
  /** As `--webhooks` knows it: small letters, digits and dashes. */
  readonly name: string;
  /** Where it is served; begins with a slash. */
  readonly path: string;
  /** `mutating` may change objects, `validating` only refuses them. */
  readonly kind: 'mutating' | 'validating';
  /** What it is to be asked about, for manifests. */
  readonly rules: readonly WebhookRule[];
}

export type AdmissionOperation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

/** A request of the API server for a verdict. Source: admission.k8s.io/v1, AdmissionRequest. */
export interface AdmissionRequest {
  readonly uid: string;
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  readonly resource: { readonly group: string; readonly version: string; readonly resource: string };
  /** Empty for the object itself. */
  readonly subResource: string;
  /** Empty when the API server is to make one up. */
  readonly name: string;
  /** Empty for what is in none. */
  readonly namespace: string;
  readonly operation: AdmissionOperation;
  readonly user: { readonly name: string; readonly groups: readonly string[] };
  /** As JSON has it; undefined when it is deleted. */
  readonly object: unknown;
  /** Undefined when it is created. */
  readonly oldObject: unknown;
  /** `yes`: nothing may be changed anywhere by answering. */
  readonly dryRun: 'yes' | 'no';
}

/** One step of RFC 6902. */
export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

export type AdmissionVerdict =
  | {
      readonly kind: 'allowed';
      /** What is changed; only of a mutating webhook. @default nothing */
      readonly patch?: readonly JsonPatchOperation[];
      /** Shown to who sent the request, a line each. @default none */
      readonly warnings?: readonly string[];
    }
  /** Whatever the webhook's failurePolicy says, the request is refused with this message. */
  | { readonly kind: 'refused'; readonly message: string };

/** A webhook that only one cloud has. */
export interface ProviderWebhook {
  /** One that the factory declares. */
  readonly name: string;
  /**
   * Judges a request. Serves each replica, also those that do not lead, so it writes nothing to the cloud. Throws when it can't
   * tell: the webhook's failurePolicy decides then.
   */
  admit(request: AdmissionRequest, call: CallContext): Promise<AdmissionVerdict>;
}
