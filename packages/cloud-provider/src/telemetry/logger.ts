import type { Clock } from '../base/clock.ts';

/** Key-values of a log line. Keys are camelCase, as in klog's structured calls. */
export type LogFields = Readonly<Record<string, unknown>>;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/**
 * Structured logging: a constant message and key-values. Never throws. Values of fields whose name speaks of a token, password,
 * secret, authorization or credential are replaced; control characters are escaped, so that no value can forge a line.
 */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger whose every line carries these fields too. */
  child(fields: LogFields): Logger;
}

export interface LoggerOptions {
  /** `text` is klog's form, `json` is that of Kubernetes' JSON logging. */
  readonly format: 'text' | 'json';
  /** Lines below are dropped. */
  readonly level: LogLevel;
  /** Receives one whole line with its line feed. */
  readonly sink: (line: string) => void;
  readonly clock: Clock;
}

export declare function createLogger(options: LoggerOptions): Logger;

/** Drops everything. */
export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLogger,
};
