import type { CallContext } from '../../cloud/call-context.ts';
import type { CloudProvider } from '../../cloud/cloud-provider.ts';
import type { AdmissionRequest, AdmissionVerdict, WebhookDeclaration } from '../../cloud/provider-webhook.ts';
import { volumeLabelerDeclaration } from '../../config/webhook-names.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { labelVolume } from './volume-labeler.ts';
import type { ServedWebhook } from './webhook-server.ts';

/** Judges a request with the help of a cloud. Throws when it can't tell. */
export type Admission = (request: AdmissionRequest, parts: AdmissionParts) => Promise<AdmissionVerdict>;

export interface AdmissionParts {
  readonly provider: CloudProvider;
  readonly call: CallContext;
}

export interface AdmissionOptions {
  /** Undefined until the manager knows which cluster it is in. */
  readonly provider: () => CloudProvider | undefined;
  /** `observe` says what it would change or refuse, and allows everything as it is. */
  readonly mode: 'run' | 'observe';
  readonly logger: Logger;
}

/** A declared webhook, ready to be served. */
export function serveAdmission(declaration: WebhookDeclaration, options: AdmissionOptions): ServedWebhook {
  const { name, path } = declaration;
  return {
    name,
    path,
    async admit(request, { signal, timeout }) {
      const provider = options.provider();
      if (!provider) throw new Error('the manager has not reached the API server yet');
      // Somebody waits for the answer, and what he has just made in the cloud has to be seen.
      const call: CallContext = { signal, timeout, freshness: 'live', priority: 'change' };
      const verdict = checked(declaration, await admissionOf(name, provider)(request, { provider, call }));
      return options.mode === 'observe' ? observed(name, { request, verdict, logger: options.logger }) : verdict;
    },
  };
}

function admissionOf(name: string, { webhooks = [] }: CloudProvider): Admission {
  if (name === volumeLabelerDeclaration.name) return labelVolume;
  const webhook = webhooks.find((each) => each.name === name);
  if (!webhook) throw new Error('the provider declares this webhook and does not have it');
  return (request, { call }) => webhook.admit(request, call);
}

/** The API server would take the patch of a validating webhook for an error of its own. */
function checked({ kind }: WebhookDeclaration, verdict: AdmissionVerdict): AdmissionVerdict {
  if (kind === 'validating' && verdict.kind === 'allowed' && (verdict.patch ?? []).length > 0) {
    throw new Error('a validating webhook must not change objects');
  }
  return verdict;
}

function observed(
  webhook: string,
  seen: { readonly request: AdmissionRequest; readonly verdict: AdmissionVerdict; readonly logger: Logger },
): AdmissionVerdict {
  const { request, verdict, logger } = seen;
  const object = `${request.resource.resource}/${request.name}`;
  if (verdict.kind === 'refused') {
    logger.info('Would refuse a request; not done under --mode=observe', { webhook, object, reason: verdict.message });
  } else if ((verdict.patch ?? []).length > 0) {
    logger.info('Would change an object; not done under --mode=observe', { webhook, object, patch: verdict.patch });
  }
  return { kind: 'allowed' };
}
