import { Pool } from 'undici';

/** A request that the API server did not grant. */
export class ClusterRequestError extends Error {
  override readonly name = 'ClusterRequestError';
  /** The HTTP status. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Where a kind of object lives: `/api/v1/nodes`, `/api/v1/namespaces/default/services`. */
export type CollectionPath = `/api${string}`;

/**
 * An API server by plain HTTP, as kubelets and users reach it. It shares no code with the manager's own client, so that what
 * it reads is no echo of what the manager believes.
 */
export class ClusterHTTP {
  readonly #pool: Pool;

  constructor(url: string) {
    this.#pool = new Pool(url, { connections: 16 });
  }

  /** Every object of the collection, page by page. */
  async list(path: CollectionPath, signal: AbortSignal): Promise<readonly unknown[]> {
    const items: unknown[] = [];
    let token = '';
    do {
      const page = token === '' ? '' : `&continue=${encodeURIComponent(token)}`;
      const body = await this.#send({ method: 'GET', path: `${path}?limit=500${page}`, signal });
      const list = body as { readonly items: readonly unknown[]; readonly metadata: { readonly continue?: string } };
      for (const item of list.items) items.push(item);
      token = list.metadata.continue ?? '';
    } while (token !== '');
    return items;
  }

  get(path: CollectionPath, name: string, signal: AbortSignal): Promise<unknown> {
    return this.#send({ method: 'GET', path: `${path}/${name}`, signal });
  }

  create(path: CollectionPath, object: unknown, signal: AbortSignal): Promise<unknown> {
    return this.#send({ method: 'POST', path, signal, contentType: 'application/json', body: object });
  }

  /** A strategic merge patch of the status. */
  patchStatus(
    path: CollectionPath,
    name: string,
    patch: { readonly body: unknown; readonly signal: AbortSignal },
  ): Promise<unknown> {
    const contentType = 'application/strategic-merge-patch+json';
    return this.#send({ method: 'PATCH', path: `${path}/${name}/status`, contentType, ...patch });
  }

  async delete(path: CollectionPath, name: string, signal: AbortSignal): Promise<void> {
    await this.#send({ method: 'DELETE', path: `${path}/${name}`, signal });
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }

  async #send(request: {
    readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
    readonly path: string;
    readonly signal: AbortSignal;
    readonly contentType?: string;
    readonly body?: unknown;
  }): Promise<unknown> {
    const { method, path, signal, contentType, body } = request;
    const response = await this.#pool.request({
      method,
      path,
      signal,
      headers: { accept: 'application/json', ...(contentType !== undefined && { 'content-type': contentType }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const answer = (await response.body.json()) as { readonly message?: string };
    if (response.statusCode >= 300) {
      throw new ClusterRequestError(response.statusCode, `${method} ${path}: ${answer.message ?? 'no message'}`);
    }
    return answer;
  }
}
