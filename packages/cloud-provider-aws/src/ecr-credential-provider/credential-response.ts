import { protocolVersion } from './credential-request.ts';

/** A name and a password, and how long they are good. */
export interface RegistryLogin {
  readonly username: string;
  readonly password: string;
  readonly expiresAt?: Date;
}

/** What kubelet reads. */
export interface CredentialResponse {
  readonly kind: 'CredentialProviderResponse';
  readonly apiVersion: typeof protocolVersion;
  /** The answer is for every image of the registry. */
  readonly cacheKeyType: 'Registry';
  /** In Go's syntax. Absent: as long as the configuration of kubelet says. */
  readonly cacheDuration?: string;
  readonly auth: Readonly<Record<string, { readonly username: string; readonly password: string }>>;
}

/** What kubelet is told about a registry; undefined when its images are pulled without a login. */
export function credentialResponse(host: string, login: RegistryLogin | undefined, now: Date): CredentialResponse {
  const seconds = login === undefined ? 0 : secondsToKeep(login.expiresAt, now);
  return {
    kind: 'CredentialProviderResponse',
    apiVersion: protocolVersion,
    cacheKeyType: 'Registry',
    ...(seconds === undefined ? {} : { cacheDuration: `${seconds}s` }),
    auth: login === undefined ? {} : { [host]: { username: login.username, password: login.password } },
  };
}

/**
 * Half of the rest of its life, as the Go plugin has it, so that it is good for some time whenever it is taken from the cache.
 * Not at all when its end is not known; undefined when that has been, which says that one of the clocks is wrong.
 */
function secondsToKeep(expiresAt: Date | undefined, now: Date): number | undefined {
  if (expiresAt === undefined) return 0;
  const seconds = Math.trunc((unixSeconds(expiresAt) - unixSeconds(now)) / 2);
  return seconds > 0 ? seconds : undefined;
}

function unixSeconds(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}
