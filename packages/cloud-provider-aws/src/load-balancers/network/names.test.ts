import { describe, expect, it } from '@jest/globals';
import { loadBalancerName } from '../surroundings/load-balancer-name.ts';
import { targetGroupName, targetGroupNamePrefix, securityGroupName } from './names.ts';

describe('names that clusters hold since the Go manager', () => {
  it.each([
    ['12345678-1234-1234-1234-123456789abc', 'a12345678123412341234123456789ab'],
    ['short', 'ashort'],
  ])('the load balancer of %s is %s', (uid, name) => {
    expect(loadBalancerName(uid)).toBe(name);
    expect(loadBalancerName(uid).length).toBeLessThanOrEqual(32);
  });

  it.each([
    {
      identity: {
        clusterID: 'cluster-a',
        namespace: 'default',
        name: 'service-a',
        port: 80,
        nodePort: 8080,
        protocol: 'TCP',
        targetType: 'instance',
        healthCheckProtocol: '',
        healthCheckIntervalSeconds: 0,
      },
      name: 'k8s-default-servicea-7fa2e07508',
    },
    {
      identity: {
        clusterID: 'cluster-a',
        namespace: 'default',
        name: 'service-a',
        port: 80,
        nodePort: 8080,
        protocol: 'TCP',
        targetType: 'ip',
        healthCheckProtocol: 'HTTP',
        healthCheckIntervalSeconds: 10,
      },
      name: 'k8s-default-servicea-4028e49618',
    },
    {
      identity: {
        clusterID: 'judge',
        namespace: 'default',
        name: 'web',
        port: 80,
        nodePort: 30080,
        protocol: 'TCP',
        targetType: 'instance',
        healthCheckProtocol: 'TCP',
        healthCheckIntervalSeconds: 30,
      },
      name: 'k8s-default-web-c527315ba2',
    },
    {
      identity: {
        clusterID: 'judge',
        namespace: 'default',
        name: 'web',
        port: 80,
        nodePort: 30080,
        protocol: 'TCP',
        targetType: 'instance',
        healthCheckProtocol: 'HTTP',
        healthCheckIntervalSeconds: 10,
      },
      name: 'k8s-default-web-fb254b9c58',
    },
  ])('the target group is $name', ({ identity, name }) => {
    expect(targetGroupName(identity)).toBe(name);
  });

  it('drops what is not a letter or digit before it cuts', () => {
    expect(targetGroupNamePrefix({ namespace: 'kube-system-long', name: 'my-service-name' })).toBe(
      'k8s-kubesyst-myservic-',
    );
  });

  it('is that of the security group', () => {
    const identity = {
      clusterName: 'test-cluster',
      namespace: 'default',
      name: 'my-service',
      uid: '12345678-1234-1234-1234-123456789abc',
    };
    expect(securityGroupName(identity)).toBe('k8s-default-myservic-b7cb8b02f0');
  });
});
