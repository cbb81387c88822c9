import { applyEdits, type Edit } from './derived-file.ts';
import type { VendorName } from './vendor-name.ts';

/** The package whose configuration is everybody's. */
const model = 'packages/cloud-provider-aws';

/** What the generator reads of the model's package.json. */
interface Manifest {
  readonly version: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

const library = '@ccm-ts/cloud-provider';
/** Of each the first command: the others are for programs that only the model has. */
const scripts = ['build', 'bundle', 'typecheck', 'test'] as const;
const neverNeeded: ReadonlySet<string> = new Set(['fast-check']);
const verbatim = [
  'LICENSE',
  'jest.config.cjs',
  'tsconfig.json',
  'tsup.config.ts',
  'bundling/leave-out.ts',
  'bundling/require-builtins.ts',
  'chart/templates/manager.yaml',
  'chart/templates/NOTES.txt',
] as const;

/** Nothing but what the SDK of the model needs is left out. */
const bundleEdits: readonly Edit[] = [
  { kind: 'replace', from: "import { literalKeys } from './bundling/literal-keys.ts';\n", to: '' },
  { kind: 'replace', from: 'leaveOut(), literalKeys(), requireBuiltins()', to: 'leaveOut(), requireBuiltins()' },
];

function chartEdits({ pascal }: VendorName): readonly Edit[] {
  return [{ kind: 'replace', from: 'manager for AWS', to: `manager for ${pascal}` }];
}

/** The package around the code: manifest, configuration of the tools, bundle, image, chart. They are those of the package that ships. */
export function packageFiles(read: (path: string) => string, name: VendorName): readonly (readonly [string, string])[] {
  const program = `${name.kebab}-cloud-controller-manager`;
  const named = (text: string): string =>
    text
      .replaceAll('aws-cloud-controller-manager', program)
      .replaceAll('cloud-provider-aws', `cloud-provider-${name.kebab}`);
  const bundle = 'tsup.bundle.config.ts';
  const chart = 'chart/Chart.yaml';
  return [
    ...verbatim.map((path) => [path, read(`${model}/${path}`)] as const),
    ['package.json', manifestText(JSON.parse(read(`${model}/package.json`)) as Manifest, name)],
    ['Dockerfile', named(read(`${model}/Dockerfile`))],
    [chart, named(applyEdits(chart, read(`${model}/${chart}`), chartEdits(name)))],
    [bundle, named(applyEdits(bundle, read(`${model}/${bundle}`), bundleEdits))],
  ];
}

function manifestText(manifest: Manifest, { kebab, pascal }: VendorName): string {
  const version = manifest.dependencies[library] ?? manifest.version;
  const program = `${kebab}-cloud-controller-manager`;
  const made = {
    ...manifest,
    name: `${library}-${kebab}`,
    version,
    description: `The Kubernetes cloud controller manager for ${pascal}`,
    bin: { [program]: `bundle/${program}.js` },
    files: ['dist', `bundle/${program}.js`, 'docs', '!**/*.map'],
    scripts: Object.fromEntries(scripts.map((script) => [script, manifest.scripts[script]?.split(' && ')[0]])),
    nx: { name: `cloud-provider-${kebab}`, tags: ['type:provider'] },
    dependencies: { [library]: version },
    devDependencies: Object.fromEntries(
      Object.entries(manifest.devDependencies).filter(([dependency]) => !neverNeeded.has(dependency)),
    ),
  };
  return `${JSON.stringify(made, undefined, 2)}\n`;
}
