import type { QuotaUse } from '@ccm-ts/cloud-provider';
import type { DefaultLimit } from './default-limits.ts';

/** What changes of one quota, if anything does. */
export function useOf(
  { limit, quota }: DefaultLimit,
  numbers: Pick<QuotaUse, 'of' | 'now' | 'then'>,
): readonly QuotaUse[] {
  return numbers.now === numbers.then ? [] : [{ quota, ...numbers, limit, source: 'default' }];
}
