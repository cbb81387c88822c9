import type { Answer } from './ask.ts';

/** A body that differs with every process, told by what it is; undefined when it is to be told as it is. */
const kinds: readonly (readonly [RegExp, string])[] = [
  [/^# HELP /, 'metrics'],
  [/^\{"cloudcontrollermanager\.config\.k8s\.io":/, 'the configuration'],
  [/^k8s\0/, 'a Status in protobuf'],
  [/^apiVersion: v1\ncode: /, 'a Status in YAML'],
];

/** What matters of an answer, in one line: status, media type and the beginning of the body. */
export function summaryOf(answer: Answer): string {
  const { status, headers } = answer;
  const type = headers['content-type'] ?? 'no type';
  const more = ['content-encoding', 'location', 'allow']
    .filter((name) => headers[name] !== undefined)
    .map((name) => `; ${name}: ${String(headers[name])}`);
  return `${status} ${type}${more.join('')}: ${bodyOf(answer, type)}`;
}

function bodyOf({ body, headers }: Answer, type: string): string {
  if (body === '') return 'nothing';
  const kind = kinds.find(([pattern]) => pattern.test(body));
  if (kind) return kind[1];
  if (type.includes('protobuf') || type.includes('octet-stream')) return 'binary';
  if (headers['content-encoding'] !== undefined) return 'packed';
  const line = body.trim().replaceAll(/\s*\n\s*/g, '⏎');
  return line.length > 60 ? `${line.slice(0, 60)}…` : line;
}

/** One metric: its type and the names of its labels. */
export function metricsOf(text: string): ReadonlyMap<string, string> {
  const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]));
  const labels = new Map<string, Set<string>>();
  for (const [, series = '', written = ''] of text.matchAll(/^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$/gm)) {
    const family = types.has(series) ? series : series.replace(/_(bucket|sum|count)$/, '');
    const known = labels.get(family) ?? new Set();
    // The bounds and quantiles of a series belong to its type.
    for (const [, label = ''] of written.matchAll(/(\w+)="(?:[^"\\]|\\.)*"/g)) {
      if (label !== 'le' && label !== 'quantile') known.add(label);
    }
    labels.set(family, known);
  }
  return new Map(
    [...types].map(([name, type]) => [name, `${type} {${[...(labels.get(name) ?? [])].toSorted().join(',')}}`]),
  );
}

/** One flag of `--help`: its type and its default. */
export function flagsOf(help: string): ReadonlyMap<string, string> {
  const flags = new Map<string, string>();
  for (const part of help.split(/^(?= {2,6}(?:-\w, )?--)/m)) {
    const match = /^ {2,6}(?:-\w, )?--([\w-]+)(\S*)(?: (\S+))?/.exec(part);
    const [, name, optional = '', type = ''] = match ?? [];
    if (name === undefined) continue;
    const value = /\(default (.*)\)\s*$/m.exec(part)?.[1]?.replaceAll(/["[\]]/g, '') ?? '';
    flags.set(name, `${optional}${typeNames[type] ?? 'bool'}, default ${value === '' ? 'none' : value}`);
  }
  return flags;
}

/** Kinds of values; Go's names for one kind are many. */
const typeNames: Readonly<Record<string, string>> = {
  string: 'string',
  ip: 'string',
  quantity: 'string',
  'pattern=N,...': 'string',
  int: 'int',
  int32: 'int',
  Level: 'int',
  float: 'float',
  float32: 'float',
  duration: 'duration',
  strings: 'list',
  int32Slice: 'list',
  namedCertKey: 'certificates',
  stringArray: 'certificates',
  mapStringBool: 'map',
  mapStringString: 'map',
};
