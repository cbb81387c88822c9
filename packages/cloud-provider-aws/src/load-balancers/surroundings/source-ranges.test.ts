import { sourceRangesAnnotation } from '@ccm-ts/cloud-provider';
import { describe, expect, it } from '@jest/globals';
import { testService } from '../../testing/services.ts';
import { refuseLostRanges, sourceRanges } from './source-ranges.ts';

const loss = 'nothing enforces it: remove it';

describe('source ranges', () => {
  it('that something enforces are no trouble', () => {
    const service = testService({ spec: { loadBalancerSourceRanges: ['10.0.0.0/8'] } });
    expect(refuseLostRanges({ service }, ['10.0.0.0/8'], undefined)).toBeUndefined();
  });

  it.each([
    ['spec.loadBalancerSourceRanges', testService({ spec: { loadBalancerSourceRanges: ['10.0.0.0/8'] } })],
    [sourceRangesAnnotation, testService({ annotations: { [sourceRangesAnnotation]: '10.0.0.0/8' } })],
  ])('that nothing enforces are refused by name: %s', (field, service) => {
    const ranges = sourceRanges({ service });
    const cidrs = ranges.kind === 'ranges' ? ranges.cidrs : [];
    expect(refuseLostRanges({ service }, cidrs, loss)).toEqual({
      kind: 'refusal',
      reason: 'UnsupportedSourceRanges',
      field,
      value: '10.0.0.0/8',
      fix: loss,
    });
  });

  it.each([[[]], [['0.0.0.0/0']], [['::/0', '0.0.0.0/0']]])(
    'that let everybody in are lost without harm: %j',
    (written) => {
      const service = testService({ spec: { loadBalancerSourceRanges: written } });
      const ranges = sourceRanges({ service });
      expect(refuseLostRanges({ service }, ranges.kind === 'ranges' ? ranges.cidrs : [], loss)).toBeUndefined();
    },
  );
});
