import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Writes go.mod and go.sum for a version of Kubernetes (`node pin-version.ts 1.36.3`), for its minor's folder.
 *
 * k8s.io/kubernetes refers to its staging folders by replace directives that count for the main module only, so each is
 * replaced by its published twin here (1.36.3 is v0.36.3 there). Programs are `tool` lines: no Go source is needed.
 */
function pin(version: string): void {
  const [major, minor, patch] = version.split('.');
  if (major !== '1' || !minor || !patch) throw new Error(`${version} is no version of Kubernetes, such as 1.36.3`);
  const directory = join(import.meta.dirname, 'modules', `${major}.${minor}`);
  const downloaded = JSON.parse(go(['mod', 'download', '-json', `k8s.io/kubernetes@v${version}`])) as { GoMod: string };
  const upstream = readFileSync(downloaded.GoMod, 'utf8');
  const language = upstream.match(/^go .*$/m)?.[0] ?? '';
  const staging = new Set([...upstream.matchAll(/(k8s\.io\/[a-z0-9-]+) => /g)].map(([, module = '']) => module));
  const lines = [
    'module ccm-ts.invalid/kube-apiserver',
    language,
    `require k8s.io/kubernetes v${version}`,
    'tool (\n\tk8s.io/kubernetes/cmd/kube-apiserver\n\tk8s.io/kubernetes/cmd/kubectl\n)',
    ...[...staging].toSorted().map((module) => `replace ${module} => ${module} v0.${minor}.${patch}`),
  ];
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'go.mod'), `${lines.join('\n\n')}\n`);
  go(['mod', 'tidy'], directory);
  console.log(`pinned ${version} in ${directory}; a new minor also goes into versions.ts`);
}

function go(args: readonly string[], cwd?: string): string {
  return execFileSync('go', args, {
    encoding: 'utf8',
    ...(cwd ? { cwd } : {}),
    env: { ...process.env, GOTOOLCHAIN: 'local' },
  });
}

pin(process.argv[2] ?? '');
