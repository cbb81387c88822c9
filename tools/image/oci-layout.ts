import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type TarEntry, writeTar } from './tar.ts';

/** What an image is made of. */
export interface ImageParts {
  /** Undermost first: what changes least. */
  readonly layers: readonly { readonly title: string; readonly entries: readonly TarEntry[] }[];
  readonly architecture: 'amd64' | 'arm64';
  readonly config: {
    readonly user: string;
    readonly workingFolder: string;
    readonly entrypoint: readonly string[];
    readonly environment: Readonly<Record<string, string>>;
  };
  readonly annotations: Readonly<Record<string, string>>;
}

/** What was written. */
export interface WrittenImage {
  /** Of the manifest: what the image is pulled by. */
  readonly digest: string;
  readonly layers: readonly { readonly title: string; readonly digest: string; readonly size: number }[];
  /** Of everything that is pulled, in bytes. */
  readonly size: number;
}

const media = 'application/vnd.oci.image';
/** Of what is large more takes three times as long and saves a thousandth. */
const large = 16 * 1024 * 1024;

/**
 * Writes an OCI image layout into a folder. The same parts give the same bytes, as long as the zlib of the running Node is
 * the same.
 */
export async function writeOciLayout(folder: string, parts: ImageParts): Promise<WrittenImage> {
  const blobs = join(folder, 'blobs/sha256');
  await mkdir(blobs, { recursive: true });
  const store = async (content: Uint8Array): Promise<{ digest: string; size: number }> => {
    const hash = sha256(content);
    await writeFile(join(blobs, hash), content);
    return { digest: `sha256:${hash}`, size: content.length };
  };
  const layers = [];
  for (const { title, entries } of parts.layers) {
    const archive = writeTar(entries);
    const stored = await store(gzipSync(archive, { level: archive.length > large ? 6 : 9 }));
    layers.push({ title, diff: `sha256:${sha256(archive)}`, ...stored });
  }
  const { user, workingFolder, entrypoint, environment } = parts.config;
  const config = await store(
    json({
      architecture: parts.architecture,
      os: 'linux',
      created: '1970-01-01T00:00:00Z',
      config: {
        User: user,
        WorkingDir: workingFolder,
        Entrypoint: entrypoint,
        Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
        Labels: parts.annotations,
      },
      rootfs: { type: 'layers', diff_ids: layers.map(({ diff }) => diff) },
      history: layers.map(({ title }) => ({ created: '1970-01-01T00:00:00Z', created_by: title })),
    }),
  );
  const manifest = await store(
    json({
      schemaVersion: 2,
      mediaType: `${media}.manifest.v1+json`,
      config: { mediaType: `${media}.config.v1+json`, ...config },
      layers: layers.map(({ digest, size }) => ({ mediaType: `${media}.layer.v1.tar+gzip`, digest, size })),
      annotations: parts.annotations,
    }),
  );
  const platform = { architecture: parts.architecture, os: 'linux' };
  const index = {
    schemaVersion: 2,
    mediaType: `${media}.index.v1+json`,
    manifests: [{ mediaType: `${media}.manifest.v1+json`, ...manifest, platform }],
  };
  await writeFile(join(folder, 'index.json'), json(index));
  await writeFile(join(folder, 'oci-layout'), json({ imageLayoutVersion: '1.0.0' }));
  return {
    digest: manifest.digest,
    layers: layers.map(({ title, digest, size }) => ({ title, digest, size })),
    size: [config, manifest, ...layers].reduce((sum, { size }) => sum + size, 0),
  };
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
