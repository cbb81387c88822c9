export { awsCloudProvider } from './aws-cloud-provider.ts';
export { assumeRolePolicy, iamPolicy, type IamPolicy, policyParts, registryPolicy } from './iam/iam-policy.ts';
