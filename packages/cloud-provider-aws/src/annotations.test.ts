import { describe, expect, it } from '@jest/globals';
import { annotationPrefix, isInternal, loadBalancerType, refuseUnsupportedAnnotations } from './annotations.ts';

const annotated = (suffix: string, value: string): Record<string, string> => ({ [annotationPrefix + suffix]: value });

describe('annotations', () => {
  it.each([
    ['nlb', 'network'],
    ['external', 'other-controller'],
    ['nlb-ip', 'other-controller'],
    ['NLB', 'classic'],
    ['', 'classic'],
  ])('the type %j asks for %s', (value, type) => {
    expect(loadBalancerType(annotated('type', value))).toBe(type);
  });

  it('without a type ask for a classic load balancer', () => {
    expect(loadBalancerType({})).toBe('classic');
  });

  it.each([
    ['true', true],
    ['0.0.0.0/0', true],
    ['False', true],
    ['false', false],
    ['', false],
  ])('internal %j: %s', (value, expected) => {
    expect(isInternal(annotated('internal', value))).toBe(expected);
  });

  it.each([
    ['ssl-cert', 'arn:aws:acm:eu-west-1:1:certificate/x'],
    ['cross-zone-load-balancing-enabled', 'true'],
    ['access-log-enabled', 'true'],
    ['healthcheck-path', '/live'],
    ['target-group-attributes', 'preserve_client_ip.enabled=false'],
    ['eip-allocations', 'eipalloc-1'],
    ['subnets', 'subnet-1'],
    ['target-node-labels', 'a=b'],
    ['extra-security-groups', ''],
    ['security-groups', 'sg-1'],
    ['additional-resource-tags', 'a=b'],
  ])('%s=%s is refused by name', (suffix, value) => {
    expect(refuseUnsupportedAnnotations(annotated(suffix, value))).toMatchObject({
      kind: 'refusal',
      reason: 'UnsupportedAnnotation',
      field: annotationPrefix + suffix,
      value,
    });
  });

  it.each([
    ['cross-zone-load-balancing-enabled', 'false'],
    ['access-log-enabled', 'false'],
    ['backend-protocol', 'tcp'],
    // Classic load balancers only.
    ['connection-idle-timeout', '30'],
    ['proxy-protocol', '*'],
    // Without a certificate it says nothing.
    ['ssl-ports', '443'],
  ])('%s=%s is what happens anyway', (suffix, value) => {
    expect(refuseUnsupportedAnnotations(annotated(suffix, value))).toBeUndefined();
  });
});
