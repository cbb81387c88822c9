/** What requests are signed with. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** Finds credentials, with the help of the region's STS where that is needed. Rejects when there are none. */
export type CredentialSource = (region: string) => Promise<AwsCredentials>;

/** Nobody gave this machine an identity, as opposed to one that does not work. */
export class NoCredentials extends Error {
  override readonly name = 'NoCredentials';
}

/** Where the plugin's credentials come from. */
export interface CredentialSources {
  /** The environment, profiles, containers, the instance: in the order in which the SDKs look. */
  readonly ofMachine: CredentialSource;
  /** Of a role that trusts the issuer of the token. */
  ofServiceAccount(role: string, token: string): CredentialSource;
}
