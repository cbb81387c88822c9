import type { Clock } from '../base/clock.ts';
import { jsonLine } from './log-json.ts';
import { textLine } from './log-text.ts';
import { loggable } from './loggable.ts';

/** Key-values of a log line. Keys are camelCase, as in klog's structured calls; an error is under `err`. */
export type LogFields = Readonly<Record<string, unknown>>;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/**
 * Structured logging: a constant message and key-values. Never throws. Values of fields whose name speaks of a token,
 * password, secret, authorization or credential are replaced; control characters are escaped, so that no value can forge
 * a line.
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
  /** `text` is klog's form, `json` that of Kubernetes' JSON logging. */
  readonly format: 'text' | 'json';
  /** Lines below it are dropped, but for loggers that `levelFor` gives another one. A function is asked for each line. */
  readonly level: LogLevel | (() => LogLevel);
  /** The level for loggers of a controller or component of this name. @default that of all */
  readonly levelFor?: (name: string) => LogLevel | undefined;
  /** Receives one whole line with its line feed. An error that it throws is ignored: there is nowhere left to say it. */
  readonly sink: (line: string) => void;
  readonly clock: Clock;
}

/** One line before it is written down. */
export interface LogRecord {
  readonly level: LogLevel;
  readonly time: Date;
  readonly message: string;
  /** Made safe: plain JSON values without secrets. */
  readonly fields: readonly (readonly [string, unknown])[];
}

const severity: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

export function createLogger(options: LoggerOptions): Logger {
  const { level } = options;
  return loggerWith(options, [], typeof level === 'function' ? level : () => level);
}

function loggerWith(options: LoggerOptions, inherited: LogRecord['fields'], lowest: () => LogLevel): Logger {
  const format = options.format === 'json' ? jsonLine : textLine;
  const write = (level: LogLevel, message: string, fields: LogFields | undefined): void => {
    if (severity[level] < severity[lowest()]) return;
    try {
      const all = fields ? merge(inherited, loggable(fields)) : inherited;
      options.sink(format({ level, time: options.clock.now(), message, fields: all }));
    } catch {
      // The contract is never to throw: a log line is worth less than the work that it is about.
    }
  };
  return {
    debug: (message, fields) => write('debug', message, fields),
    info: (message, fields) => write('info', message, fields),
    warn: (message, fields) => write('warn', message, fields),
    error: (message, fields) => write('error', message, fields),
    child: (fields) => {
      const own = levelOf(fields, options);
      return loggerWith(options, merge(inherited, loggable(fields)), own === undefined ? lowest : () => own);
    },
  };
}

function levelOf({ controller, component }: LogFields, { levelFor }: LoggerOptions): LogLevel | undefined {
  const name = controller ?? component;
  return typeof name === 'string' ? levelFor?.(name) : undefined;
}

/** A field of the line itself replaces an inherited one of the same name. */
function merge(inherited: LogRecord['fields'], own: LogRecord['fields']): LogRecord['fields'] {
  if (inherited.length === 0) return own;
  const names = new Set(own.map(([name]) => name));
  return [...inherited.filter(([name]) => !names.has(name)), ...own];
}

/** Drops everything. */
export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLogger,
};
