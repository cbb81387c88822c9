/** Where a piece of configuration went wrong and what to do about it. */
export interface ConfigFault {
  /** The file that holds it; empty for flags and the environment. */
  readonly file: string;
  /** The field, flag or key as the user writes it. */
  readonly field: string;
  /** The offending value; never a secret. */
  readonly value: string;
  /** What is wrong and what to write instead. */
  readonly fix: string;
}

/** Configuration that can't be used. The whole of it is judged before this is thrown, so that all faults are told at once. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[], options?: ErrorOptions) {
    super(faults.map(describeConfigFault).join('\n'), options);
    this.faults = faults;
  }
}

/** One line: `cloud.conf: [Global] Zone: "nowhere": a zone such as us-east-1a`. */
export function describeConfigFault(fault: ConfigFault): string {
  const place = fault.file === '' ? fault.field : `${fault.file}: ${fault.field}`;
  return `${place}: ${JSON.stringify(fault.value)}: ${fault.fix}`;
}
