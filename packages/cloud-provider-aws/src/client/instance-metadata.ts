import { type Clock, CloudError, Duration } from '@ccm-ts/cloud-provider';

/** What the machine that the manager runs on can be asked. */
export interface InstanceMetadataPort {
  /**
   * The text behind the path below `/latest/meta-data/`; undefined when the service knows no such path.
   * @throws CloudError `Unavailable` when the service does not answer as it should
   */
  read(path: string, signal: AbortSignal): Promise<string | undefined>;
}

export interface InstanceMetadataOptions {
  /** @default the link-local address that all instances have */
  readonly url?: string;
  readonly clock: Clock;
}

const defaultURL = 'http://169.254.169.254';
/** The service answers within milliseconds, or not at all: a token's answer may not travel into a container. */
const answerTimeout = Duration.seconds(1);
const attempts = 3;
const tokenLife = Duration.hours(6);

/** The instance metadata service in its second version, with one token for all questions. */
export class InstanceMetadata implements InstanceMetadataPort {
  readonly #url: string;
  readonly #clock: Clock;
  #token: Promise<string> | undefined;

  constructor(options: InstanceMetadataOptions) {
    this.#url = (options.url ?? defaultURL).replace(/\/+$/, '');
    this.#clock = options.clock;
  }

  async read(path: string, signal: AbortSignal): Promise<string | undefined> {
    this.#token ??= this.#readToken(signal);
    const token = await this.#token;
    const answer = await this.#send(`meta-data/${path}`, { headers: { 'x-aws-ec2-metadata-token': token } }, signal);
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw refused(path, answer.status);
    return answer.text.trim();
  }

  async #readToken(signal: AbortSignal): Promise<string> {
    const headers = { 'x-aws-ec2-metadata-token-ttl-seconds': String(tokenLife.seconds) };
    const { status, text } = await this.#send('api/token', { method: 'PUT', headers }, signal);
    if (status !== 200) throw refused('api/token', status);
    return text;
  }

  async #send(
    path: string,
    init: { readonly method?: string; readonly headers: Readonly<Record<string, string>> },
    signal: AbortSignal,
  ): Promise<{ readonly status: number; readonly text: string }> {
    let cause: unknown;
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      const late = new AbortController();
      const cancel = this.#clock.schedule(answerTimeout, () => late.abort(new Error('no answer within a second')));
      try {
        const response = await fetch(`${this.#url}/latest/${path}`, {
          ...init,
          redirect: 'error',
          signal: AbortSignal.any([signal, late.signal]),
        });
        const text = await response.text();
        if (response.status < 500) return { status: response.status, text };
        cause = new Error(`status ${response.status}`);
      } catch (error) {
        signal.throwIfAborted();
        cause = error;
      } finally {
        cancel();
      }
    }
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `the instance metadata service at ${this.#url} does not answer: ${reason}`;
    throw new CloudError('Unavailable', message, { operation: path, cause });
  }
}

function refused(path: string, status: number): CloudError {
  return new CloudError('Unavailable', `the instance metadata service answers ${path} with status ${status}`);
}
