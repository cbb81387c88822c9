/** The registry that an image comes from. */
export type ImageRegistry = PrivateRegistry | PublicRegistry;

/** One that an account has in a region. */
export interface PrivateRegistry {
  readonly kind: 'private';
  /** As kubelet looks for it in the answer. */
  readonly host: string;
  readonly account: string;
  readonly region: string;
  /** The domain of the API of that region. */
  readonly apiDomain: string;
  /** Whether the name of the registry has IPv6 addresses too, so that the API is asked where it has. */
  readonly addresses: 'ipv4' | 'dual-stack';
}

/** The one that everybody shares. */
export interface PublicRegistry {
  readonly kind: 'public';
  readonly host: string;
  readonly region: string;
}

/** Who is asked about the public registry: it has its API in one region of the world. */
const publicRegion = 'us-east-1';
const publicHosts = ['public.ecr.aws', 'ecr-public.aws.com'];

/** Domains of registries, with those of the API where they differ. Source: the endpoint rules of the AWS SDKs. */
const apiDomains: Readonly<Record<string, string>> = {
  'amazonaws.com': 'amazonaws.com',
  'amazonaws.com.cn': 'amazonaws.com.cn',
  'amazonaws.eu': 'amazonaws.eu',
  'on.aws': 'api.aws',
  'on.amazonwebservices.com.cn': 'api.amazonwebservices.com.cn',
  'sc2s.sgov.gov': 'sc2s.sgov.gov',
  'c2s.ic.gov': 'c2s.ic.gov',
  'cloud.adc-e.uk': 'cloud.adc-e.uk',
  'csp.hci.ic.gov': 'csp.hci.ic.gov',
};

const privateHost = /^(\d{12})\.dkr[.-]ecr(?:-fips)?\.([a-z0-9][a-z0-9_-]*)\.([a-z0-9.-]+)$/;

/**
 * Tells the registry from the name of an image, with or without `https://`, tag and digest.
 * @throws Error when the image is of no registry of ECR: a token is shown to nobody else
 */
export function readImageRegistry(image: string): ImageRegistry {
  if (image === '') throw new Error('the request names no image');
  const withScheme = /^[a-z]+:\/\//i.test(image) ? image : `https://${image}`;
  const host = URL.parse(withScheme)?.hostname;
  if (host === undefined) throw new Error(`${JSON.stringify(image)} is no name of an image`);
  if (publicHosts.includes(host)) return { kind: 'public', host, region: publicRegion };
  const [, account, region, domain = ''] = privateHost.exec(host) ?? [];
  const apiDomain = Object.hasOwn(apiDomains, domain) ? apiDomains[domain] : undefined;
  if (account === undefined || region === undefined || apiDomain === undefined) {
    throw new Error(
      `${host} is no registry of ECR (such as 123456789012.dkr.ecr.us-east-1.amazonaws.com or public.ecr.aws): ` +
        'name only those in matchImages of the CredentialProviderConfig',
    );
  }
  const addresses = domain.startsWith('on.') ? 'dual-stack' : 'ipv4';
  return { kind: 'private', host, account, region, apiDomain, addresses };
}
