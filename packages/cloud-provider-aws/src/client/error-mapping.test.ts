import { describe, expect, it } from '@jest/globals';
import { CloudError } from '@ccm-ts/cloud-provider';
import { toAwsCloudError } from './error-mapping.ts';

function sdkError(name: string, extra: Readonly<Record<string, unknown>> = {}): Error {
  return Object.assign(new Error('told so'), { name, $metadata: { httpStatusCode: 400, requestId: 'req-9' } }, extra);
}

describe('an error of the SDK', () => {
  it.each([
    ['InvalidInstanceID.NotFound', {}, 'NotFound'],
    ['LoadBalancerNotFoundException', { Code: 'LoadBalancerNotFound' }, 'NotFound'],
    ['TargetGroupNotFoundException', {}, 'NotFound'],
    ['InvalidPermission.NotFound', {}, 'NotFound'],
    ['InvalidPermission.Duplicate', {}, 'Conflict'],
    ['RequestLimitExceeded', {}, 'Throttled'],
    ['Throttling', { Code: 'Throttling' }, 'Throttled'],
    ['ThrottlingException', {}, 'Throttled'],
    ['Odd', { $metadata: { httpStatusCode: 429 } }, 'Throttled'],
    ['UnauthorizedOperation', {}, 'Denied'],
    ['AccessDenied', {}, 'Denied'],
    ['AccessDeniedException', {}, 'Denied'],
    ['AuthFailure', {}, 'Denied'],
    ['CredentialsProviderError', {}, 'Denied'],
    ['TooManyLoadBalancersException', { Code: 'TooManyLoadBalancers' }, 'Quota'],
    ['RulesPerSecurityGroupLimitExceeded', {}, 'Quota'],
    ['VpcLimitExceeded', {}, 'Quota'],
    ['DuplicateListenerException', { Code: 'DuplicateListener' }, 'Conflict'],
    ['ResourceInUseException', { Code: 'ResourceInUse' }, 'Conflict'],
    ['InvalidTargetException', { Code: 'InvalidTarget' }, 'Invalid'],
    ['InvalidInstanceID.Malformed', {}, 'Invalid'],
    ['ValidationError', {}, 'Invalid'],
    ['InternalError', {}, 'Unavailable'],
    ['TimeoutError', {}, 'Unavailable'],
    ['Error', { code: 'ECONNREFUSED', $metadata: {} }, 'Unavailable'],
    ['Odd', { $metadata: { httpStatusCode: 503 } }, 'Unavailable'],
    ['NeverSeen', {}, 'Unknown'],
  ])('%s %j is %s', (name, extra, code) => {
    expect(toAwsCloudError(sdkError(name, extra), 'DescribeInstances').code).toBe(code);
  });

  it('keeps operation, code, request id and cause', () => {
    const cause = sdkError('InvalidInstanceID.NotFound');
    const error = toAwsCloudError(cause, 'DescribeInstances');
    expect(error.message).toBe('DescribeInstances: InvalidInstanceID.NotFound: told so');
    expect(error.details).toMatchObject({
      operation: 'DescribeInstances',
      cloudCode: 'InvalidInstanceID.NotFound',
      requestId: 'req-9',
    });
    expect(error.cause).toBe(cause);
  });

  it('names the permission that is missing', () => {
    const error = toAwsCloudError(sdkError('UnauthorizedOperation'), 'RevokeSecurityGroupIngress');
    expect(error.details.permission).toBe('ec2:RevokeSecurityGroupIngress');
  });

  it('passes on how long AWS asks to wait', () => {
    const response = { headers: { 'retry-after': '7' } };
    const error = toAwsCloudError(sdkError('Throttling', { $response: response }), 'DescribeTags');
    expect(error.details.retryAfter?.seconds).toBe(7);
  });

  it.each([undefined, null, 'text', 7, {}, new Error('plain')])('need not be one: %p', (thrown) => {
    expect(toAwsCloudError(thrown, 'DescribeTags')).toMatchObject({ code: 'Unknown', name: 'CloudError' });
  });

  it('that was mapped already stays as it is', () => {
    const error = new CloudError('Quota', 'full');
    expect(toAwsCloudError(error, 'DescribeTags')).toBe(error);
  });
});
