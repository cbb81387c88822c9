import type { ConfigFault } from '../base/config-error.ts';
import type { WebhookDeclaration } from '../cloud/provider-webhook.ts';
import { suggest } from '../base/suggest.ts';

/** Labels PersistentVolumes with where they are, for clouds that tell. */
export const volumeLabelerDeclaration: WebhookDeclaration = {
  name: 'persistent-volume-labeler',
  path: '/persistent-volume-labeler',
  kind: 'mutating',
  rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['persistentvolumes'], operations: ['CREATE'] }],
};

/** What decides which webhooks there are. */
export interface KnownWebhooks {
  /** Those that only the cloud has. */
  readonly declared: readonly WebhookDeclaration[];
  /** Whether the cloud tells where volumes are. */
  readonly volumes: 'located' | 'unknown';
}

/** Every webhook that `--webhooks` can name, the framework's first. */
export function allWebhooks({ declared, volumes }: KnownWebhooks): readonly WebhookDeclaration[] {
  return [...(volumes === 'located' ? [volumeLabelerDeclaration] : []), ...declared];
}

/** Those that a `--webhooks` list switches on: the first mention of a name wins, then `*`. */
export function enabledWebhooks(list: readonly string[], known: KnownWebhooks): readonly WebhookDeclaration[] {
  return allWebhooks(known).filter(({ name }) => {
    const mention = list.find((item) => item === name || item === `-${name}`);
    return mention === undefined ? list.includes('*') : mention === name;
  });
}

/** What is wrong with a `--webhooks` list; empty when nothing is. */
export function checkWebhookList(list: readonly string[], known: KnownWebhooks): readonly ConfigFault[] {
  const names = allWebhooks(known).map(({ name }) => name);
  return list.flatMap((item) => {
    const name = item.replace(/^-/, '');
    if (name === '*' || names.includes(name)) return [];
    return [{ file: '', field: '--webhooks', value: list.join(','), fix: fixFor(name, names) }];
  });
}

function fixFor(name: string, names: readonly string[]): string {
  const wrong = `${JSON.stringify(name)} is not a webhook of this cloud`;
  const near = suggest(name, names);
  if (near !== undefined) return `${wrong}; did you mean ${near}?`;
  return names.length > 0 ? `${wrong}; there is ${names.join(', ')}` : `${wrong}, which has none: leave the flag out`;
}
