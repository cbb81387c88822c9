import { once, EventEmitter } from 'node:events';
import type { Contestant, ContestantRequest, Ground } from './ground.ts';

/** Short, because the time is real; long enough for a busy machine. */
export const election = { leaseSeconds: 8, renewDeadlineSeconds: 5, retrySeconds: 1 } as const;

const electionFlags = [
  `--leader-elect-lease-duration=${election.leaseSeconds}s`,
  `--leader-elect-renew-deadline=${election.renewDeadlineSeconds}s`,
  `--leader-elect-retry-period=${election.retrySeconds}s`,
];

const leasePath = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases';

/** A manager that takes part in the election, with everything that it ever asked for. */
export class Replica implements AsyncDisposable {
  readonly contestant: Contestant;
  readonly requests: ContestantRequest[];
  readonly #arrivals: EventEmitter;

  private constructor(contestant: Contestant, requests: ContestantRequest[], arrivals: EventEmitter) {
    this.contestant = contestant;
    this.requests = requests;
    this.#arrivals = arrivals;
  }

  static async launch(ground: Ground, name: string): Promise<Replica> {
    const requests: ContestantRequest[] = [];
    const arrivals = new EventEmitter();
    const contestant = await ground.launch(name, {
      flags: electionFlags,
      onRequest: (request) => {
        requests.push(request);
        arrivals.emit('request', request);
      },
    });
    return new Replica(contestant, requests, arrivals);
  }

  get name(): string {
    return this.contestant.name;
  }

  /** When the API server got the last renewal that it granted; undefined when it never led. */
  get lastRenewal(): number | undefined {
    return this.requests.findLast(
      ({ to, seen }) =>
        to === 'cluster' && seen.method !== 'GET' && seen.path.startsWith(leasePath) && isGranted(seen.status),
    )?.seen.at;
  }

  /** The writes to cloud and cluster, those of the lease and of Events left out. */
  get writes(): readonly ContestantRequest[] {
    return this.requests.filter(isWork);
  }

  /** Nothing may be sent any more after this moment. */
  get deadline(): number {
    return (this.lastRenewal ?? Number.POSITIVE_INFINITY) + election.renewDeadlineSeconds * 1000;
  }

  /** Waits for a request that fits and is only now arriving. What follows runs before the request goes any further. */
  async arrival(fits: (request: ContestantRequest) => boolean, signal: AbortSignal, then: () => void): Promise<void> {
    for (;;) {
      const caught = new Promise<boolean>((resolve) => {
        this.#arrivals.once('request', (request: ContestantRequest) => {
          const isIt = fits(request);
          if (isIt) then();
          resolve(isIt);
        });
      });
      const aborted = once(signal, 'abort').then((): never => signal.throwIfAborted() as never);
      if (await Promise.race([caught, aborted])) return;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.contestant[Symbol.asyncDispose]();
  }
}

/** Whether a request changes something that the manager is there for. */
export function isWork({ to, seen }: ContestantRequest): boolean {
  if (to === 'cloud') return !/^\/v1\/(Get|List|Describe)/.test(seen.path);
  const isRead = seen.method === 'GET';
  return !isRead && !/\/(leases|events|tokenreviews|subjectaccessreviews)(\/|\?|$)/.test(seen.path);
}

function isGranted(status: number): boolean {
  return status >= 200 && status < 300;
}
