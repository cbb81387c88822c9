import { CloudError } from '@ccm-ts/cloud-provider';

/**
 * Sends a request that names security groups. AWS refuses it when one of them is not there, and does not say which; users
 * hear which ones were asked for, where they come from, and what is right.
 */
export async function namingGroups<Result>(
  groupIDs: readonly string[],
  request: () => Promise<Result>,
): Promise<Result> {
  try {
    return await request();
  } catch (error) {
    if (!(error instanceof CloudError) || error.code !== 'Invalid' || !isAboutGroups(error)) throw error;
    const message =
      `${error.message} (asked for: ${groupIDs.join(', ')}; the annotation ` +
      'service.beta.kubernetes.io/aws-load-balancer-security-groups must name security groups of the VPC of the nodes)';
    throw new CloudError(error.code, message, { ...error.details, cause: error });
  }
}

/** The load balancing API has a code for it; the other one that is used for it is that of all bad requests. */
function isAboutGroups({ details, message }: CloudError): boolean {
  return details.cloudCode === 'InvalidSecurityGroup' || /security groups?\b/i.test(message);
}
