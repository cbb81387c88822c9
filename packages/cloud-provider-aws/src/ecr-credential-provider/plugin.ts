import { readCredentialRequest, type CredentialRequest } from './credential-request.ts';
import { credentialResponse, type CredentialResponse, type RegistryLogin } from './credential-response.ts';
import { type CredentialSource, type CredentialSources, NoCredentials } from './credential-source.ts';
import { type ImageRegistry, readImageRegistry } from './image-registry.ts';
import type { Environment } from './registry-api.ts';
import { type PluginClock, requestLogin } from './registry-client.ts';

/** What the plugin needs of the process that it is. */
export interface PluginProcess {
  /** What was written behind the name of the program. */
  readonly args: readonly string[];
  readonly env: Environment;
  readonly stdin: AsyncIterable<Uint8Array | string>;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

export interface PluginOptions {
  readonly version: string;
  readonly clock: PluginClock;
  readonly sources: CredentialSources;
}

const program = 'ecr-credential-provider';
/** Says in a service account which role its pods pull images with. */
const roleAnnotation = 'eks.amazonaws.com/ecr-role-arn';
const roleVariable = 'AWS_ECR_ROLE_ARN';

/**
 * Answers the one question of kubelet that stands in the standard input. Arguments but `--version` say nothing, as in the Go
 * plugin: many configurations have `get-credentials` from times when there were others.
 * @returns the exit code; what failed is told on the standard error, which kubelet logs
 */
export async function runPlugin(self: PluginProcess, options: PluginOptions): Promise<number> {
  if (self.args.includes('--version')) {
    self.stdout.write(`${program} ${options.version}\n`);
    return 0;
  }
  try {
    const request = readCredentialRequest(await readAll(self.stdin));
    self.stdout.write(`${JSON.stringify(await respond(request, self, options))}\n`);
    return 0;
  } catch (error) {
    self.stderr.write(`${program}: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

async function respond(
  request: CredentialRequest,
  { env: environment, stderr }: PluginProcess,
  { clock, sources }: PluginOptions,
): Promise<CredentialResponse> {
  const registry = readImageRegistry(request.image);
  const credentials = chooseSource(request, environment, sources);
  let login: RegistryLogin | undefined;
  try {
    login = await requestLogin({ registry, credentials, environment, clock });
  } catch (error) {
    if (!isPublicWithoutIdentity(registry, error)) throw error;
    stderr.write(
      `${program}: images of ${registry.host} are pulled without a login: this machine has no credentials\n`,
    );
  }
  return credentialResponse(registry.host, login, clock.now());
}

/** Everybody may pull public images, only not as many. */
function isPublicWithoutIdentity(registry: ImageRegistry, error: unknown): boolean {
  return registry.kind === 'public' && error instanceof NoCredentials;
}

function chooseSource(
  request: CredentialRequest,
  environment: Environment,
  sources: CredentialSources,
): CredentialSource {
  const { serviceAccountAnnotations, serviceAccountToken } = request;
  if (serviceAccountToken === undefined) return sources.ofMachine;
  const role = serviceAccountAnnotations[roleAnnotation] || environment[roleVariable];
  // A service account that says nothing has the node's rights, as with the Go plugin.
  return role ? sources.ofServiceAccount(role, serviceAccountToken) : sources.ofMachine;
}

async function readAll(input: AsyncIterable<Uint8Array | string>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of input) parts.push(typeof part === 'string' ? Buffer.from(part) : part);
  return Buffer.concat(parts).toString('utf8');
}
