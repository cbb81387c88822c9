import { describe, expect, it } from '@jest/globals';
import { readImageRegistry } from './image-registry.ts';

const account = '123456789012';

describe('the registry of an image', () => {
  it.each([
    ['dkr.ecr.us-east-1.amazonaws.com', 'us-east-1', 'amazonaws.com', 'ipv4'],
    ['dkr.ecr-fips.us-gov-west-1.amazonaws.com', 'us-gov-west-1', 'amazonaws.com', 'ipv4'],
    ['dkr.ecr.cn-north-1.amazonaws.com.cn', 'cn-north-1', 'amazonaws.com.cn', 'ipv4'],
    ['dkr.ecr.eusc-de-east-1.amazonaws.eu', 'eusc-de-east-1', 'amazonaws.eu', 'ipv4'],
    ['dkr.ecr.us-isob-east-1.sc2s.sgov.gov', 'us-isob-east-1', 'sc2s.sgov.gov', 'ipv4'],
    ['dkr.ecr.us-iso-east-1.c2s.ic.gov', 'us-iso-east-1', 'c2s.ic.gov', 'ipv4'],
    ['dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk', 'eu-isoe-west-1', 'cloud.adc-e.uk', 'ipv4'],
    ['dkr.ecr.us-isof-south-1.csp.hci.ic.gov', 'us-isof-south-1', 'csp.hci.ic.gov', 'ipv4'],
    ['dkr-ecr.us-west-2.on.aws', 'us-west-2', 'api.aws', 'dual-stack'],
    ['dkr-ecr-fips.us-west-2.on.aws', 'us-west-2', 'api.aws', 'dual-stack'],
    ['dkr-ecr.cn-north-1.on.amazonwebservices.com.cn', 'cn-north-1', 'api.amazonwebservices.com.cn', 'dual-stack'],
  ])('%s is an account’s own', (name, region, apiDomain, addresses) => {
    const host = `${account}.${name}`;
    const registry = { kind: 'private', host, account, region, apiDomain, addresses };
    expect(readImageRegistry(`${host}/team/app:v1`)).toEqual(registry);
    expect(readImageRegistry(`https://${host}/app@sha256:0123`)).toEqual(registry);
    expect(readImageRegistry(host)).toEqual(registry);
  });

  it.each(['public.ecr.aws', 'ecr-public.aws.com'])('%s is everybody’s', (host) => {
    expect(readImageRegistry(`${host}/amazonlinux/amazonlinux:2`)).toEqual({
      kind: 'public',
      host,
      region: 'us-east-1',
    });
  });

  it.each([
    'docker.io/library/nginx',
    'nginx',
    '12345678901.dkr.ecr.us-east-1.amazonaws.com/app',
    '123456789012.dkr.ecr.us-east-1.amazonaws.com.example.org/app',
    '123456789012.dkr.ecr.us-east-1.example.org/app',
    '123456789012.dkr.ecr..amazonaws.com/app',
    '123456789012.dkr.ecr.us-east-1.constructor/app',
    'x.123456789012.dkr.ecr.us-east-1.amazonaws.com/app',
    'public.ecr.aws.example.org/app',
    '123456789012.dkr.ecr.us-east-1.amazonaws.com@example.org/app',
  ])('%s gets no token', (image) => {
    expect(() => readImageRegistry(image)).toThrow('is no registry of ECR');
  });

  it.each(['https://', 'https:// /x'])('%j is no image', (image) => {
    expect(() => readImageRegistry(image)).toThrow('is no name of an image');
  });
});
