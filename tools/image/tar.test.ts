import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type TarEntry, writeTar } from './tar.ts';

const long = `${'folder/'.repeat(14)}${'n'.repeat(90)}`;
const entries: readonly TarEntry[] = [
  { kind: 'file', path: 'b/program', mode: 0o755, content: Buffer.from('x'.repeat(513)) },
  { kind: 'file', path: 'a', mode: 0o644, content: Buffer.from('') },
  { kind: 'link', path: 'b/link', target: 'program' },
  { kind: 'file', path: long, mode: 0o644, content: Buffer.from('deep') },
];

describe('an archive', () => {
  it('is what tar takes it for', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ccm-ts-tar-'));
    try {
      writeFileSync(join(folder, 'archive'), writeTar(entries));
      execFileSync('tar', ['--extract', '--file', join(folder, 'archive'), '--directory', folder]);
      expect(statSync(join(folder, 'b/program'))).toMatchObject({ size: 513, mtimeMs: 0 });
      expect(statSync(join(folder, 'b/program')).mode & 0o777).toBe(0o755);
      expect(readlinkSync(join(folder, 'b/link'))).toBe('program');
      expect(readFileSync(join(folder, long), 'utf8')).toBe('deep');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('does not depend on the order of its entries', () => {
    expect(writeTar(entries.toReversed()).equals(writeTar(entries))).toBe(true);
  });

  it('refuses paths that it cannot hold', () => {
    const file = (path: string): TarEntry => ({ kind: 'file', path, mode: 0o644, content: Buffer.from('') });
    expect(() => writeTar([file('/a')])).toThrow('/a must be relative to the root');
    expect(() => writeTar([file('a'), file('a')])).toThrow('a is given twice');
    expect(() => writeTar([file('n'.repeat(101))])).toThrow('too long');
  });
});
