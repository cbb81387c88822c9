import { type CallContext, type CloudCallGate, CloudError, type CloudScope, Duration } from '@ccm-ts/cloud-provider';
import { Pool } from 'undici';

/** The most names that one call describes. */
export const maxNamesPerCall = 100;

export interface SimInstance {
  readonly name: string;
  readonly id: string;
  readonly type: string;
  readonly zone: string;
  readonly region: string;
  readonly internalIP: string;
  readonly externalIP: string;
}

export interface SimLoadBalancer {
  readonly nodes: readonly string[];
  readonly ports: readonly number[];
  readonly address: string;
}

interface LoadBalancerPage {
  readonly loadBalancers: Readonly<Record<string, SimLoadBalancer>>;
  readonly isLast: boolean;
}

interface Request {
  readonly operation: string;
  readonly kind: 'read' | 'write';
  readonly method: 'GET' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
}

/** Speaks to cloudsim. Everything goes through the framework's gate, as in a real provider. */
export class CloudsimClient {
  readonly scope: CloudScope = { account: 'sim', region: 'r1' };
  readonly #pool: Pool;
  readonly #gate: CloudCallGate;

  constructor(url: string, gate: CloudCallGate) {
    this.#pool = new Pool(url, { connections: 64 });
    this.#gate = gate;
  }

  async describeInstances(names: readonly string[], call: CallContext): Promise<readonly SimInstance[]> {
    const path = `/instances?names=${names.join(',')}`;
    return (await this.#send(
      { operation: 'DescribeInstances', kind: 'read', method: 'GET', path },
      call,
    )) as SimInstance[];
  }

  /** Undefined when there is none. */
  async getLoadBalancer(name: string, call: CallContext): Promise<SimLoadBalancer | undefined> {
    try {
      return (await this.#send(
        { operation: 'GetLoadBalancer', kind: 'read', method: 'GET', path: `/lbs/${name}` },
        call,
      )) as SimLoadBalancer;
    } catch (error) {
      if (error instanceof CloudError && error.code === 'NotFound') return undefined;
      throw error;
    }
  }

  /** All of them, by name, page by page. */
  async listLoadBalancers(call: CallContext): Promise<ReadonlyMap<string, SimLoadBalancer>> {
    const found = new Map<string, SimLoadBalancer>();
    for (let page = 0; ; page++) {
      const path = `/lbs?page=${page}`;
      const request = { operation: 'ListLoadBalancers', kind: 'read', method: 'GET', path } as const;
      const { loadBalancers, isLast } = (await this.#send(request, call)) as LoadBalancerPage;
      for (const [name, balancer] of Object.entries(loadBalancers)) found.set(name, balancer);
      if (isLast) return found;
    }
  }

  async putLoadBalancer(
    name: string,
    balancer: Omit<SimLoadBalancer, 'address'>,
    call: CallContext,
  ): Promise<SimLoadBalancer> {
    return (await this.#send(
      { operation: 'PutLoadBalancer', kind: 'write', method: 'PUT', path: `/lbs/${name}`, body: balancer },
      call,
    )) as SimLoadBalancer;
  }

  async deleteLoadBalancer(name: string, call: CallContext): Promise<void> {
    await this.#send({ operation: 'DeleteLoadBalancer', kind: 'write', method: 'DELETE', path: `/lbs/${name}` }, call);
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  async #send(request: Request, context: CallContext): Promise<unknown> {
    const { operation, kind } = request;
    const cloudCall = { apiGroup: 'sim', operation, scope: this.scope, kind };
    return await this.#gate.run(cloudCall, context, (signal) => this.#exchange(request, signal));
  }

  async #exchange(request: Request, signal: AbortSignal): Promise<unknown> {
    const { operation, method, path, body } = request;
    let response;
    try {
      response = await this.#pool.request({
        method,
        path,
        signal,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (cause) {
      throw new CloudError('Unavailable', `${operation} did not get an answer`, { operation, cause });
    }
    const text = await response.body.text();
    switch (response.statusCode) {
      case 200:
        return text === '' ? undefined : (JSON.parse(text) as unknown);
      case 404:
        throw new CloudError('NotFound', `${operation}: there is no ${path}`, { operation });
      case 429: {
        const retryAfter = Duration.seconds(Number(response.headers['retry-after'] ?? 1));
        throw new CloudError('Throttled', `${operation} was throttled`, { operation, retryAfter });
      }
      default:
        throw new CloudError('Unknown', `${operation} answered ${response.statusCode}: ${text}`, { operation });
    }
  }
}
