import { configFileKind, configFileVersion, notInFiles } from './config-file.ts';
import type { Flag, FlagKind, FlagTable } from './flags/flag.ts';
import { formatFlagValue } from './flags/parse-flags.ts';

const texts = { type: 'array', items: { type: 'string' } };

const kinds: Readonly<Record<FlagKind, Readonly<Record<string, unknown>>>> = {
  string: { type: 'string' },
  bool: { type: 'boolean' },
  int: { type: 'integer' },
  float: { type: 'number' },
  duration: { type: 'string', pattern: '^[-+]?((\\d+(\\.\\d*)?|\\.\\d+)(ns|us|µs|μs|ms|s|m|h))+$|^[-+]?0$' },
  list: texts,
  array: texts,
  map: { type: 'object', additionalProperties: { type: ['string', 'boolean', 'number'] } },
};

/** The JSON Schema of `--config` files. */
export function configSchema(table: FlagTable): Readonly<Record<string, unknown>> {
  const flags = Object.entries(table)
    .filter(([name]) => !notInFiles.includes(name))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, flag]) => [name, { ...kinds[flag.kind], description: flag.help, default: defaultOf(flag) }] as const);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: configFileKind,
    type: 'object',
    required: ['apiVersion', 'kind'],
    additionalProperties: false,
    properties: {
      apiVersion: { const: configFileVersion },
      kind: { const: configFileKind },
      flags: { type: 'object', additionalProperties: false, properties: Object.fromEntries(flags) },
    },
  };
}

function defaultOf(flag: Flag): unknown {
  return flag.kind === 'duration' ? formatFlagValue(flag, flag.default) : flag.default;
}
