import { describe, expect, it } from '@jest/globals';
import type { Refusal } from '@ccm-ts/cloud-provider';
import { annotationPrefix } from '../../annotations.ts';
import { judgeAwsAnnotations } from '../../annotations/aws-annotations.ts';
import { type NetworkSettings, readNetworkSettings } from './settings.ts';

type Written = Readonly<Record<string, string>>;

function read(written: Written): NetworkSettings | Refusal {
  const annotations = Object.fromEntries(
    Object.entries({ type: 'nlb', ...written }).map(([suffix, value]) => [annotationPrefix + suffix, value]),
  );
  const judged = judgeAwsAnnotations(annotations);
  return judged.kind === 'refusal' ? judged : readNetworkSettings(annotations);
}

describe('annotations of a network load balancer', () => {
  it.each<[Written, Partial<NetworkSettings>]>([
    [
      {},
      {
        scheme: 'internet-facing',
        tls: undefined,
        attributes: { 'load_balancing.cross_zone.enabled': 'false', 'access_logs.s3.enabled': 'false' },
        targetGroupAttributes: {},
        subnets: undefined,
        securityGroupIDs: undefined,
        targetNodeLabels: {},
        additionalTags: {},
      },
    ],
    // Those of classic load balancers alone.
    [{ 'connection-idle-timeout': 'x', 'proxy-protocol': 'y' }, { tls: undefined }],
    [
      { 'cross-zone-load-balancing-enabled': 'T' },
      { attributes: expect.objectContaining({ 'load_balancing.cross_zone.enabled': 'true' }) as never },
    ],
    [
      { 'access-log-enabled': 'true', 'access-log-s3-bucket-name': 'b' },
      { attributes: expect.objectContaining({ 'access_logs.s3.bucket': 'b', 'access_logs.s3.prefix': '' }) as never },
    ],
    [
      // Off: the Go manager does not send them either.
      { 'access-log-s3-bucket-name': 'b' },
      { attributes: { 'load_balancing.cross_zone.enabled': 'false', 'access_logs.s3.enabled': 'false' } },
    ],
    [
      { 'ssl-cert': 'arn:1', 'ssl-ports': ' HTTPS , 8443', 'ssl-negotiation-policy': 'P', 'backend-protocol': 'ssl' },
      { tls: { certificateArn: 'arn:1', ports: ['https', '8443'], policy: 'P', backend: 'TLS' } },
    ],
    [
      { 'ssl-cert': 'arn:1', 'ssl-ports': '*', 'backend-protocol': 'http' },
      { tls: { certificateArn: 'arn:1', ports: undefined, policy: '', backend: 'TCP' } },
    ],
    // Without a certificate they say nothing.
    [{ 'ssl-ports': '443', 'ssl-negotiation-policy': 'P' }, { tls: undefined }],
    [
      { 'target-group-attributes': 'preserve_client_ip.enabled=false, proxy_protocol_v2.enabled=true' },
      { targetGroupAttributes: { 'preserve_client_ip.enabled': 'false', 'proxy_protocol_v2.enabled': 'true' } },
    ],
    [{ 'eip-allocations': 'eipalloc-1, eipalloc-2' }, { allocationIDs: ['eipalloc-1', 'eipalloc-2'] }],
    [{ internal: 'true', 'private-ipv4-addresses': '10.0.0.1' }, { privateAddresses: ['10.0.0.1'] }],
    [{ subnets: 'subnet-1, by name' }, { subnets: ['subnet-1', 'by name'] }],
    [{ 'target-node-labels': 'a=b,c' }, { targetNodeLabels: { a: 'b', c: '' } }],
    [{ 'additional-resource-tags': 'team=a,empty=' }, { additionalTags: { team: 'a', empty: '' } }],
    [{ 'security-groups': 'sg-2,sg-1,sg-2' }, { securityGroupIDs: ['sg-1', 'sg-2'] }],
  ])('%j', (written, settings) => {
    expect(read(written)).toMatchObject(settings);
  });

  it.each<[string, Written]>([
    ['cross-zone-load-balancing-enabled', { 'cross-zone-load-balancing-enabled': 'yes' }],
    ['access-log-enabled', { 'access-log-enabled': '' }],
    ['access-log-s3-bucket-name', { 'access-log-enabled': 'true' }],
    ['target-group-attributes', { 'target-group-attributes': '' }],
    ['target-group-attributes', { 'target-group-attributes': 'stickiness.enabled=true' }],
    ['target-group-attributes', { 'target-group-attributes': 'preserve_client_ip.enabled=True' }],
    ['target-group-attributes', { 'target-group-attributes': 'preserve_client_ip.enabled' }],
    ['eip-allocations', { 'eip-allocations': 'eipalloc-1', internal: 'true' }],
    ['eip-allocations', { 'eip-allocations': '192.0.2.1' }],
    ['private-ipv4-addresses', { 'private-ipv4-addresses': '10.0.0.1' }],
    ['private-ipv4-addresses', { 'private-ipv4-addresses': '10.0.0.256', internal: 'true' }],
    ['subnets', { subnets: ' , ' }],
    ['security-groups', { 'security-groups': 'default' }],
    ['extra-security-groups', { 'extra-security-groups': '' }],
  ])('%s is refused by name in %j', (suffix, written) => {
    expect(read(written)).toEqual({
      kind: 'refusal',
      reason: 'InvalidAnnotation',
      field: annotationPrefix + suffix,
      value: written[suffix] ?? '',
      fix: expect.stringMatching(/.{10}/) as never,
    });
  });
});
