import type { ProviderFlag } from '@ccm-ts/cloud-provider';
import { awsCloudProvider } from '../aws-cloud-provider.ts';

/** The page about the flags that only this manager has, as it should be now. */
export function flagReference(): string {
  const rows = Object.entries(awsCloudProvider.flags ?? {})
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([name, flag]) => `| \`--${name}\` | ${flag.kind} | ${defaultText(flag)} | ${flag.help.replaceAll('|', '\\|')} |`,
    );
  const controllers = (awsCloudProvider.controllers ?? []).map(
    ({ name, byDefault, serviceAccount }) =>
      `| \`${name}\` | ${byDefault === 'yes' ? 'yes' : 'no: name it'} | \`${serviceAccount}\` |`,
  );
  return `${[
    '<!-- Made by src/reference/test-write-flags.ts from the declarations in the source. Do not edit. -->',
    '',
    '# Flags of AWS',
    '',
    'Besides those of all managers, which the library lists in its `docs/flags.md`. Names, defaults and syntax are those of the Go',
    'manager for AWS, v1.36.',
    '',
    '| flag | type | default | what it does |',
    '|---|---|---|---|',
    ...rows,
    '',
    '## Controllers',
    '',
    'For `--controllers`, besides those of the library.',
    '',
    '| name | on by default | service account |',
    '|---|---|---|',
    ...controllers,
  ].join('\n')}\n`;
}

function defaultText(flag: ProviderFlag): string {
  switch (flag.kind) {
    case 'list':
      return flag.default.join(',');
    case 'map':
      return Object.entries(flag.default)
        .map(([key, value]) => `${key}=${value}`)
        .join(',');
    case 'string':
    case 'bool':
    case 'int':
    case 'float':
      return flag.default === '' ? '' : `\`${flag.default}\``;
  }
}
