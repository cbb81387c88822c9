import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { NotRunnableHere } from './not-runnable.ts';

const oldestMajorMinor = [1, 26] as const;

/** One program of a module in `directory`, built to `output`. */
export interface GoBuild {
  readonly directory: string;
  readonly importPath: string;
  readonly output: string;
  /** Values for `-ldflags=-X`. @default none */
  readonly linkerVariables?: Readonly<Record<string, string>>;
  /** What progress lines call it. */
  readonly title: string;
}

export interface GoToolchain {
  readonly version: string;
  /** Builds with the committed go.sum as it stands; throws with the compiler's words when that fails. */
  build(build: GoBuild, progress: (line: string) => void): Promise<void>;
}

/**
 * Finds Go on the search path.
 * @throws NotRunnableHere when there is none, or one that is too old.
 */
export async function findGo(): Promise<GoToolchain> {
  const remedy = `install Go ≥ ${oldestMajorMinor.join('.')}`;
  let version: string;
  try {
    const { stdout } = await promisify(execFile)('go', ['env', 'GOVERSION'], { env: buildEnvironment() });
    version = stdout.trim();
  } catch (error) {
    throw Object.assign(new NotRunnableHere('there is no Go toolchain', remedy), { cause: error });
  }
  const [major = 0, minor = 0] = (version.match(/(\d+)\.(\d+)/) ?? []).slice(1).map(Number);
  if (major < oldestMajorMinor[0] || (major === oldestMajorMinor[0] && minor < oldestMajorMinor[1])) {
    throw new NotRunnableHere(`the Go toolchain is ${version}`, remedy);
  }
  return { version, build: runBuild };
}

/** Without cgo the result does not depend on which C compiler the machine has, and with the local toolchain nothing is fetched but modules. */
function buildEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOWORK: 'off' };
}

async function runBuild(build: GoBuild, progress: (line: string) => void): Promise<void> {
  const variables = Object.entries(build.linkerVariables ?? {}).map(([name, value]) => `-X ${name}=${value}`);
  const started = performance.now();
  const child = spawn(
    'go',
    [
      'build',
      '-v',
      '-trimpath',
      `-ldflags=${['-s', '-w', ...variables].join(' ')}`,
      '-o',
      build.output,
      build.importPath,
    ],
    { cwd: build.directory, env: buildEnvironment(), stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let packages = 0;
  let tail = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    packages += text.split('\n').length - 1;
    tail = (tail + text).slice(-4000);
  });
  const report = setInterval(() => {
    const seconds = Math.round((performance.now() - started) / 1000);
    progress(`building ${build.title}: ${packages} packages, ${seconds} s so far`);
  }, 15_000);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (code !== 0) throw new Error(`building ${build.title} failed:\n${tail.trim()}`);
  } finally {
    clearInterval(report);
  }
}
