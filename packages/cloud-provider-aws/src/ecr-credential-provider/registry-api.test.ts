import { describe, expect, it } from '@jest/globals';
import { readImageRegistry } from './image-registry.ts';
import { type Environment, registryApi } from './registry-api.ts';

function urlFor(host: string, environment: Environment = {}): string {
  return registryApi(readImageRegistry(host), environment).url.href;
}

const ours = '123456789012.dkr.ecr.us-east-1.amazonaws.com';

describe('the API of a registry', () => {
  it.each([
    [ours, {}, 'https://api.ecr.us-east-1.amazonaws.com/'],
    [ours, { AWS_USE_FIPS_ENDPOINT: 'true' }, 'https://ecr-fips.us-east-1.amazonaws.com/'],
    [ours, { AWS_USE_DUALSTACK_ENDPOINT: 'TRUE' }, 'https://ecr.us-east-1.api.aws/'],
    ['123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn', {}, 'https://api.ecr.cn-north-1.amazonaws.com.cn/'],
    ['123456789012.dkr.ecr.us-iso-east-1.c2s.ic.gov', {}, 'https://api.ecr.us-iso-east-1.c2s.ic.gov/'],
    ['123456789012.dkr-ecr.us-west-2.on.aws', {}, 'https://ecr.us-west-2.api.aws/'],
    ['123456789012.dkr-ecr.us-west-2.on.aws', { AWS_USE_FIPS_ENDPOINT: 'true' }, 'https://ecr-fips.us-west-2.api.aws/'],
    ['public.ecr.aws', {}, 'https://api.ecr-public.us-east-1.amazonaws.com/'],
    [ours, { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }, 'http://127.0.0.1:1/'],
    [
      ours,
      { AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_ENDPOINT_URL_ECR: 'http://127.0.0.1:2' },
      'http://127.0.0.1:2/',
    ],
    ['public.ecr.aws', { AWS_ENDPOINT_URL_ECR_PUBLIC: 'http://127.0.0.1:3' }, 'http://127.0.0.1:3/'],
    [
      ours,
      { AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' },
      'https://api.ecr.us-east-1.amazonaws.com/',
    ],
  ])('of %s with %j is %s', (host, environment, url) => {
    expect(urlFor(host, environment)).toBe(url);
  });

  it('names the variable that holds no URL', () => {
    expect(() => urlFor(ours, { AWS_ENDPOINT_URL: 'nowhere' })).toThrow('AWS_ENDPOINT_URL is "nowhere"');
  });
});
