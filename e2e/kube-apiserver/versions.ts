import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The Kubernetes minors that the suites can run against, newest first; the first is the default. */
export const minors = ['1.36', '1.35', '1.34'] as const;
export type Minor = (typeof minors)[number];

/** A committed Go module whose `tool` lines name programs to build. */
export interface PinnedModule {
  /** Where its go.mod and go.sum are. */
  readonly directory: string;
  /** Of the required module, without the leading `v`: the go.mod is the only place that states it. */
  readonly version: string;
}

export function isMinor(text: string): text is Minor {
  return (minors as readonly string[]).includes(text);
}

/** The module that kube-apiserver and kubectl of a minor are built from. */
export function kubernetesModule(minor: Minor): PinnedModule {
  return pinnedModule(minor, 'k8s.io/kubernetes');
}

/** The module that etcd is built from, one for all minors. */
export function etcdModule(): PinnedModule {
  return pinnedModule('etcd', 'go.etcd.io/etcd/server/v3');
}

function pinnedModule(folder: string, required: string): PinnedModule {
  const directory = join(import.meta.dirname, 'modules', folder);
  const goMod = readFileSync(join(directory, 'go.mod'), 'utf8');
  const requirement = goMod.split('\n').find((line) =>
    line
      .replace(/^require/, '')
      .trim()
      .startsWith(`${required} v`),
  );
  const version = requirement?.match(/ v(\d+\.\d+\.\d+)/)?.[1];
  if (version === undefined) throw new Error(`${directory}/go.mod does not require ${required} at a release`);
  return { directory, version };
}
