import type { ImageRegistry } from './image-registry.ts';

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where and how the API of a registry is asked for a login. */
export interface RegistryApi {
  readonly url: URL;
  readonly signingName: 'ecr' | 'ecr-public';
  /** The operation, as the service's protocol names it in a header. */
  readonly target: string;
  readonly body: string;
}

/**
 * Tells the API of a registry. As for other programs on AWS, `AWS_ENDPOINT_URL_ECR`, `AWS_ENDPOINT_URL_ECR_PUBLIC` and
 * `AWS_ENDPOINT_URL` send the requests elsewhere, and `AWS_USE_FIPS_ENDPOINT` and `AWS_USE_DUALSTACK_ENDPOINT` choose among
 * the endpoints of AWS.
 * @throws Error when a variable holds no URL
 */
export function registryApi(registry: ImageRegistry, environment: Environment): RegistryApi {
  switch (registry.kind) {
    case 'public':
      return {
        url:
          endpointOf('ECR_PUBLIC', environment) ?? new URL(`https://api.ecr-public.${registry.region}.amazonaws.com`),
        signingName: 'ecr-public',
        target: 'SpencerFrontendService.GetAuthorizationToken',
        body: '{}',
      };
    case 'private': {
      const { account, addresses, apiDomain, region } = registry;
      const fips = isOn(environment['AWS_USE_FIPS_ENDPOINT']) ? '-fips' : '';
      const isDualStack = addresses === 'dual-stack' || isOn(environment['AWS_USE_DUALSTACK_ENDPOINT']);
      const domain = isDualStack ? (dualStackDomains[apiDomain] ?? apiDomain) : apiDomain;
      const prefix = isDualStack || fips !== '' ? `ecr${fips}` : 'api.ecr';
      return {
        url: endpointOf('ECR', environment) ?? new URL(`https://${prefix}.${region}.${domain}`),
        signingName: 'ecr',
        target: 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken',
        body: JSON.stringify({ registryIds: [account] }),
      };
    }
  }
}

/** The domains of partitions that have one for IPv6. */
const dualStackDomains: Readonly<Record<string, string>> = {
  'amazonaws.com': 'api.aws',
  'amazonaws.com.cn': 'api.amazonwebservices.com.cn',
};

function endpointOf(service: string, environment: Environment): URL | undefined {
  if (isOn(environment['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'])) return undefined;
  for (const name of [`AWS_ENDPOINT_URL_${service}`, 'AWS_ENDPOINT_URL']) {
    const text = environment[name];
    if (text === undefined || text === '') continue;
    const url = URL.parse(text);
    if (url === null) throw new Error(`${name} is ${JSON.stringify(text)}: write a URL such as https://example.com`);
    return url;
  }
  return undefined;
}

function isOn(text: string | undefined): boolean {
  return text?.toLowerCase() === 'true';
}
