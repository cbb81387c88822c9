import { parseYaml } from '../kube/yaml.ts';
import type { ConfigFault } from '../base/config-error.ts';
import { Duration } from '../base/duration.ts';
import type { Flag, FlagKind, FlagTable, FlagValues } from './flags/flag.ts';
import { suggest } from './flags/suggest.ts';

export const configFileVersion = 'manager.ccm-ts/v1';
export const configFileKind = 'ManagerConfiguration';

/** Flags that make no sense in a file. */
export const notInFiles: readonly string[] = ['config', 'help', 'version'];

/** The values of a `--config` file by the names of flags. */
export type ConfigFile =
  | { readonly kind: 'parsed'; readonly values: ReadonlyMap<string, FlagValues[FlagKind]> }
  | { readonly kind: 'bad'; readonly faults: readonly ConfigFault[] };

/**
 * Reads a `--config` file, YAML or JSON: `apiVersion`, `kind`, and under `flags` the flags by their names, with booleans,
 * numbers, texts, lists and maps as such and durations in Go's syntax. Strictly: what it does not know is a fault.
 */
export function parseConfigFile(table: FlagTable, path: string, text: string): ConfigFile {
  const faults: ConfigFault[] = [];
  const fault = (field: string, value: unknown, fix: string): void => {
    faults.push({ file: path, field, value: typeof value === 'string' ? value : (JSON.stringify(value) ?? ''), fix });
  };
  const values = new Map<string, FlagValues[FlagKind]>();
  const document = readDocument(text);
  if (document.kind === 'bad') fault('(file)', '', document.fix);
  else {
    const { apiVersion, kind, flags = {}, ...rest } = document.object;
    if (apiVersion !== configFileVersion) fault('apiVersion', apiVersion, `write ${configFileVersion}`);
    if (kind !== configFileKind) fault('kind', kind, `write ${configFileKind}`);
    for (const key of Object.keys(rest)) fault(key, '', 'remove it; there is apiVersion, kind, flags');
    if (!isObject(flags)) fault('flags', flags, 'write an object of flags by their names');
    else {
      for (const [name, value] of Object.entries(flags)) {
        const read = readFlag(table, name, value);
        if (read.kind === 'good') values.set(name, read.value);
        else fault(`flags.${name}`, read.shows === 'value' ? value : '', read.fix);
      }
    }
  }
  return faults.length > 0 ? { kind: 'bad', faults } : { kind: 'parsed', values };
}

function readDocument(
  text: string,
): { kind: 'object'; object: Readonly<Record<string, unknown>> } | { kind: 'bad'; fix: string } {
  try {
    const document: unknown = parseYaml(text);
    return isObject(document) ? { kind: 'object', object: document } : { kind: 'bad', fix: 'write an object' };
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return { kind: 'bad', fix: `write YAML or JSON (${reason})` };
  }
}

type ReadFlag =
  | { readonly kind: 'good'; readonly value: FlagValues[FlagKind] }
  | { readonly kind: 'bad'; readonly fix: string; readonly shows: 'value' | 'nothing' };

function readFlag(table: FlagTable, name: string, value: unknown): ReadFlag {
  const flag = Object.hasOwn(table, name) && !notInFiles.includes(name) ? table[name] : undefined;
  if (flag) return readValue(flag, value);
  const near = suggest(name, Object.keys(table));
  const fix = `it is no flag that a file may set: ${near === undefined ? 'see --help' : `did you mean ${near}?`}`;
  return { kind: 'bad', fix, shows: 'nothing' };
}

function readValue(flag: Flag, value: unknown): ReadFlag {
  const bad = (fix: string): ReadFlag => ({ kind: 'bad', fix, shows: 'value' });
  switch (flag.kind) {
    case 'string':
      return typeof value === 'string' ? { kind: 'good', value } : bad('write a text');
    case 'bool':
      return typeof value === 'boolean' ? { kind: 'good', value } : bad('write true or false, without quotes');
    case 'int':
      return Number.isSafeInteger(value) ? { kind: 'good', value: Number(value) } : bad('write a whole number');
    case 'float':
      return typeof value === 'number' && Number.isFinite(value) ? { kind: 'good', value } : bad('write a number');
    case 'duration': {
      const duration = typeof value === 'string' ? Duration.parse(value) : undefined;
      return duration ? { kind: 'good', value: duration } : bad('write a duration such as 30s, 5m or 1h30m');
    }
    case 'list':
    case 'array': {
      const isList = Array.isArray(value) && value.every((item) => typeof item === 'string');
      return isList ? { kind: 'good', value } : bad('write a list of texts');
    }
    case 'map': {
      const entries = isObject(value) ? Object.entries(value) : undefined;
      const isFlat = entries?.every(([, entry]) => ['string', 'boolean', 'number'].includes(typeof entry));
      return entries && isFlat
        ? { kind: 'good', value: Object.fromEntries(entries.map(([key, entry]) => [key, String(entry)])) }
        : bad('write an object of texts, numbers and booleans');
    }
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
