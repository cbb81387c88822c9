import { describe, expect, it } from '@jest/globals';
import { permissions } from '../permissions.ts';
import { assumeRolePolicy, type IamPolicy, iamPolicy, policyParts } from './iam-policy.ts';

/** Most of what a managed policy may have. */
const managedPolicyCharacters = 6144;

function actions({ Statement }: IamPolicy): Set<string> {
  return new Set(Statement.flatMap(({ Action }) => Action));
}

describe('the IAM policy', () => {
  it('allows what can be sent, and nothing else but what AWS asks for beside it', () => {
    const granted = actions(iamPolicy({ clusterID: 'blue' }));
    const sent = new Set<string>(Object.values(permissions));
    expect([...sent].filter((action) => !granted.has(action))).toEqual([permissions.AssumeRole]);
    expect([...granted].filter((action) => !sent.has(action))).toEqual(['iam:CreateServiceLinkedRole']);
    expect(actions(assumeRolePolicy('arn:aws:iam::123456789012:role/r'))).toEqual(new Set([permissions.AssumeRole]));
  });

  it('binds every write to the tag of the cluster, or to what AWS itself makes', () => {
    const { Statement } = iamPolicy({ clusterID: 'blue' });
    const unbound = Statement.filter(({ Condition }) => Condition === undefined);
    expect(unbound.map(({ Sid }) => Sid)).toEqual(['Read', 'AnyListener', 'GroupsInNetwork', 'TagListeners']);
    expect(unbound[0]?.Action.filter((action) => !action.includes(':Describe'))).toEqual([]);
    for (const { Resource } of Statement.slice(1)) expect(Resource).not.toContain('*');
    const bound = Statement.filter(({ Sid }) => /^(Owned|New|Member)/.test(Sid));
    for (const { Condition } of bound) expect(JSON.stringify(Condition)).toContain('Tag/kubernetes.io/cluster/blue"');
  });

  it('is made of parts', () => {
    const parts = policyParts.flatMap((part) => [...actions(iamPolicy({ clusterID: 'blue', parts: [part] }))]);
    expect(new Set(parts)).toEqual(actions(iamPolicy({ clusterID: 'blue' })));
    const nodes = actions(iamPolicy({ clusterID: 'blue', parts: ['nodes'] }));
    expect([...nodes].sort()).toEqual([
      'ec2:DescribeAvailabilityZones',
      'ec2:DescribeInstanceTopology',
      'ec2:DescribeInstances',
      'ec2:DescribeNetworkInterfaces',
    ]);
    const routes = actions(iamPolicy({ clusterID: 'blue', parts: ['routes'] }));
    expect([...routes].filter((action) => !action.includes(':Describe')).sort()).toEqual([
      'ec2:CreateRoute',
      'ec2:DeleteRoute',
      'ec2:ModifyInstanceAttribute',
      'ec2:ReplaceRoute',
    ]);
  });

  it('names each statement once, and fits a managed policy', () => {
    const policy = iamPolicy({ clusterID: 'x'.repeat(80) });
    const names = policy.Statement.map(({ Sid }) => Sid);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[A-Za-z0-9]+$/);
    expect(JSON.stringify(policy).length).toBeLessThan(managedPolicyCharacters);
  });

  it('is of a partition, and without conditions of tags for a cluster without ID', () => {
    const policy = iamPolicy({ clusterID: '', partition: 'aws-cn' });
    const text = JSON.stringify(policy);
    expect(text).not.toContain('arn:aws:');
    expect(text).not.toContain('kubernetes.io/cluster');
    expect(text).toContain('arn:aws-cn:ec2:*:*:security-group/*');
  });
});
