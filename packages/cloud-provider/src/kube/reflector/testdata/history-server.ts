import type { ServerResponse } from 'node:http';
import { refuse, reply, type Script, ScriptedServer, type SeenRequest } from '../../client/testdata/scripted-server.ts';

/** One write, as a watch tells of it. */
export interface HistoryEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly name: string;
  readonly uid: string;
  readonly version: number;
}

export type RequestFault = 'expired' | 'busy' | 'unavailable' | 'broken' | 'refused' | 'garbage' | 'short list';
export type StreamFault = 'cut' | 'end' | 'expired' | 'error' | 'garbage' | 'half a line' | 'repeat' | 'bookmark';

interface Stream {
  readonly response: ServerResponse;
}

const newest = 1_000_000;

/** Nodes with a write history, served by list and watch the way an API server does, with faults when told. */
export class HistoryServer implements AsyncDisposable {
  readonly http: ScriptedServer;
  readonly history: HistoryEvent[] = [];
  /** What the next requests meet, one each. */
  readonly requestFaults: RequestFault[] = [];
  hasStreamingLists = true;
  /** How many writes a list from any version (`0`) lags behind. */
  lag = 0;
  listed = 0;
  #version = 1000;
  #compactedAt = 1000;
  #uids = 0;
  #streams: Stream[] = [];

  private constructor(http: ScriptedServer) {
    this.http = http;
  }

  static async start(): Promise<HistoryServer> {
    const http = await ScriptedServer.start(() => {});
    const server = new HistoryServer(http);
    http.follow(server.#serve);
    return server;
  }

  get version(): number {
    return this.#version;
  }

  /** Creates the object, or changes it. */
  put(name: string): void {
    const known = this.state().get(name);
    this.#write({
      type: known === undefined ? 'ADDED' : 'MODIFIED',
      name,
      uid: known?.uid ?? `uid-${++this.#uids}`,
      version: ++this.#version,
    });
  }

  remove(name: string): void {
    const known = this.state().get(name);
    if (known !== undefined) this.#write({ type: 'DELETED', name, uid: known.uid, version: ++this.#version });
  }

  /** Forgets the history: a watch from before has expired. */
  compact(): void {
    this.#compactedAt = this.#version;
  }

  /** What there is, at a version. */
  state(version: number = newest): Map<string, HistoryEvent> {
    const state = new Map<string, HistoryEvent>();
    for (const event of this.history) {
      if (event.version > version) break;
      if (event.type === 'DELETED') state.delete(event.name);
      else state.set(event.name, event);
    }
    return state;
  }

  get openStreams(): number {
    return this.#streams.length;
  }

  disturb(fault: StreamFault): void {
    const streams = this.#streams;
    if (fault !== 'repeat' && fault !== 'bookmark') this.#streams = [];
    for (const stream of streams) this.#disturb(stream.response, fault);
  }

  /** Leaves the open streams open and never writes to them again. */
  silence(): void {
    this.#streams = [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.http[Symbol.asyncDispose]();
  }

  readonly #serve: Script = (request, response) => {
    const fault = this.requestFaults.shift();
    if (fault !== undefined && this.#meet(fault, response)) return;
    if (request.query.get('watch') !== '1') this.#list(request, response, fault === 'short list');
    else if (request.query.get('sendInitialEvents') === 'true') this.#streamList(request, response);
    else this.#watch(request, response);
  };

  #meet(fault: RequestFault, response: ServerResponse): boolean {
    switch (fault) {
      case 'expired':
        refuse(response, 410, 'Expired');
        return true;
      case 'busy':
        refuse(response, 429, 'TooManyRequests', { headers: { 'retry-after': '1' } });
        return true;
      case 'unavailable':
        refuse(response, 503, 'ServiceUnavailable');
        return true;
      case 'broken':
        refuse(response, 500, 'InternalError');
        return true;
      case 'refused':
        response.socket?.destroy();
        return true;
      case 'garbage':
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end('<html>not here</html>\n');
        return true;
      case 'short list':
        return false;
    }
  }

  #list(request: SeenRequest, response: ServerResponse, isShort: boolean): void {
    this.listed++;
    const version = this.#versionFor(request);
    const items = [...this.state(version).values()].map(wireOf);
    const body = JSON.stringify({ kind: 'NodeList', apiVersion: 'v1', metadata: { resourceVersion: String(version) }, items });
    if (!isShort) {
      reply(response, 200, JSON.parse(body));
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write(body.slice(0, Math.floor(body.length / 2)), () => response.socket?.destroy());
  }

  #streamList(request: SeenRequest, response: ServerResponse): void {
    if (!this.hasStreamingLists) {
      refuse(response, 422, 'Invalid');
      return;
    }
    this.listed++;
    const version = this.#versionFor(request);
    response.writeHead(200, { 'content-type': 'application/json' });
    for (const event of this.state(version).values()) response.write(line('ADDED', wireOf(event)));
    const annotations = { 'k8s.io/initial-events-end': 'true' };
    response.write(line('BOOKMARK', { metadata: { resourceVersion: String(version), annotations } }));
    this.#tail(response, version);
  }

  #watch(request: SeenRequest, response: ServerResponse): void {
    const from = Number(request.query.get('resourceVersion'));
    if (from < this.#compactedAt) {
      refuse(response, 410, 'Expired');
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    this.#tail(response, from);
  }

  #tail(response: ServerResponse, from: number): void {
    for (const event of this.history) {
      if (event.version > from) response.write(line(event.type, wireOf(event)));
    }
    this.#streams.push({ response });
    response.on('close', () => {
      this.#streams = this.#streams.filter((stream) => stream.response !== response);
    });
  }

  #versionFor(request: SeenRequest): number {
    if (request.query.get('resourceVersion') !== '0' || this.lag === 0) return this.#version;
    return Math.max(this.#compactedAt, this.#version - this.lag);
  }

  #write(event: HistoryEvent): void {
    this.history.push(event);
    for (const { response } of this.#streams) response.write(line(event.type, wireOf(event)));
  }

  #disturb(response: ServerResponse, fault: StreamFault): void {
    switch (fault) {
      case 'cut':
        response.socket?.destroy();
        return;
      case 'end':
        response.end();
        return;
      case 'expired':
        response.end(line('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' }));
        return;
      case 'error':
        response.end(line('ERROR', { kind: 'Status', code: 500, reason: 'InternalError', message: 'etcd' }));
        return;
      case 'garbage':
        response.write('}{ garbage\n');
        return;
      case 'half a line':
        response.write('{"type":"ADDED","object":{"metadata":{"name":"gh', () => response.socket?.destroy());
        return;
      case 'repeat':
        for (const event of this.history) response.write(line(event.type, wireOf(event)));
        return;
      case 'bookmark':
        response.write(line('BOOKMARK', { metadata: { resourceVersion: String(this.#version) } }));
        return;
    }
  }
}

function wireOf(event: HistoryEvent): object {
  return {
    kind: 'Node',
    apiVersion: 'v1',
    metadata: { name: event.name, uid: event.uid, resourceVersion: String(event.version) },
    spec: { providerID: `version-${event.version}` },
  };
}

function line(type: string, object: object): string {
  return `${JSON.stringify({ type, object })}\n`;
}
