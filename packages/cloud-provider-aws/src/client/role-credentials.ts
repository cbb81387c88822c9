import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts';
import { type Clock, CloudError, Duration } from '@ccm-ts/cloud-provider';
import type { RoleToAssume } from '../config/assumed-role.ts';
import type { CallSender } from './call-sender.ts';

/** Credentials are renewed so long before they end, so that no request is signed with ones that end on its way. */
const renewBefore = Duration.minutes(5);

export interface RoleCredentialsOptions {
  readonly sts: STSClient;
  readonly sender: CallSender;
  readonly role: RoleToAssume;
  readonly clock: Clock;
}

/** As the SDK takes them. */
export interface TemporaryCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** The credentials of an assumed role, one set for all clients: a renewal is one AssumeRole, however many ask. */
export class RoleCredentials {
  readonly #options: RoleCredentialsOptions;
  #current: TemporaryCredentials | undefined;
  #renewing: Promise<TemporaryCredentials> | undefined;

  constructor(options: RoleCredentialsOptions) {
    this.#options = options;
    addSourceHeaders(options.sts, options.role);
  }

  /** As the SDK asks for them. */
  readonly provide = (): Promise<TemporaryCredentials> => {
    const current = this.#current;
    const now = this.#options.clock.now().getTime();
    const end = current?.expiration?.getTime() ?? 0;
    if (current !== undefined && end - renewBefore.milliseconds > now) return Promise.resolve(current);
    this.#renewing ??= this.#renew().finally(() => (this.#renewing = undefined));
    return this.#renewing;
  };

  async #renew(): Promise<TemporaryCredentials> {
    const { role, sender, sts, clock } = this.#options;
    const input = { RoleArn: role.arn, RoleSessionName: `ccm-ts-${clock.now().getTime()}` };
    const { Credentials: found } = await sender.run({
      operation: 'AssumeRole',
      apiGroup: 'sts-read',
      // Nobody in particular asks: whoever needs credentials next uses them too.
      context: {
        signal: new AbortController().signal,
        timeout: Duration.seconds(30),
        freshness: 'live',
        priority: 'initialize',
      },
      send: (abortSignal) => sts.send(new AssumeRoleCommand(input), { abortSignal }),
    });
    if (!found?.AccessKeyId || !found.SecretAccessKey) {
      throw new CloudError('Unavailable', `AssumeRole: STS gave no credentials for ${role.arn}`, {
        operation: 'AssumeRole',
      });
    }
    this.#current = {
      accessKeyId: found.AccessKeyId,
      secretAccessKey: found.SecretAccessKey,
      ...(found.SessionToken === undefined ? {} : { sessionToken: found.SessionToken }),
      ...(found.Expiration === undefined ? {} : { expiration: found.Expiration }),
    };
    return this.#current;
  }
}

/** Trust policies compare these to refuse requests on behalf of others. They are signed like all headers. */
function addSourceHeaders(sts: STSClient, role: RoleToAssume): void {
  const headers = {
    'x-amz-source-account': role.account,
    ...(role.sourceARN === '' ? {} : { 'x-amz-source-arn': role.sourceARN }),
  };
  sts.middlewareStack.add(
    (next) => (args) => {
      const request: unknown = args.request;
      if (hasHeaders(request)) Object.assign(request.headers, headers);
      return next(args);
    },
    { step: 'build', name: 'sourceHeaders' },
  );
}

function hasHeaders(request: unknown): request is { readonly headers: Record<string, string> } {
  return typeof request === 'object' && request !== null && 'headers' in request;
}
