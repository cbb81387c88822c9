import type { ConfigFault } from '@ccm-ts/cloud-provider';
import { didYouMean } from './global-section.ts';
import type { GcfgSection } from './gcfg.ts';

/** Where a service is reached instead of its public endpoint. */
export interface AwsEndpoint {
  readonly url: string;
  readonly signingRegion?: string;
  readonly signingName?: string;
}

/** The services that are ever called. */
export type AwsService = 'ec2' | 'elb' | 'elbv2' | 'imds';

/** One `[ServiceOverride "n"]`, judged. */
export interface ServiceOverride {
  /** Those that are called; none for one that is known and never called. */
  readonly services: readonly AwsService[];
  readonly region: string;
  readonly endpoint: AwsEndpoint;
}

const overrideKeys = ['Service', 'Region', 'URL', 'SigningRegion', 'SigningMethod', 'SigningName'] as const;
type OverrideKey = (typeof overrideKeys)[number];

/**
 * Services by what the file may call them: the SDK's service ID, which the Go manager compares with, and the older spelling,
 * which it accepts and then silently ignores. Both kinds of load balancers have one name there, as they have one endpoint.
 */
const services: Readonly<Record<string, readonly AwsService[]>> = {
  ec2: ['ec2'],
  'elastic load balancing v2': ['elbv2'],
  elasticloadbalancingv2: ['elbv2'],
  elasticloadbalancing: ['elb', 'elbv2'],
  'elastic load balancing': ['elb'],
  kms: [],
  ec2imds: ['imds'],
};

export interface OverrideReport {
  readonly warn: (warning: string) => void;
  readonly fault: (fault: Omit<ConfigFault, 'file'>) => void;
}

/** Reads the overrides. Service, Region, URL and SigningRegion must be given, and no two may be for the same. */
export function readServiceOverrides(sections: readonly GcfgSection[], report: OverrideReport): ServiceOverride[] {
  const merged = new Map<string, Map<OverrideKey, string>>();
  for (const section of sections) {
    const values = merged.get(section.subsection) ?? new Map<OverrideKey, string>();
    merged.set(section.subsection, values);
    for (const entry of section.entries) {
      const key = overrideKeys.find((known) => known.toLowerCase() === entry.key.toLowerCase());
      if (key === undefined) {
        const hint = didYouMean(entry.key, overrideKeys);
        report.warn(`line ${entry.line}: [ServiceOverride] ${entry.key} is not known and has no effect${hint}`);
      } else values.set(key, (entry.value ?? '').trim());
    }
  }
  const seen = new Map<string, string>();
  return [...merged].flatMap(([subsection, values]) => {
    const title = `[ServiceOverride ${JSON.stringify(subsection)}]`;
    const missing = (['Service', 'Region', 'URL', 'SigningRegion'] as const).filter((key) => !values.get(key));
    for (const key of missing) report.fault({ field: `${title} ${key}`, value: '', fix: 'give it a value' });
    if (missing.length > 0) return [];
    const service = values.get('Service') ?? '';
    const region = values.get('Region') ?? '';
    const url = values.get('URL') ?? '';
    const twin = seen.get(`${service.toLowerCase()} ${region}`);
    if (twin !== undefined) {
      report.fault({
        field: `${title} Service`,
        value: service,
        fix: `${twin} is for the same Service and Region: keep one`,
      });
      return [];
    }
    seen.set(`${service.toLowerCase()} ${region}`, title);
    if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
      report.fault({ field: `${title} URL`, value: url, fix: 'write a URL such as https://ec2.example.com' });
      return [];
    }
    const known = services[service.toLowerCase()];
    if (known === undefined) {
      const hint = didYouMean(service, ['EC2', 'Elastic Load Balancing v2']);
      report.warn(`${title} Service ${JSON.stringify(service)} is not called by this manager and has no effect${hint}`);
    }
    const signingName = values.get('SigningName') ?? '';
    const signingRegion = values.get('SigningRegion') ?? '';
    const endpoint = { url, signingRegion, ...(signingName === '' ? {} : { signingName }) };
    return [{ services: known ?? [], region, endpoint }];
  });
}
