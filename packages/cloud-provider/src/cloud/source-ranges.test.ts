import { describe, expect, it } from '@jest/globals';
import { sourceRangesAnnotation } from '../api/well-known.ts';
import { testService } from '../testing/memory-cloud/load-balancers/memory-lb/test-services.ts';
import { refuseSourceRanges } from './source-ranges.ts';

describe('refuseSourceRanges', () => {
  it.each([
    ['neither', [], undefined, undefined],
    ['an empty annotation', [], ' ', undefined],
    ['a list', ['10.0.0.0/8', '192.0.2.0/24'], undefined, ['spec.loadBalancerSourceRanges', '10.0.0.0/8,192.0.2.0/24']],
    ['an annotation', [], '10.0.0.0/8', [sourceRangesAnnotation, '10.0.0.0/8']],
    ['both', ['10.0.0.0/8'], '192.0.2.0/24', ['spec.loadBalancerSourceRanges', '10.0.0.0/8']],
    ['what is no range', [], 'everybody', [sourceRangesAnnotation, 'everybody']],
  ])('judges %s', (_, loadBalancerSourceRanges, annotation, found) => {
    const annotations = annotation === undefined ? {} : { [sourceRangesAnnotation]: annotation };
    const service = testService({ loadBalancerSourceRanges }, { annotations });
    const [field, value] = found ?? [];
    const refusal = { kind: 'refusal', reason: 'SourceRangesUnsupported', field, value, fix: 'use another' };
    expect(refuseSourceRanges(service, 'use another')).toEqual(found && refusal);
  });
});
