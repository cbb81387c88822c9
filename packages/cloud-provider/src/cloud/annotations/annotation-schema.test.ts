import { describe, expect, it } from '@jest/globals';
import { annotationPolicies } from './annotation-policy.ts';
import { annotationSchema } from './annotation-schema.ts';
import { testAnnotations } from './test-annotations.ts';

describe('what is made of annotations', () => {
  it('is a schema that parts the kinds', () => {
    const text = JSON.stringify(annotationSchema(testAnnotations));
    expect(JSON.parse(text)).toMatchObject({
      properties: {
        metadata: {
          properties: {
            annotations: {
              properties: {
                'test.example/lb-zone': { type: 'string', description: expect.stringContaining('Where') as never },
              },
              allOf: [
                {
                  if: { properties: { 'test.example/lb-size': { not: { enum: ['large', 'other'] } } } },
                  then: {
                    properties: {
                      'test.example/lb-interval': false,
                      'test.example/lb-zone': { pattern: expect.stringContaining('a|b') as never },
                    },
                  },
                },
                {
                  if: {
                    properties: { 'test.example/lb-size': { enum: ['large'] } },
                    required: ['test.example/lb-size'],
                  },
                  then: {
                    properties: { 'test.example/lb-bucket': { allOf: [{ pattern: expect.any(String) as never }] } },
                  },
                },
              ],
            },
          },
        },
      },
    });
  });

  it('are policies that let pass what they can not judge, each with its binding', () => {
    const objects = annotationPolicies(testAnnotations);
    expect(objects.map(({ kind, metadata }) => `${String(kind)} ${metadata.name}`)).toEqual([
      'ValidatingAdmissionPolicy test-service-annotations',
      'ValidatingAdmissionPolicyBinding test-service-annotations',
      'ValidatingAdmissionPolicy test-service-annotation-remarks',
      'ValidatingAdmissionPolicyBinding test-service-annotation-remarks',
    ]);
    expect(objects[0]).toMatchObject({
      spec: { failurePolicy: 'Ignore', matchConstraints: { resourceRules: [{ resources: ['services'] }] } },
    });
    expect(objects[3]).toMatchObject({
      spec: { policyName: 'test-service-annotation-remarks', validationActions: ['Warn'] },
    });
  });

  it('are policies whose messages tell annotation and fix, once each', () => {
    const messages = annotationPolicies(testAnnotations).flatMap(({ spec }) => {
      const { validations = [] } = spec as { validations?: { message: string }[] };
      return validations.map(({ message }) => message);
    });
    expect(new Set(messages).size).toBe(messages.length);
    expect(messages).toContain('test.example/lb-bucket: name the bucket that the logs go to');
    expect(messages).toContain('test.example/lb-interval: only large ones have it: remove it');
    expect(messages.every((message) => message.length > 0 && message.length < 2048 && !message.includes('\n'))).toBe(
      true,
    );
  });
});
