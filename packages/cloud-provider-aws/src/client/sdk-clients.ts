import { EC2Client } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingClient } from '@aws-sdk/client-elastic-load-balancing';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { STSClient } from '@aws-sdk/client-sts';
import type { ProviderContext } from '@ccm-ts/cloud-provider';
import type { AwsEndpoint, CloudConfig } from '../config/cloud-config.ts';
import { AskingAgents } from './asking-agents.ts';
import { CallSender } from './call-sender.ts';
import type { ClassicElbPort } from './classic-elb-port.ts';
import type { Ec2Port } from './ec2-port.ts';
import { RoleCredentials } from './role-credentials.ts';
import { SdkClassicElb } from './sdk-classic-elb.ts';
import { SdkEc2 } from './sdk-ec2.ts';
import type { Elbv2Port } from './elbv2-port.ts';
import { sdkElbv2 } from './sdk-elbv2/sdk-elbv2.ts';

/** The services, as the provider sees them. */
export interface AwsClients {
  readonly ec2: Ec2Port;
  readonly elb: ClassicElbPort;
  readonly elbv2: Elbv2Port;
  /** Releases connections. */
  close(): void;
}

/**
 * A slow answer confuses the SDK's correction for clock skew and blocks a worker, so no request waits longer. The Go manager
 * has the same limit.
 */
const requestTimeoutMilliseconds = 30_000;
const connectionTimeoutMilliseconds = 5_000;

/** What clients are built from. */
export type ClientContext = Pick<ProviderContext, 'gate' | 'clock'>;

/** Builds the clients over the AWS SDK. Contacts nothing: credentials are resolved at the first call. */
export function createAwsClients(config: CloudConfig, { clock, gate }: ClientContext): AwsClients {
  const agents = new AskingAgents();
  const sender = new CallSender({ gate, scope: config.scope, clock, agents });
  const sts = config.role && new STSClient(clientConfig(config, config.endpoints.sts, agents));
  const role = sts && config.role && new RoleCredentials({ sts, sender, role: config.role, clock });
  const credentials = role === undefined ? {} : { credentials: role.provide };
  const ec2 = new EC2Client({ ...clientConfig(config, config.endpoints.ec2, agents), ...credentials });
  const elb = new ElasticLoadBalancingClient({ ...clientConfig(config, config.endpoints.elb, agents), ...credentials });
  const elbv2 = new ElasticLoadBalancingV2Client({
    ...clientConfig(config, config.endpoints.elbv2, agents),
    ...credentials,
  });
  return {
    ec2: new SdkEc2(ec2, sender),
    elb: new SdkClassicElb(elb, sender),
    elbv2: sdkElbv2(elbv2, sender),
    close() {
      sts?.destroy();
      ec2.destroy();
      elb.destroy();
      elbv2.destroy();
    },
  };
}

function clientConfig(config: CloudConfig, endpoint: AwsEndpoint | undefined, agents: AskingAgents) {
  return {
    region: config.scope.region,
    // What is sent again passes the gate again, which the SDK does not know of.
    maxAttempts: 1,
    requestHandler: {
      requestTimeout: requestTimeoutMilliseconds,
      connectionTimeout: connectionTimeoutMilliseconds,
      // Without this the SDK only logs that a request took too long.
      throwOnRequestTimeout: true,
      ...agents.make(),
    },
    customUserAgent: [['aws-cloud-controller-manager', config.version] as [string, string]],
    ...(endpoint === undefined ? {} : { endpoint: endpoint.url }),
    ...(endpoint?.signingRegion === undefined ? {} : { signingRegion: endpoint.signingRegion }),
    ...(endpoint?.signingName === undefined ? {} : { signingName: endpoint.signingName }),
  };
}
