import type { ApiObject } from './api-object.ts';
import type { Json } from './json.ts';
import type { Verb } from './resource.ts';

/** A request as far as it can be told before its body is read. */
export interface RequestFacts {
  readonly verb: Verb;
  /** The plural. */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
  readonly userAgent: string;
}

/** One write in the order in which the server did it; refused writes and dry runs are not here. */
export interface LoggedWrite extends RequestFacts {
  /** From 1, without gaps. */
  readonly sequence: number;
  readonly at: Date;
  /** False when the write said nothing new. */
  readonly changed: boolean;
  /** What a PATCH carried; undefined for other writes. */
  readonly patch: Json | undefined;
  /** The object afterwards; for a deletion its last state. */
  readonly object: ApiObject;
}

const keptWrites = 100_000;

/** The writes that a server did, oldest first: the latest 100,000 at least. */
export class WriteLog {
  #entries: LoggedWrite[] = [];
  #written = 0;

  get entries(): readonly LoggedWrite[] {
    return this.#entries;
  }

  append(entry: Omit<LoggedWrite, 'sequence'>): void {
    this.#written += 1;
    this.#entries.push({ sequence: this.#written, ...entry });
    if (this.#entries.length >= keptWrites * 2) this.#entries = this.#entries.slice(-keptWrites);
  }

  /** The writes that fit every given property. */
  find(filter: Partial<RequestFacts>): readonly LoggedWrite[] {
    return this.#entries.filter((entry) => matchesFacts(filter, entry));
  }
}

/** True when the request has every property of the filter. */
export function matchesFacts(filter: Partial<RequestFacts>, facts: RequestFacts): boolean {
  for (const name of ['verb', 'resource', 'namespace', 'name', 'subresource', 'userAgent'] as const) {
    const wanted = filter[name];
    if (wanted !== undefined && wanted !== facts[name]) return false;
  }
  return true;
}

/** How often something was asked for. */
export interface RequestCount extends Omit<RequestFacts, 'name' | 'namespace'> {
  /** The HTTP code of the answer; 0 when the connection was cut instead. */
  readonly code: number;
  readonly count: number;
}

type CountFilter = Partial<Omit<RequestCount, 'count'>>;

/** Counts requests by verb, resource, client and answer. Requests through the in-memory store are not counted. */
export class RequestCounters {
  readonly #counts = new Map<string, RequestCount>();

  record(facts: RequestFacts, code: number): void {
    const { verb, resource, subresource, userAgent } = facts;
    const key = [verb, resource, subresource, userAgent, code].join('\n');
    const count = (this.#counts.get(key)?.count ?? 0) + 1;
    this.#counts.set(key, { verb, resource, subresource, userAgent, code, count });
  }

  /** The sum of all requests that fit every given property. */
  count(filter: CountFilter = {}): number {
    let sum = 0;
    for (const entry of this.#counts.values()) {
      const fits = (['verb', 'resource', 'subresource', 'userAgent', 'code'] as const).every(
        (name) => filter[name] === undefined || filter[name] === entry[name],
      );
      if (fits) sum += entry.count;
    }
    return sum;
  }

  all(): readonly RequestCount[] {
    return [...this.#counts.values()];
  }

  reset(): void {
    this.#counts.clear();
  }
}
