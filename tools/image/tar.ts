/** A file, folder or link of an archive. */
export type TarEntry = { readonly path: string } & (
  | { readonly kind: 'file'; readonly mode: number; readonly content: Uint8Array }
  | { readonly kind: 'folder' }
  | { readonly kind: 'link'; readonly target: string }
);

const blockSize = 512;
const longestName = 100;
const longestPrefix = 155;
const typeFlags = { file: '0', link: '2', folder: '5' } as const;

/**
 * Writes an archive (POSIX ustar) that depends on nothing but the entries: sorted by path, of root, of 1970; folders above
 * the entries are added.
 *
 * @throws Error for a path that is absolute, given twice or too long
 */
export function writeTar(entries: readonly TarEntry[]): Buffer {
  const byPath = new Map<string, TarEntry>();
  for (const entry of entries) {
    if (entry.path.startsWith('/')) throw new Error(`${entry.path} must be relative to the root`);
    if (byPath.has(entry.path)) throw new Error(`${entry.path} is given twice`);
    byPath.set(entry.path, entry);
  }
  for (const { path } of entries) {
    const parts = path.split('/');
    for (let depth = 1; depth < parts.length; depth++) {
      const above = parts.slice(0, depth).join('/');
      if (!byPath.has(above)) byPath.set(above, { kind: 'folder', path: above });
    }
  }
  const blocks: Uint8Array[] = [];
  for (const entry of [...byPath.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    blocks.push(header(entry));
    if (entry.kind === 'file') {
      blocks.push(entry.content, Buffer.alloc((blockSize - (entry.content.length % blockSize)) % blockSize));
    }
  }
  return Buffer.concat([...blocks, Buffer.alloc(2 * blockSize)]);
}

function header(entry: TarEntry): Buffer {
  const block = Buffer.alloc(blockSize);
  const text = (value: string, offset: number): void => {
    block.write(value, offset, 'utf8');
  };
  const octal = (value: number, offset: number, length: number): void => {
    text(`${value.toString(8).padStart(length - 1, '0')}\0`, offset);
  };
  const { prefix, name } = splitPath(entry.kind === 'folder' ? `${entry.path}/` : entry.path);
  text(name, 0);
  octal(entry.kind === 'file' ? entry.mode : entry.kind === 'link' ? 0o777 : 0o755, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(entry.kind === 'file' ? entry.content.length : 0, 124, 12);
  octal(0, 136, 12);
  block.fill(' ', 148, 156);
  text(typeFlags[entry.kind], 156);
  if (entry.kind === 'link') text(checked(entry.target, longestName), 157);
  text('ustar\u000000', 257);
  text('root', 265);
  text('root', 297);
  text(prefix, 345);
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  return block;
}

function splitPath(path: string): { readonly prefix: string; readonly name: string } {
  if (Buffer.byteLength(path) <= longestName) return { prefix: '', name: path };
  // The shortest prefix leaves the longest name: the first cut that fits.
  for (let cut = path.indexOf('/'); cut > 0; cut = path.indexOf('/', cut + 1)) {
    const [prefix, name] = [path.slice(0, cut), path.slice(cut + 1)];
    if (name.length > 0 && Buffer.byteLength(name) <= longestName)
      return { prefix: checked(prefix, longestPrefix), name };
  }
  throw new Error(`${path} is too long for this kind of archive`);
}

function checked(text: string, longest: number): string {
  if (Buffer.byteLength(text) > longest) throw new Error(`${text} is longer than ${longest} bytes`);
  return text;
}
