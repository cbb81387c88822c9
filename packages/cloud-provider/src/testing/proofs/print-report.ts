/** What every proof comes to. */
export interface ProofReport {
  readonly proof: string;
  /** How many cases were tried. */
  readonly points: number;
  /** One line for each that did not go as it must. */
  readonly failures: readonly string[];
}

/** Prints the one JSON line of a proof, with the failures counted. */
export function printReport(report: ProofReport): void {
  process.stdout.write(`${JSON.stringify({ ...report, failures: report.failures.length })}\n`);
}
