import { describe, expect, it } from '@jest/globals';
import type { WebhookDeclaration } from '../cloud/provider-webhook.ts';
import { allWebhooks, checkWebhookList, enabledWebhooks } from './webhook-names.ts';

const own: WebhookDeclaration = { name: 'own', path: '/own', kind: 'validating', rules: [] };
const known = { declared: [own], volumes: 'located' } as const;

describe('--webhooks', () => {
  // Those of the Go managers' own test: both, one, disabled by name with and without *, all.
  it.each([
    [[], []],
    [['*'], ['persistent-volume-labeler', 'own']],
    [
      ['own', 'persistent-volume-labeler'],
      ['persistent-volume-labeler', 'own'],
    ],
    [['own'], ['own']],
    [['-own'], []],
    [['*', '-own'], ['persistent-volume-labeler']],
    [['-own', '*', 'own'], ['persistent-volume-labeler']],
  ])('%j serves %j', (list, names) => {
    expect(enabledWebhooks(list, known).map(({ name }) => name)).toEqual(names);
    expect(checkWebhookList(list, known)).toEqual([]);
  });

  it('has the labeler of volumes with clouds that tell where volumes are alone', () => {
    expect(allWebhooks({ declared: [own], volumes: 'unknown' })).toEqual([own]);
  });

  it.each([
    ['persistent-volume-labeller', known, 'did you mean persistent-volume-labeler?'],
    ['-nothing', known, 'there is persistent-volume-labeler, own'],
    ['x', { declared: [], volumes: 'unknown' } as const, 'which has none: leave the flag out'],
  ])('refuses %s', (item, webhooks, fix) => {
    expect(checkWebhookList(['*', item], webhooks)).toMatchObject([
      { field: '--webhooks', value: `*,${item}`, fix: expect.stringContaining(fix) },
    ]);
  });
});
