import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../base/clock.ts';
import { Duration } from '../../base/duration.ts';
import { FileWatch } from './file-watch.ts';

let folder: string;
let path: string;
let ending: AbortController;
let following: Promise<void> | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'file-watch-'));
  path = join(folder, 'tls.crt');
  ending = new AbortController();
});

afterEach(async () => {
  ending.abort();
  await following;
  rmSync(folder, { recursive: true, force: true });
});

/** Resolves with the first change. */
function change(watch: FileWatch): Promise<void> {
  return new Promise((resolve) => {
    const period = Duration.milliseconds(1);
    following = watch.follow({ clock: systemClock, signal: ending.signal, period, onChange: resolve });
  });
}

function replace(text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

describe('FileWatch', () => {
  it('notices what happens before anybody follows', async () => {
    writeFileSync(path, 'first');
    const watch = new FileWatch([path]);
    replace('second');
    await expect(change(watch)).resolves.toBeUndefined();
  });

  it('notices a file that was not there', async () => {
    const watch = new FileWatch([path]);
    const changed = change(watch);
    replace('first');
    await expect(changed).resolves.toBeUndefined();
  });

  it('takes a file of the same content for the same', async () => {
    writeFileSync(path, 'first');
    const watch = new FileWatch([path, join(folder, 'other')]);
    replace('first');
    writeFileSync(join(folder, 'other'), 'x');
    let changes = 0;
    await new Promise<void>((resolve) => {
      const period = Duration.milliseconds(1);
      const onChange = (): void => resolve(void changes++);
      following = watch.follow({ clock: systemClock, signal: ending.signal, period, onChange });
    });
    ending.abort();
    await following;
    expect(changes).toBe(1);
  });
});
