import { Duration } from '../../base/duration.ts';
import { notNegative } from './flag-checks.ts';
import type { FlagTable } from './flag.ts';

const atOnce = 'lines are written at once, to the standard error';

/** The flags of k8s.io/component-base 0.36, logs. */
export const logFlags = {
  v: {
    kind: 'int',
    default: 0,
    group: 'Logs',
    help: 'Log verbosity; 4 and more log every decision.',
    check: notNegative,
  },
  vmodule: {
    kind: 'string',
    default: '',
    group: 'Logs',
    help: 'Verbosity of single controllers and components, by their names: pattern=N,..., for example service*=4.',
    check: (value) =>
      value === '' || /^[^=,]+=\d+(,[^=,]+=\d+)*$/.test(value) ? undefined : 'write pattern=N, separated by commas',
  },
  'logging-format': {
    kind: 'string',
    default: 'text',
    group: 'Logs',
    help: 'The form of log lines: text or json.',
    check: (value) => (value === 'text' || value === 'json' ? undefined : 'write text or json'),
  },
  'log-flush-frequency': {
    kind: 'duration',
    default: Duration.seconds(5),
    group: 'Logs',
    help: 'Time between two flushes of the log.',
    withoutEffect: atOnce,
  },
  'log-text-split-stream': {
    kind: 'bool',
    default: false,
    group: 'Logs',
    help: 'Write errors apart from the rest, in the form text.',
    withoutEffect: atOnce,
  },
  'log-text-info-buffer-size': {
    kind: 'string',
    default: '0',
    group: 'Logs',
    help: 'How much is buffered, in the form text.',
    withoutEffect: atOnce,
  },
  'log-json-split-stream': {
    kind: 'bool',
    default: false,
    group: 'Logs',
    help: 'Write errors apart from the rest, in the form json.',
    withoutEffect: atOnce,
  },
  'log-json-info-buffer-size': {
    kind: 'string',
    default: '0',
    group: 'Logs',
    help: 'How much is buffered, in the form json.',
    withoutEffect: atOnce,
  },
} as const satisfies FlagTable;
