/** What a check found. The reason is shown to operators in the log, never over HTTP, as in the Go managers. */
export type Health = { readonly kind: 'healthy' } | { readonly kind: 'unhealthy'; readonly reason: string };

export const healthy: Health = { kind: 'healthy' };

export function unhealthy(reason: string): Health {
  return { kind: 'unhealthy', reason };
}

export interface HealthReportOptions {
  /** Show each check also when all are healthy. */
  readonly verbose?: boolean;
  /** Names of checks to leave out. */
  readonly exclude?: readonly string[];
}

export interface HealthReport {
  readonly healthy: boolean;
  /** Go's text form: `ok`, or a line for each check. */
  readonly text: string;
}

/** The checks behind one of `/healthz`, `/livez` and `/readyz`. */
export declare class HealthChecks {
  /** @param name of the endpoint, for example `healthz` */
  constructor(name: string);
  /** The returned function removes the check. A check that throws is unhealthy. */
  add(name: string, check: () => Health): () => void;
  report(options?: HealthReportOptions): HealthReport;
}
