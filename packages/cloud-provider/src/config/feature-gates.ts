import type { ConfigFault } from '../base/config-error.ts';
import { suggest } from './flags/suggest.ts';

/** A feature gate: how far the feature is, and whether it is on. */
export type FeatureGate = {
  readonly stage: 'alpha' | 'beta' | 'ga';
  readonly default: boolean;
} & (
  | { readonly effect: string }
  /** For gates of the Go managers that mean nothing here: why. */
  | { readonly withoutEffect: string }
);

const ofApiServers = 'it is a matter of API servers, which the Go managers take along by linking their library';
const ofGoLogging = "it is a matter of Go's logging";

const apiServerGate = (stage: 'alpha' | 'beta', on: boolean): FeatureGate => ({
  stage,
  default: on,
  withoutEffect: ofApiServers,
});

/** Every gate that `--feature-gates` takes: our own, and those of the Go managers. Source: their 0.36, `--help`. */
export const featureGates = {
  ControllerManagerReleaseLeaderElectionLockOnExit: {
    stage: 'beta',
    default: true,
    effect: 'the lease is given back at the end',
  },
  CloudControllerManagerWatchBasedRoutesReconciliation: {
    stage: 'alpha',
    default: false,
    withoutEffect: 'controllers here act on what they watch, whatever the gate says',
  },
  CloudControllerManagerWebhook: {
    stage: 'alpha',
    default: false,
    effect: 'the admission webhooks that `--webhooks` names are served',
  },
  ComponentFlagz: { stage: 'beta', default: true, withoutEffect: '/flagz is always served' },
  ComponentStatusz: { stage: 'beta', default: true, withoutEffect: '/statusz is always served' },
  ContextualLogging: { stage: 'beta', default: true, withoutEffect: ofGoLogging },
  LoggingAlphaOptions: { stage: 'alpha', default: false, withoutEffect: ofGoLogging },
  LoggingBetaOptions: { stage: 'beta', default: true, withoutEffect: ofGoLogging },
  CoordinatedLeaderElection: {
    stage: 'beta',
    default: false,
    withoutEffect: 'the lease is always taken by its holder',
  },
  NativeHistograms: { stage: 'alpha', default: false, withoutEffect: 'histograms have fixed buckets' },
  WatchList: { stage: 'beta', default: true, withoutEffect: 'lists are streamed where the server offers it' },
  APIResponseCompression: apiServerGate('beta', true),
  APIServerIdentity: apiServerGate('beta', true),
  APIServingWithRoutine: apiServerGate('alpha', false),
  AllowParsingUserUIDFromCertAuth: apiServerGate('beta', true),
  AllowUnsafeMalformedObjectDeletion: apiServerGate('alpha', false),
  CBORServingAndStorage: apiServerGate('alpha', false),
  ConcurrentWatchObjectDecode: apiServerGate('beta', false),
  ConstrainedImpersonation: apiServerGate('beta', true),
  DeclarativeValidationBeta: apiServerGate('beta', true),
  DetectCacheInconsistency: apiServerGate('beta', true),
  ListFromCacheSnapshot: apiServerGate('beta', true),
  ManifestBasedAdmissionControlConfig: apiServerGate('alpha', false),
  OpenAPIEnums: apiServerGate('beta', true),
  RemoteRequestHeaderUID: apiServerGate('beta', true),
  ShardedListAndWatch: apiServerGate('alpha', false),
  SizeBasedListCostEstimate: apiServerGate('beta', true),
  StorageVersionAPI: apiServerGate('alpha', false),
  StorageVersionHash: apiServerGate('beta', true),
  StructuredAuthenticationConfigurationEgressSelector: apiServerGate('beta', true),
  StructuredAuthenticationConfigurationJWKSMetrics: apiServerGate('beta', true),
  TokenRequestServiceAccountUIDValidation: apiServerGate('beta', true),
  UnauthenticatedHTTP2DOSMitigation: apiServerGate('beta', true),
  UnknownVersionInteroperabilityProxy: apiServerGate('beta', true),
  WatchCacheInitializationPostStartHook: apiServerGate('beta', true),
} as const satisfies Readonly<Record<string, FeatureGate>>;

export type FeatureGateName = keyof typeof featureGates;

/** Whole stages, which single gates override. */
const stages = { AllAlpha: 'alpha', AllBeta: 'beta' } as const;

/** Which features are on. */
export type FeatureGates = Readonly<Record<FeatureGateName, boolean>>;

const table: Readonly<Record<string, FeatureGate>> = featureGates;

/** What is wrong with `--feature-gates`; empty when nothing is. */
export function checkFeatureGates(given: Readonly<Record<string, string>>): readonly ConfigFault[] {
  return Object.entries(given).flatMap(([name, value]) => {
    const fault = (fix: string): readonly ConfigFault[] => [
      { file: '', field: '--feature-gates', value: `${name}=${value}`, fix },
    ];
    if (!Object.hasOwn(table, name) && !Object.hasOwn(stages, name)) {
      const near = suggest(name, [...Object.keys(table), ...Object.keys(stages)]);
      return fault(near === undefined ? 'there is no such gate: see the reference of flags' : `did you mean ${near}?`);
    }
    if (parseSwitch(value) === undefined) return fault('write true or false');
    return [];
  });
}

/** The gates with what was given; call it for such as {@link checkFeatureGates} finds nothing wrong with. */
export function resolveFeatureGates(given: Readonly<Record<string, string>>): FeatureGates {
  const entries = Object.entries(table).map(([name, gate]): [string, boolean] => {
    const stage = Object.entries(stages).find(([, each]) => each === gate.stage)?.[0];
    const own = parseSwitch(given[name]);
    return [name, own ?? parseSwitch(stage === undefined ? undefined : given[stage]) ?? gate.default];
  });
  // One entry for each gate of the table.
  return Object.fromEntries(entries) as FeatureGates;
}

/** The gates that somebody set and that mean nothing here, with the reason. */
export function gatesWithoutEffect(
  given: Readonly<Record<string, string>>,
): readonly { readonly gate: string; readonly reason: string }[] {
  return Object.keys(given).flatMap((gate) => {
    const known = table[gate];
    return known && 'withoutEffect' in known ? [{ gate, reason: known.withoutEffect }] : [];
  });
}

function parseSwitch(text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  if (/^(1|t|T|true|TRUE|True)$/.test(text)) return true;
  return /^(0|f|F|false|FALSE|False)$/.test(text) ? false : undefined;
}
