import { describe, expect, it } from '@jest/globals';
import { signRequest } from './sign-request.ts';

/** Of the test suite that AWS published with the algorithm. */
const signature = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
  service: 'service',
  time: new Date('2015-08-30T12:36:00Z'),
};
const url = new URL('https://example.amazonaws.com/');
const scope = 'AKIDEXAMPLE/20150830/us-east-1/service/aws4_request';

describe('signatures', () => {
  it.each([
    ['get-vanilla', 'GET', {}, 'host;x-amz-date', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
    ['post-vanilla', 'POST', {}, 'host;x-amz-date', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
    [
      'post-header-key-sort',
      'POST',
      { 'my-header1': 'value1' },
      'host;my-header1;x-amz-date',
      'c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c',
    ],
  ])('are those of %s', (_name, method, headers, names, proof) => {
    const signed = signRequest({ method, url, headers, body: '' }, signature);
    expect(signed).toEqual({
      ...headers,
      host: 'example.amazonaws.com',
      'x-amz-date': '20150830T123600Z',
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=${names}, Signature=${proof}`,
    });
  });

  it('cover the token of temporary credentials', () => {
    const signed = signRequest(
      { method: 'POST', url, headers: {}, body: '{}' },
      { ...signature, sessionToken: 'token' },
    );
    expect(signed['x-amz-security-token']).toBe('token');
    expect(signed['authorization']).toContain('SignedHeaders=host;x-amz-date;x-amz-security-token,');
  });
});
