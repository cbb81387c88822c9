import type { WebhookDeclaration } from '../../cloud/provider-webhook.ts';

const apiVersion = 'admissionregistration.k8s.io/v1';

/** How an API server reaches webhooks, and what it does without them. */
export interface WebhookConfigurationOptions {
  /** The name of the objects. */
  readonly name: string;
  readonly webhooks: readonly WebhookDeclaration[];
  readonly reachedBy:
    | { readonly kind: 'service'; readonly namespace: string; readonly name: string; readonly port: number }
    /** For API servers that share a host with the manager: `https://127.0.0.1:10260`. */
    | { readonly kind: 'url'; readonly base: string };
  /** The authority of the webhooks' certificate, in PEM. */
  readonly authority: string;
  /** `Ignore` lets objects through unchanged while no manager answers. @default Ignore */
  readonly failurePolicy?: 'Ignore' | 'Fail';
  /** @default 10 */
  readonly timeoutSeconds?: number;
}

/** An object of admissionregistration.k8s.io, as it goes to the server. */
export interface WebhookConfiguration {
  readonly apiVersion: typeof apiVersion;
  readonly kind: 'MutatingWebhookConfiguration' | 'ValidatingWebhookConfiguration';
  readonly metadata: { readonly name: string };
  readonly webhooks: readonly unknown[];
}

/** The objects that make an API server ask. Pure; the order is stable. */
export function webhookConfigurations(options: WebhookConfigurationOptions): readonly WebhookConfiguration[] {
  const kinds = { mutating: 'MutatingWebhookConfiguration', validating: 'ValidatingWebhookConfiguration' } as const;
  return (['mutating', 'validating'] as const).flatMap((kind) => {
    const webhooks = options.webhooks.filter((webhook) => webhook.kind === kind);
    if (webhooks.length === 0) return [];
    const metadata = { name: options.name };
    return [{ apiVersion, kind: kinds[kind], metadata, webhooks: webhooks.map((each) => entryOf(each, options)) }];
  });
}

function entryOf({ name, path, rules }: WebhookDeclaration, options: WebhookConfigurationOptions): unknown {
  const { reachedBy, authority, failurePolicy = 'Ignore', timeoutSeconds = 10 } = options;
  const caBundle = Buffer.from(authority).toString('base64');
  return {
    // The API server wants a name of three parts.
    name: `${name}.webhooks.ccm-ts`,
    clientConfig:
      reachedBy.kind === 'url'
        ? { url: `${reachedBy.base}${path}`, caBundle }
        : {
            service: { namespace: reachedBy.namespace, name: reachedBy.name, path, port: reachedBy.port },
            caBundle,
          },
    rules: rules.map((rule) => ({ ...rule, scope: '*' })),
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    failurePolicy,
    timeoutSeconds,
  };
}
