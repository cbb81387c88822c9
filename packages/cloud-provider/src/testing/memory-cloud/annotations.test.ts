import { describe, expect, it } from '@jest/globals';
import { memoryAnnotations } from './annotations.ts';
import { desire, internalAnnotation } from './load-balancers/memory-lb/desired.ts';
import { testRequest, testService } from './load-balancers/memory-lb/test-services.ts';

describe('annotations of the memory cloud', () => {
  it('that are misspelt are told, and the Service is served', () => {
    const service = testService({}, { annotations: { [`${internalAnnotation}s`]: 'true' } });
    expect(desire(testRequest({ service }), { networkID: 'net-1' })).toMatchObject({
      kind: 'desired',
      desired: { scheme: 'public' },
      remarks: [
        { reason: 'UnknownAnnotation', text: expect.stringContaining(`did you mean ${internalAnnotation}?`) as never },
      ],
    });
  });

  it('are declared with examples that fit', () => {
    const { annotations } = memoryAnnotations.definition;
    const written = Object.entries(annotations).map(([name, { example }]) => [
      `${memoryAnnotations.definition.prefix}${name}`,
      example,
    ]);
    expect(memoryAnnotations.judge(Object.fromEntries(written) as Record<string, string>)).toEqual([]);
  });
});
