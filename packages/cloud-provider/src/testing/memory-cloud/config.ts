import { ConfigError, type ConfigFault } from '../../base/config-error.ts';
import { Duration } from '../../base/duration.ts';
import type { ProviderConfigInput } from '../../cloud/cloud-provider.ts';

export interface MemoryCloudConfig {
  /** Where the cloud is, for example `http://127.0.0.1:8080`; empty when the program brings the cloud along. @default '' */
  readonly endpoint: string;
  /** @default memory */
  readonly account: string;
  /** @default memory-1 */
  readonly region: string;
  /** How far reads may lag behind writes: for so long a "not found" about something new is not believed. @default 5s */
  readonly consistencyWindow: Duration;
  /** How old facts about the network may be. @default 10m */
  readonly factsMaxAge: Duration;
}

const defaults: MemoryCloudConfig = {
  endpoint: '',
  account: 'memory',
  region: 'memory-1',
  consistencyWindow: Duration.seconds(5),
  factsMaxAge: Duration.minutes(10),
};

type Field = keyof MemoryCloudConfig;

const fields = Object.keys(defaults) as readonly Field[];

/** Reads the cloud-config: a JSON object with the fields of {@link MemoryCloudConfig}. Throws a ConfigError with all faults. */
export function parseMemoryCloudConfig(file: ProviderConfigInput['file']): MemoryCloudConfig {
  if (!file) return defaults;
  const object = parseObject(file);
  const faults: ConfigFault[] = [];
  const config: { -readonly [Name in Field]: MemoryCloudConfig[Name] } = { ...defaults };
  for (const [name, value] of Object.entries(object)) {
    const fix = assign(config, name, value);
    if (fix !== undefined) {
      // What stands under a name that we don't know may be a secret: this may be quite another file.
      const isKnown = fields.some((field) => field === name);
      faults.push({ file: file.path, field: name, value: isKnown ? shorten(value) : '', fix });
    }
  }
  if (faults.length > 0) throw new ConfigError(faults);
  return config;
}

/** What to write instead; undefined when the value is fine. */
function assign(
  config: { -readonly [Name in Field]: MemoryCloudConfig[Name] },
  name: string,
  value: unknown,
): string | undefined {
  switch (name) {
    case 'endpoint':
      if (typeof value !== 'string' || !/^https?:\/\/\S+$/.test(value)) return 'a URL such as http://127.0.0.1:8080';
      config.endpoint = value;
      return undefined;
    case 'account':
    case 'region':
      if (typeof value !== 'string' || value === '') return 'a name that is not empty';
      config[name] = value;
      return undefined;
    case 'consistencyWindow':
    case 'factsMaxAge': {
      const duration = typeof value === 'string' ? Duration.parse(value) : undefined;
      if (!duration || duration.milliseconds < 0) return 'a duration such as 30s';
      config[name] = duration;
      return undefined;
    }
    default:
      return `there is no such field, there are ${fields.join(', ')}`;
  }
}

function parseObject(file: { readonly path: string; readonly text: string }): object {
  try {
    const parsed: unknown = JSON.parse(file.text);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed;
  } catch (cause) {
    throw new ConfigError([{ file: file.path, field: 'the file', value: '', fix: 'one JSON object' }], { cause });
  }
  throw new ConfigError([{ file: file.path, field: 'the file', value: '', fix: 'one JSON object' }]);
}

function shorten(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
