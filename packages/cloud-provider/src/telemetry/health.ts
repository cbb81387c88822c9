/** What a check found. The reason is shown to operators in the log, never over HTTP, as in the Go managers. */
export type Health = { readonly kind: 'healthy' } | { readonly kind: 'unhealthy'; readonly reason: string };

export const healthy: Health = { kind: 'healthy' };

export function unhealthy(reason: string): Health {
  return { kind: 'unhealthy', reason };
}

export interface HealthReportOptions {
  /** Show each check also when all are healthy. @default false */
  readonly verbose?: boolean;
  /** Names of checks to leave out. */
  readonly exclude?: readonly string[];
}

export interface HealthReport {
  readonly healthy: boolean;
  /** Go's text form: `ok`, or a line for each check. Without reasons, so it may be shown to anybody. */
  readonly text: string;
  /** What failed and why. For the log only. */
  readonly failures: readonly { readonly name: string; readonly reason: string }[];
}

/**
 * The checks behind one of `/healthz`, `/livez` and `/readyz`.
 * Source of the text form: k8s.io/apiserver pkg/server/healthz/healthz.go.
 */
export class HealthChecks {
  /** Its name as it stands in the report. */
  readonly endpoint: string;
  readonly #checks = new Map<string, () => Health>();
  readonly #observers: ((name: string, health: Health) => void)[] = [];

  /** @param endpoint its name as it stands in the report, for example `healthz` */
  constructor(endpoint: string) {
    this.endpoint = endpoint;
  }

  /** The names of the checks in the order in which they were added. */
  get names(): readonly string[] {
    return [...this.#checks.keys()];
  }

  /** A check that throws is unhealthy. A second check of a name replaces the first. The returned function removes it. */
  add(name: string, check: () => Health): () => void {
    this.#checks.set(name, check);
    return () => {
      if (this.#checks.get(name) === check) this.#checks.delete(name);
    };
  }

  /** Is told of every answer of every check from now on. It must not throw. */
  observe(observer: (name: string, health: Health) => void): void {
    this.#observers.push(observer);
  }

  /** Runs one check; undefined when there is none of that name. */
  check(name: string): Health | undefined {
    const check = this.#checks.get(name);
    return check && this.#run(name, check);
  }

  /** Runs all checks that are not excluded. Without any check it is healthy. */
  report(options: HealthReportOptions = {}): HealthReport {
    const excluded = new Set(options.exclude);
    const lines: string[] = [];
    const failures: { name: string; reason: string }[] = [];
    for (const [name, check] of this.#checks) {
      if (excluded.delete(name)) {
        lines.push(`[+]${name} excluded: ok`);
        continue;
      }
      const health = this.#run(name, check);
      if (health.kind === 'healthy') {
        lines.push(`[+]${name} ok`);
        continue;
      }
      lines.push(`[-]${name} failed: reason withheld`);
      failures.push({ name, reason: health.reason });
    }
    if (excluded.size > 0) {
      const names = [...excluded].sort().map((name) => JSON.stringify(name));
      lines.push(`warn: some health checks cannot be excluded: no matches for ${names.join(', ')}`);
    }
    const isHealthy = failures.length === 0;
    lines.push(`${this.endpoint} check ${isHealthy ? 'passed' : 'failed'}`);
    const isShort = isHealthy && options.verbose !== true;
    return { healthy: isHealthy, text: isShort ? 'ok' : `${lines.join('\n')}\n`, failures };
  }

  #run(name: string, check: () => Health): Health {
    const health = runCheck(check);
    for (const observe of this.#observers) observe(name, health);
    return health;
  }
}

function runCheck(check: () => Health): Health {
  try {
    return check();
  } catch (error) {
    return unhealthy(error instanceof Error ? error.message : String(error));
  }
}
