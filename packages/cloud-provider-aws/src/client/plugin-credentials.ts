import { Agent as PlainAgent } from 'node:http';
import { Agent } from 'node:https';
import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { type CredentialSources, NoCredentials } from '../ecr-credential-provider/credential-source.ts';
import type { Environment } from '../ecr-credential-provider/registry-api.ts';

const sessionName = 'ecr-credential-provider';
/** Three attempts have to fit into the minute that kubelet waits. */
const requestTimeout = 15_000;
const connectionTimeout = 5_000;

/** Finds credentials as every SDK of AWS does, or by the token of a service account. */
export function pluginCredentials(environment: Environment): CredentialSources {
  return {
    ofMachine: async (region) => {
      using sts = connect(region, environment);
      try {
        return await sts.client.config.credentials();
      } catch (error) {
        if (isAbsence(error)) throw new NoCredentials(`this machine has no credentials of AWS: ${error.message}`);
        throw error;
      }
    },
    ofServiceAccount: (role, token) => async (region) => {
      using sts = connect(region, environment);
      const input = { RoleArn: role, RoleSessionName: sessionName, WebIdentityToken: token };
      const { Credentials: found } = await sts.client
        .send(new AssumeRoleWithWebIdentityCommand(input))
        .catch((cause: unknown) => {
          const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
          const fix = 'look whether the role trusts the issuer of the cluster and the audience of the token';
          throw new Error(`AssumeRoleWithWebIdentity of ${role}: ${reason}; ${fix}`, { cause });
        });
      if (!found?.AccessKeyId || !found.SecretAccessKey) throw new Error(`STS gave no credentials for ${role}`);
      return {
        accessKeyId: found.AccessKeyId,
        secretAccessKey: found.SecretAccessKey,
        sessionToken: found.SessionToken,
      };
    },
  };
}

function connect(region: string, environment: Environment) {
  const proxied = { proxyEnv: { ...environment } };
  const client = new STSClient({
    region,
    requestHandler: {
      requestTimeout,
      connectionTimeout,
      throwOnRequestTimeout: true,
      httpAgent: new PlainAgent(proxied),
      httpsAgent: new Agent(proxied),
    },
  });
  return { client, [Symbol.dispose]: () => client.destroy() };
}

/** The SDK's chain ends with this error when no link of it has anything to offer. */
function isAbsence(error: unknown): error is Error {
  return error instanceof Error && error.name === 'CredentialsProviderError';
}
