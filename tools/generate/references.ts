import {
  builtInControllers,
  configSchema,
  featureGates,
  type Flag,
  managerFlags,
  type RbacOptions,
  rarelyUsed,
  rbacObjects,
  versionMatrix,
} from '@ccm-ts/cloud-provider';
import { jsonText } from './json-text.ts';

/** A file that is made from declarations. */
export interface GeneratedFile {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
}

const folder = 'packages/cloud-provider/docs';
const header = '<!-- Made by tools/generate/generate.ts from the declarations in the source. Do not edit. -->';

/** Every generated file as it should be now. */
export function generatedFiles(): readonly GeneratedFile[] {
  return [
    { path: `${folder}/flags.md`, text: flagReference() },
    { path: `${folder}/manager-config.schema.json`, text: jsonText(configSchema(managerFlags)) },
    { path: `${folder}/rbac.md`, text: rbacReference() },
    { path: `${folder}/rbac.json`, text: jsonText({ apiVersion: 'v1', kind: 'List', items: rbacObjects(everything) }) },
    { path: `${folder}/versions.md`, text: versionReference() },
  ];
}

/** The roles of a manager that runs all controllers as a service account of its own. */
const everything: RbacOptions = {
  name: 'cloud-controller-manager',
  subject: { kind: 'ServiceAccount', name: 'cloud-controller-manager', namespace: 'kube-system' },
  controllers: builtInControllers,
  lease: { namespace: 'kube-system', name: 'cloud-controller-manager' },
};

function flagReference(): string {
  const table: Readonly<Record<string, Flag>> = managerFlags;
  const groups = Map.groupBy(Object.entries(table), ([, flag]) => flag.group);
  const lines = [
    header,
    '',
    '# Flags',
    '',
    'Names, defaults and syntax are those of the Go managers (k8s.io/cloud-provider 0.36). Each flag but `--config`, `--help` and',
    '`--version` may also stand in the file that `--config` names ([schema](manager-config.schema.json)); the command line wins.',
    '',
    '```yaml',
    'apiVersion: manager.ccm-ts/v1',
    'kind: ManagerConfiguration',
    'flags:',
    '  cluster-name: blue',
    "  controllers: ['*', '-route']",
    '  leader-elect-lease-duration: 30s',
    '```',
  ];
  for (const [group, flags] of [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    lines.push('', `## ${group}`, '', '| flag | type | default | what it does |', '|---|---|---|---|');
    for (const [name, flag] of flags.toSorted(([a], [b]) => (a < b ? -1 : 1))) lines.push(flagRow(name, flag));
  }
  lines.push('', '## Feature gates', '', 'For `--feature-gates`; `AllAlpha` and `AllBeta` set a whole stage.', '');
  lines.push('| gate | stage | default | effect |', '|---|---|---|---|');
  for (const [name, gate] of Object.entries(featureGates)) {
    const effect = 'withoutEffect' in gate ? `none: ${gate.withoutEffect}` : gate.effect;
    lines.push(row([code(name), gate.stage, String(gate.default), effect]));
  }
  return `${lines.join('\n')}\n`;
}

function flagRow(name: string, flag: Flag): string {
  const without = flag.withoutEffect === undefined ? '' : ` Has no effect here: ${flag.withoutEffect}.`;
  const value = defaultOf(flag);
  return row([code(`--${name}`), flag.kind, value === '' ? '' : code(value), flag.help + without]);
}

function defaultOf(flag: Flag): string {
  switch (flag.kind) {
    case 'list':
    case 'array':
      return flag.default.join(',');
    case 'map':
      return Object.entries(flag.default)
        .map(([key, value]) => `${key}=${value}`)
        .join(',');
    case 'duration':
      return flag.default.toString();
    case 'string':
    case 'bool':
    case 'int':
    case 'float':
      return String(flag.default);
  }
}

function rbacReference(): string {
  const lines = [
    header,
    '',
    '# Rights in the cluster',
    '',
    'What each controller declares; [rbac.json](rbac.json) holds the roles of a manager that runs all of them. A test on a real API',
    'server runs with exactly these, in one account and parted among those of the controllers: a refusal fails it, and so does a',
    'right that is never used, but for lists that a server which streams them is not asked for and Events that do not repeat.',
  ];
  for (const { name, rbac } of builtInControllers) {
    lines.push('', `## ${name}`, '', '| resource | verbs | when |', '|---|---|---|');
    for (const { apiGroup, resources, verbs, rarely = 'always' } of rbac) {
      lines.push(
        row([
          code(resources.map((each) => (apiGroup === '' ? each : `${each}.${apiGroup}`)).join(', ')),
          verbs.join(', '),
          rarely,
        ]),
      );
    }
  }
  const rare = [...rarelyUsed(everything)].map(([right, when]) => `- ${code(right)}: ${when}`);
  return `${[...lines, '', '## Seldom used', '', ...rare].join('\n')}\n`;
}

function versionReference(): string {
  const rows = versionMatrix.apiServers.map(({ minor, support }) =>
    row([`1.${minor}`, support === 'tested' ? 'the suites run against it' : 'expected to work']),
  );
  const lines = [
    header,
    '',
    '# Versions of API servers',
    '',
    `This release belongs to Kubernetes 1.${versionMatrix.release}. At start the manager warns of a server that is not in this table, and ends`,
    `when a server lacks one of ${versionMatrix.needs.map(code).join(', ')}.`,
    '',
    '| API server | |',
    '|---|---|',
    ...rows,
  ];
  return `${lines.join('\n')}\n`;
}

function code(text: string): string {
  return `\`${text}\``;
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
