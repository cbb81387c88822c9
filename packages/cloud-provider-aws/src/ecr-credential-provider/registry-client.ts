import { Agent as PlainAgent, request as requestPlainly, type IncomingMessage } from 'node:http';
import { Agent, request as requestSafely } from 'node:https';
import type { AwsCredentials, CredentialSource } from './credential-source.ts';
import type { RegistryLogin } from './credential-response.ts';
import type { ImageRegistry } from './image-registry.ts';
import { type Environment, registryApi, type RegistryApi } from './registry-api.ts';
import { signRequest } from './sign-request.ts';

/** Time, as the plugin sees it. */
export interface PluginClock {
  now(): Date;
  /** Resolves after so many milliseconds. */
  wait(milliseconds: number): Promise<void>;
}

export interface LoginRequest {
  readonly registry: ImageRegistry;
  readonly credentials: CredentialSource;
  readonly environment: Environment;
  readonly clock: PluginClock;
}

/** As many attempts as the Go plugin's SDK makes. */
const attempts = 3;
const firstWaitMilliseconds = 200;
/** Three times this is less than the minute in which kubelet wants its answer. */
const requestTimeoutMilliseconds = 15_000;
/** A clock that is further off is not the network's fault; AWS lets five minutes pass. */
const tolerableSkewMilliseconds = 4 * 60_000;

/**
 * Asks ECR for a name and a password.
 * @throws Error that says what to do when ECR refuses, does not answer in three attempts or answers without a login
 */
export async function requestLogin({
  clock,
  credentials,
  environment,
  registry,
}: LoginRequest): Promise<RegistryLogin> {
  const api = registryApi(registry, environment);
  const identity = await credentials(registry.region);
  let skew = 0;
  for (let attempt = 1; ; attempt += 1) {
    const time = new Date(clock.now().getTime() + skew);
    const answer = await send(api, { identity, region: registry.region, time, environment });
    if (answer.status === 200) return readLogin(answer.body, registry);
    const offBy = answer.date === undefined ? 0 : answer.date.getTime() - clock.now().getTime();
    const isSkewed = isAboutTime(answer) && Math.abs(offBy - skew) > tolerableSkewMilliseconds;
    if (attempt === attempts || !(isSkewed || isPassing(answer))) throw refusal(answer, api, registry);
    if (isSkewed) skew = offBy;
    else await clock.wait(firstWaitMilliseconds * 2 ** (attempt - 1));
  }
}

interface Answer {
  /** Zero when none came. */
  readonly status: number;
  readonly body: string;
  /** When the service says it is. */
  readonly date?: Date;
}

interface Sending {
  readonly identity: AwsCredentials;
  readonly region: string;
  readonly time: Date;
  readonly environment: Environment;
}

function send(api: RegistryApi, { environment, identity, region, time }: Sending): Promise<Answer> {
  const { body, signingName, target, url } = api;
  const plain = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target };
  const headers = signRequest(
    { method: 'POST', url, headers: plain, body },
    { ...identity, region, service: signingName, time },
  );
  // Nodes behind a proxy are told so by HTTPS_PROXY and NO_PROXY, which the Go plugin heeds too.
  const proxied = { proxyEnv: { ...environment } };
  const signal = AbortSignal.timeout(requestTimeoutMilliseconds);
  const length = { 'content-length': String(Buffer.byteLength(body)) };
  const options = { method: 'POST', headers: { ...headers, ...length }, signal };
  return new Promise<Answer>((resolve) => {
    const lost = (error: Error): void => resolve({ status: 0, body: describe(error) });
    const read = (response: IncomingMessage): void => {
      let text = '';
      response.setEncoding('utf8').on('data', (more: string) => (text += more));
      response.on('error', lost).on('end', () => resolve(answerOf(response, text)));
    };
    const request =
      url.protocol === 'http:'
        ? requestPlainly(url, { ...options, agent: new PlainAgent(proxied) }, read)
        : requestSafely(url, { ...options, agent: new Agent(proxied) }, read);
    request.on('error', lost).end(body);
  });
}

function answerOf(response: IncomingMessage, body: string): Answer {
  const date = new Date(response.headers.date ?? '');
  return { status: response.statusCode ?? 0, body, ...(Number.isNaN(date.getTime()) ? {} : { date }) };
}

function describe(error: Error): string {
  if (error.name === 'TimeoutError') return `no answer within ${requestTimeoutMilliseconds / 1000} s`;
  return error.message === '' && 'code' in error ? String(error.code) : error.message;
}

/** Whether the same may well be answered a moment later. */
function isPassing({ body, status }: Answer): boolean {
  return (
    status === 0 ||
    status === 429 ||
    status >= 500 ||
    /Throttl|TooManyRequests|RequestLimitExceeded/.test(faultOf(body).code)
  );
}

/** What AWS calls signatures of another time. */
function isAboutTime({ body, status }: Answer): boolean {
  return status >= 400 && /Signature|Skewed|Expired|InTheFuture|AuthFailure/.test(faultOf(body).code);
}

function refusal({ body, status }: Answer, { target, url }: RegistryApi, registry: ImageRegistry): Error {
  const operation = `${target.split('.')[1]} of ${url.host}`;
  if (status === 0) return new Error(`${operation}: ${body}`);
  const { code, message } = faultOf(body);
  const action =
    registry.kind === 'public'
      ? 'ecr-public:GetAuthorizationToken and sts:GetServiceBearerToken'
      : 'ecr:GetAuthorizationToken';
  const fix = /AccessDenied|NotAuthorized/.test(code)
    ? `; allow ${action} to the role of the node or of the service account`
    : '';
  return new Error(`${operation} answered ${status} ${code}: ${message}${fix}`);
}

function faultOf(body: string): { readonly code: string; readonly message: string } {
  const { __type: type, message, Message: other } = parseObject(body);
  const code = typeof type === 'string' ? type.slice(type.lastIndexOf('#') + 1) : 'no code';
  const words = message ?? other;
  return { code, message: typeof words === 'string' ? words : 'no message' };
}

function readLogin(body: string, registry: ImageRegistry): RegistryLogin {
  const { authorizationData } = parseObject(body);
  const data: unknown = Array.isArray(authorizationData) ? authorizationData[0] : authorizationData;
  if (typeof data !== 'object' || data === null) throw new Error(`ECR gave no authorization for ${registry.host}`);
  const { authorizationToken: token, expiresAt } = data as {
    readonly authorizationToken?: unknown;
    readonly expiresAt?: unknown;
  };
  if (typeof token !== 'string' || token === '') throw new Error(`ECR gave no token for ${registry.host}`);
  const decoded = Buffer.from(token, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  if (colon < 0) throw new Error(`ECR gave a token for ${registry.host} that is no name and password`);
  return {
    username: decoded.slice(0, colon),
    password: decoded.slice(colon + 1),
    // Seconds since 1970.
    ...(typeof expiresAt === 'number' ? { expiresAt: new Date(expiresAt * 1000) } : {}),
  };
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}
