import { writeFile } from 'node:fs/promises';
import type { JsonObject } from './json.ts';

/** A kubeconfig for one server, to be given to kubectl or any client. JSON is YAML too. */
export class Kubeconfig {
  readonly #server: string;
  readonly #token: string | undefined;

  constructor(server: string, token: string | undefined) {
    this.#server = server;
    this.#token = token;
  }

  toJSON(): JsonObject {
    const name = 'in-process';
    return {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name, cluster: { server: this.#server } }],
      users: [{ name, user: this.#token === undefined ? {} : { token: this.#token } }],
      contexts: [{ name, context: { cluster: name, user: name } }],
      'current-context': name,
    };
  }

  toString(): string {
    return `${JSON.stringify(this, undefined, 2)}\n`;
  }

  /** Writes it so that only this user can read it. */
  async write(path: string): Promise<void> {
    await writeFile(path, this.toString(), { mode: 0o600 });
  }
}
