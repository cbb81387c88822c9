import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildOnce } from './build-cache.ts';
import { findGo } from './go-toolchain.ts';
import { NotRunnableHere } from './not-runnable.ts';
import { etcdModule, kubernetesModule, type Minor, type PinnedModule } from './versions.ts';

/** Paths of the programs that make a control plane's front. */
export interface Binaries {
  /** For instance `1.36.3`. */
  readonly version: string;
  readonly kubeApiServer: string;
  readonly kubectl: string;
  readonly etcd: string;
}

/**
 * The programs of a minor: from `KUBEBUILDER_ASSETS` if they are of that minor, else built once from the pinned Go modules.
 * @throws NotRunnableHere when neither is possible.
 */
export async function findBinaries(minor: Minor, progress: (line: string) => void): Promise<Binaries> {
  const assets = await binariesFromAssets();
  if (assets?.version.startsWith(`${minor}.`)) return assets;
  try {
    return await buildBinaries(minor, progress);
  } catch (error) {
    if (!(error instanceof NotRunnableHere)) throw error;
    const held = assets ? `KUBEBUILDER_ASSETS holds ${assets.version}` : 'KUBEBUILDER_ASSETS is not set';
    throw new NotRunnableHere(
      `${error.reason} and ${held}`,
      `${error.remedy}, or point KUBEBUILDER_ASSETS to a folder with kube-apiserver, etcd and kubectl ${minor}`,
    );
  }
}

async function binariesFromAssets(): Promise<Binaries | undefined> {
  const folder = process.env.KUBEBUILDER_ASSETS;
  if (!folder) return undefined;
  const kubeApiServer = join(folder, 'kube-apiserver');
  const etcd = join(folder, 'etcd');
  const kubectl = join(folder, 'kubectl');
  for (const program of [kubeApiServer, etcd, kubectl]) {
    if (!existsSync(program)) {
      throw new NotRunnableHere(`KUBEBUILDER_ASSETS has no ${program}`, 'complete that folder, or unset the variable');
    }
  }
  const { stdout } = await promisify(execFile)(kubeApiServer, ['--version']);
  const version = stdout.match(/v(\d+\.\d+\.\d+)/)?.[1];
  if (version === undefined) throw new Error(`${kubeApiServer} --version answered ${stdout.trim()}`);
  return { version, kubeApiServer, etcd, kubectl };
}

async function buildBinaries(minor: Minor, progress: (line: string) => void): Promise<Binaries> {
  const kubernetes = kubernetesModule(minor);
  const { version } = kubernetes;
  const [major = '', minorNumber = ''] = version.split('.');
  const variable = 'k8s.io/component-base/version';
  const kubernetesFolder = await buildPrograms(kubernetes, {
    name: version,
    programs: { 'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver', kubectl: 'k8s.io/kubernetes/cmd/kubectl' },
    linkerVariables: {
      [`${variable}.gitVersion`]: `v${version}`,
      [`${variable}.gitMajor`]: major,
      [`${variable}.gitMinor`]: minorNumber,
    },
    progress,
  });
  const etcd = etcdModule();
  const etcdFolder = await buildPrograms(etcd, {
    name: `etcd-${etcd.version}`,
    programs: { etcd: 'go.etcd.io/etcd/server/v3' },
    linkerVariables: {},
    progress,
  });
  return {
    version,
    kubeApiServer: join(kubernetesFolder, 'kube-apiserver'),
    kubectl: join(kubernetesFolder, 'kubectl'),
    etcd: join(etcdFolder, 'etcd'),
  };
}

interface Programs {
  readonly name: string;
  /** Import path by file name. */
  readonly programs: Readonly<Record<string, string>>;
  readonly linkerVariables: Readonly<Record<string, string>>;
  readonly progress: (line: string) => void;
}

async function buildPrograms(module: PinnedModule, options: Programs): Promise<string> {
  const inputs = await Promise.all(['go.mod', 'go.sum'].map((name) => readFile(join(module.directory, name), 'utf8')));
  return await buildOnce({
    area: 'kube-apiserver',
    name: options.name,
    inputs,
    progress: options.progress,
    build: async (into) => {
      const go = await findGo();
      for (const [program, importPath] of Object.entries(options.programs)) {
        const title = `${program} ${module.version}`;
        options.progress(`building ${title} from its Go module, some minutes the first time`);
        await go.build(
          {
            directory: module.directory,
            importPath,
            output: join(into, program),
            linkerVariables: options.linkerVariables,
            title,
          },
          options.progress,
        );
      }
    },
  });
}
