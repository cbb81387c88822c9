import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { KubeConfig, User } from '@kubernetes/client-node';
import { parseYaml } from '../yaml.ts';

/**
 * Gives the users of a kubeconfig the `tokenFile` that client-go reads and client-node does not know. As in client-go it
 * wins over a token that stands beside it, and a relative path starts at the folder of the kubeconfig.
 */
export function adoptTokenFiles(config: KubeConfig, text: string, folder: string): void {
  const files = new Map(tokenFilesIn(parseYaml(text)));
  config.users = config.users.map((user): User => {
    const file = files.get(user.name);
    if (file === undefined) return user;
    const { name, certData, certFile, keyData, keyFile, impersonateUser } = user;
    const provider = { name: 'tokenFile', config: { tokenFile: resolve(folder, file) } };
    return { name, certData, certFile, keyData, keyFile, impersonateUser, authProvider: provider } as User;
  });
}

/** Where the token of a user is; undefined when it is in no file. */
export function tokenFileOf(user: User | null): string | undefined {
  const provider: unknown = user?.authProvider;
  if (!isRecord(provider) || !isRecord(provider['config'])) return undefined;
  const path = provider['config']['tokenFile'];
  return typeof path === 'string' && path !== '' ? path : undefined;
}

/** The token that the file holds now. Rejects when it can't be read or is empty. */
export async function readTokenFile(path: string): Promise<string> {
  const token = (await readFile(path, 'utf8')).trim();
  if (token === '') throw new Error(`the token file ${path} is empty`);
  return token;
}

function tokenFilesIn(document: unknown): readonly (readonly [name: string, path: string])[] {
  const users = isRecord(document) ? document['users'] : undefined;
  if (!Array.isArray(users)) return [];
  return users.flatMap((entry: unknown): [string, string][] => {
    if (!isRecord(entry) || !isRecord(entry['user'])) return [];
    const { name } = entry;
    const path = entry['user']['tokenFile'];
    return typeof name === 'string' && typeof path === 'string' && path !== '' ? [[name, path]] : [];
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
