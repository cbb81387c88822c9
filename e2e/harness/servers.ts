import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApiServer } from '@ccm-ts/cloud-provider/testing';
import { startKubeApiServer } from '../kube-apiserver/start.ts';
import type { Minor } from '../kube-apiserver/versions.ts';

/** An API server to test against. */
export interface TestedServer extends AsyncDisposable {
  readonly title: string;
  /** A file. */
  readonly kubeconfig: string;
  /** Makes every resourceVersion before now too old, for Events at least. */
  readonly forgetHistory: () => Promise<void>;
}

/** Which server to test against: the in-process one, or a real one of a minor. */
export type ServerChoice = { readonly kind: 'in-process' } | { readonly kind: 'real'; readonly minor: Minor };

export function serverTitle(choice: ServerChoice): string {
  return choice.kind === 'real' ? `kube-apiserver ${choice.minor}` : 'in-process API server';
}

/** @throws NotRunnableHere when this machine cannot have the real one. */
export async function startServer(choice: ServerChoice, progress: (line: string) => void): Promise<TestedServer> {
  const title = serverTitle(choice);
  switch (choice.kind) {
    case 'in-process': {
      const folder = await mkdtemp(join(tmpdir(), 'ccm-ts-in-process-'));
      const server = await startApiServer({});
      const kubeconfig = join(folder, 'kubeconfig');
      await server.writeKubeconfig(kubeconfig);
      return {
        title,
        kubeconfig,
        forgetHistory: async () => server.forgetHistory(),
        [Symbol.asyncDispose]: async () => {
          await server[Symbol.asyncDispose]();
          await rm(folder, { recursive: true, force: true });
        },
      };
    }
    case 'real': {
      const server = await startKubeApiServer({ minor: choice.minor, progress });
      return {
        title,
        kubeconfig: server.kubeconfig,
        forgetHistory: server.forgetHistory,
        [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
      };
    }
  }
}
