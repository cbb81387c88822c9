import { CloudError, type CloudErrorCode, Duration } from '@ccm-ts/cloud-provider';
import { type AwsOperation, permissions } from '../permissions.ts';

/**
 * AWS codes by what they mean. EC2 says `InvalidInstanceID.NotFound`, the load balancing API says `LoadBalancerNotFound`
 * on the wire and `LoadBalancerNotFoundException` in the SDK: both fields are looked up here, without the suffix.
 * Sources: EC2 "Error codes for the Amazon EC2 API"; Elastic Load Balancing API reference 2015-12-01, errors of each action.
 */
const meanings: Readonly<Record<string, CloudErrorCode>> = {
  LoadBalancerNotFound: 'NotFound',
  AccessPointNotFound: 'NotFound',
  ListenerNotFound: 'NotFound',
  TargetGroupNotFound: 'NotFound',
  RequestLimitExceeded: 'Throttled',
  Throttling: 'Throttled',
  ThrottlingException: 'Throttled',
  ThrottledException: 'Throttled',
  RequestThrottled: 'Throttled',
  RequestThrottledException: 'Throttled',
  TooManyRequestsException: 'Throttled',
  BandwidthLimitExceeded: 'Throttled',
  EC2ThrottledException: 'Throttled',
  SlowDown: 'Throttled',
  PriorRequestNotComplete: 'Throttled',
  TransactionInProgress: 'Throttled',
  PolicyNotFound: 'NotFound',
  DuplicateLoadBalancerName: 'Conflict',
  DuplicateAccessPointName: 'Conflict',
  DuplicatePolicyName: 'Conflict',
  'InvalidGroup.Duplicate': 'Conflict',
  'InvalidGroup.InUse': 'Conflict',
  DuplicateTargetGroupName: 'Conflict',
  DuplicateListener: 'Conflict',
  RouteAlreadyExists: 'Conflict',
  ResourceInUse: 'Conflict',
  DependencyViolation: 'Conflict',
  IncorrectState: 'Conflict',
  IncorrectInstanceState: 'Conflict',
  OperationNotPermitted: 'Conflict',
  'InvalidPermission.Duplicate': 'Conflict',
  UnauthorizedOperation: 'Denied',
  AccessDenied: 'Denied',
  AuthFailure: 'Denied',
  Blocked: 'Denied',
  ExpiredToken: 'Denied',
  RequestExpired: 'Denied',
  InvalidClientTokenId: 'Denied',
  UnrecognizedClient: 'Denied',
  SignatureDoesNotMatch: 'Denied',
  OptInRequired: 'Denied',
  CredentialsProviderError: 'Denied',
  TooManyLoadBalancers: 'Quota',
  TooManyAccessPoints: 'Quota',
  TooManyPolicies: 'Quota',
  TooManyListeners: 'Quota',
  TooManyTargetGroups: 'Quota',
  TooManyTargets: 'Quota',
  TooManyRegistrationsForTargetId: 'Quota',
  TooManyTags: 'Quota',
  TargetGroupAssociationLimit: 'Quota',
  RulesPerSecurityGroupLimitExceeded: 'Quota',
  SecurityGroupLimitExceeded: 'Quota',
  ResourceLimitExceeded: 'Quota',
  AddressLimitExceeded: 'Quota',
  InvalidTarget: 'Invalid',
  InvalidInstance: 'Invalid',
  InvalidEndPoint: 'Invalid',
  CertificateNotFound: 'Invalid',
  LoadBalancerAttributeNotFound: 'Invalid',
  InvalidSubnet: 'Invalid',
  InvalidScheme: 'Invalid',
  InvalidConfigurationRequest: 'Invalid',
  InvalidSecurityGroup: 'Invalid',
  InvalidLoadBalancerAction: 'Invalid',
  IncompatibleProtocols: 'Invalid',
  UnsupportedProtocol: 'Invalid',
  SubnetNotFound: 'Invalid',
  AvailabilityZoneNotSupported: 'Invalid',
  ValidationError: 'Invalid',
  MissingParameter: 'Invalid',
  InvalidParameter: 'Invalid',
  InvalidParameterValue: 'Invalid',
  InvalidParameterCombination: 'Invalid',
  InvalidID: 'Invalid',
  UnknownParameter: 'Invalid',
  InvalidAction: 'Invalid',
  UnsupportedOperation: 'Invalid',
  InternalError: 'Unavailable',
  InternalFailure: 'Unavailable',
  ServiceUnavailable: 'Unavailable',
  Unavailable: 'Unavailable',
  TimeoutError: 'Unavailable',
  AbortError: 'Unavailable',
  RequestTimeout: 'Unavailable',
  InsufficientCapacity: 'Unavailable',
};

/** What of an SDK's error is looked at. Nothing of it is trusted to be there. */
interface SdkError {
  readonly name: string;
  readonly message: string;
  readonly wireCode: string;
  readonly status: number | undefined;
  readonly requestID: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly systemCode: string;
}

/** Turns whatever the SDK threw into one of our errors. Matches on codes only, never on text. */
export function toAwsCloudError(error: unknown, operation: AwsOperation): CloudError {
  if (error instanceof CloudError) return error;
  const sdk = readSdkError(error);
  const code = classify(sdk);
  const cloudCode = sdk.wireCode !== '' ? sdk.wireCode : sdk.name;
  return new CloudError(code, `${operation}: ${cloudCode}: ${sdk.message}`, {
    operation,
    cloudCode,
    ...(sdk.requestID === undefined ? {} : { requestId: sdk.requestID }),
    ...(code === 'Throttled' && sdk.retryAfterSeconds !== undefined
      ? { retryAfter: Duration.seconds(sdk.retryAfterSeconds) }
      : {}),
    ...(code === 'Denied' ? { permission: permissions[operation] } : {}),
    cause: error,
  });
}

function classify(sdk: SdkError): CloudErrorCode {
  for (const candidate of [sdk.wireCode, sdk.name]) {
    const known = meanings[candidate] ?? meanings[candidate.replace(/Exception$/, '')];
    if (known !== undefined) return known;
    // EC2 names the kind of object in front: InvalidInstanceID.NotFound, InvalidGroup.NotFound, InvalidPermission.NotFound.
    if (candidate.endsWith('.NotFound')) return 'NotFound';
    if (candidate.endsWith('.Malformed')) return 'Invalid';
    if (/LimitExceeded$/.test(candidate)) return 'Quota';
  }
  if (sdk.status === 429) return 'Throttled';
  if (sdk.status === 403 || sdk.status === 401) return 'Denied';
  if (sdk.status !== undefined && sdk.status >= 500) return 'Unavailable';
  if (sdk.systemCode !== '') return 'Unavailable';
  return 'Unknown';
}

function readSdkError(error: unknown): SdkError {
  const whole = asRecord(error);
  const metadata = asRecord(whole.$metadata);
  const headers = asRecord(asRecord(whole.$response).headers);
  const retryAfter = Number(headers['retry-after']);
  return {
    name: textOf(whole.name) || 'Error',
    message: textOf(whole.message),
    wireCode: textOf(whole.Code),
    status: typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined,
    requestID: textOf(metadata.requestId) || textOf(whole.requestId) || textOf(whole.RequestId) || undefined,
    retryAfterSeconds: Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : undefined,
    systemCode: textOf(whole.code),
  };
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
