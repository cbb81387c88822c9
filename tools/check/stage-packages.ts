import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stagePackages } from './staging.ts';

/**
 * The check of staging as a program, so that nx can keep its outcome: it depends on the packages alone. Writes the numbers to
 * coverage/staging.json; exit code 1 when a package does not stand alone.
 */
const root = join(import.meta.dirname, '..', '..');
const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort());

const log = (line: string): boolean => process.stdout.write(`${line}\n`);
const outcome = await stagePackages(root, { root, log, signal: ending.signal });
const folder = join(root, 'tools', 'coverage');
await mkdir(folder, { recursive: true });
await writeFile(join(folder, 'staging.json'), JSON.stringify(outcome));
if (outcome.failed > 0) process.exitCode = 1;
