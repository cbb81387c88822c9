export { awsCloudProvider } from './aws-cloud-provider.ts';
