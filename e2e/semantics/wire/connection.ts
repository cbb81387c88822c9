import { readFileSync } from 'node:fs';
import { Pool } from 'undici';
import { readAccess } from '../../kube-apiserver/kubeconfig.ts';
import { WatchStream } from './watch-stream.ts';
import type { WireList, WireObject, WireStatus } from './objects.ts';

/** The variable that names the kubeconfig of the server under test: all that a test file learns about it. */
export const kubeconfigVariable = 'CCM_TS_E2E_KUBECONFIG';

export type Query = Readonly<Record<string, string | number | boolean>>;

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

export interface SendOptions {
  readonly query?: Query;
  readonly body?: unknown;
  /** @default application/json */
  readonly contentType?: string;
  /** @default application/json */
  readonly accept?: string;
}

export type PatchKind = 'merge' | 'strategic' | 'json';

const patchTypes: Readonly<Record<PatchKind, string>> = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
};

/** Speaks HTTP to an API server with nothing in between that could smooth over what the server does. */
export class Connection {
  readonly #pool: Pool;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(kubeconfig: string) {
    const access = readAccess(readFileSync(kubeconfig, 'utf8'));
    this.#pool = new Pool(access.url, {
      connections: 32,
      pipelining: 1,
      bodyTimeout: 0,
      ...(access.certificateAuthority ? { connect: { ca: access.certificateAuthority } } : {}),
    });
    this.#headers = {
      'user-agent': 'ccm-ts-e2e',
      ...(access.token ? { authorization: `Bearer ${access.token}` } : {}),
    };
  }

  /** Sends any request; the body of the reply is parsed when it is one JSON value. */
  async send(method: string, path: string, options: SendOptions = {}): Promise<Reply> {
    const { body } = options;
    const response = await this.#pool.request({
      method,
      path: pathWithQuery(path, options.query),
      headers: {
        ...this.#headers,
        accept: options.accept ?? 'application/json',
        ...(body === undefined ? {} : { 'content-type': options.contentType ?? 'application/json' }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.body.text();
    return { status: response.statusCode, headers: response.headers, body: parsed(text) };
  }

  async get(path: string, query?: Query): Promise<WireObject> {
    return (await this.#expect(200, 'GET', path, query ? { query } : {})) as WireObject;
  }

  async list(path: string, query?: Query): Promise<WireList> {
    return (await this.#expect(200, 'GET', path, query ? { query } : {})) as WireList;
  }

  async create(path: string, body: unknown, query?: Query): Promise<WireObject> {
    return (await this.#expect(201, 'POST', path, { body, ...(query ? { query } : {}) })) as WireObject;
  }

  async update(path: string, body: unknown): Promise<WireObject> {
    return (await this.#expect(200, 'PUT', path, { body })) as WireObject;
  }

  async patch(kind: PatchKind, path: string, body: unknown): Promise<WireObject> {
    return (await this.#expect(200, 'PATCH', path, { body, contentType: patchTypes[kind] })) as WireObject;
  }

  async delete(path: string, body?: unknown): Promise<WireObject> {
    return (await this.#expect(200, 'DELETE', path, body === undefined ? {} : { body })) as WireObject;
  }

  /** A patch that is expected to be refused. */
  async refusedPatch(status: number, kind: PatchKind, at: { path: string; body: unknown }): Promise<WireStatus> {
    return await this.refused(status, 'PATCH', at.path, { body: at.body, contentType: patchTypes[kind] });
  }

  /** A request that is expected to be refused with that code; gives the Status. */
  async refused(status: number, method: string, path: string, options: SendOptions = {}): Promise<WireStatus> {
    const body = (await this.#expect(status, method, path, options)) as WireStatus;
    if (body.kind !== 'Status' || body.status !== 'Failure' || body.code !== status) {
      throw new Error(`${method} ${path} answered ${status} without a matching Status: ${JSON.stringify(body)}`);
    }
    return body;
  }

  /** Opens a watch; resolves once the server has answered with its headers. */
  async watch(path: string, query: Query = {}, accept = 'application/json'): Promise<WatchStream> {
    const abort = new AbortController();
    const response = await this.#pool.request({
      method: 'GET',
      path: pathWithQuery(path, { ...query, watch: true }),
      headers: { ...this.#headers, accept },
      signal: abort.signal,
    });
    if (response.statusCode !== 200) {
      const text = await response.body.text();
      throw new Error(`watching ${path} answered ${response.statusCode}: ${text}`);
    }
    return new WatchStream(response.body, abort);
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  async #expect(status: number, method: string, path: string, options: SendOptions): Promise<unknown> {
    const reply = await this.send(method, path, options);
    if (reply.status !== status) {
      throw new Error(
        `${method} ${pathWithQuery(path, options.query)} answered ${reply.status}, not ${status}: ${JSON.stringify(reply.body)}`,
      );
    }
    return reply.body;
  }
}

function pathWithQuery(path: string, query: Query | undefined): string {
  if (query === undefined || Object.keys(query).length === 0) return path;
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) search.set(key, String(value));
  return `${path}?${search.toString()}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
