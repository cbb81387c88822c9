import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Architecture } from './architecture.ts';
import { type TarEntry, writeTar } from './tar.ts';

/** What an image is made of. */
export interface ImageParts {
  /** Undermost first: what changes least. */
  readonly layers: readonly { readonly title: string; readonly entries: readonly TarEntry[] }[];
  readonly architecture: Architecture;
  readonly config: {
    readonly user: string;
    readonly workingFolder: string;
    readonly entrypoint: readonly string[];
    readonly environment: Readonly<Record<string, string>>;
  };
  readonly annotations: Readonly<Record<string, string>>;
}

/** What was written for one processor. */
export interface WrittenManifest {
  readonly architecture: Architecture;
  /** Of the manifest. */
  readonly digest: string;
  readonly layers: readonly { readonly title: string; readonly digest: string; readonly size: number }[];
  /** Of everything that is pulled, in bytes. */
  readonly size: number;
}

/** What was written. */
export interface WrittenImage {
  /** What the image is pulled by: of the index when it is for several processors, else of the manifest. */
  readonly digest: string;
  readonly manifests: readonly WrittenManifest[];
}

type Store = (content: Uint8Array) => Promise<{ readonly digest: string; readonly size: number }>;

const media = 'application/vnd.oci.image';
/** Of what is large more takes three times as long and saves a thousandth. */
const large = 16 * 1024 * 1024;

/**
 * Writes an OCI image layout into a folder. The same parts give the same bytes, as long as the zlib of the running Node is
 * the same.
 */
export async function writeOciLayout(folder: string, images: readonly ImageParts[]): Promise<WrittenImage> {
  const blobs = join(folder, 'blobs/sha256');
  await mkdir(blobs, { recursive: true });
  const store: Store = async (content) => {
    const hash = sha256(content);
    await writeFile(join(blobs, hash), content);
    return { digest: `sha256:${hash}`, size: content.length };
  };
  const manifests = [];
  for (const parts of images) manifests.push(await writeManifest(parts, store));
  const descriptors = manifests.map(({ written, size }) => ({
    mediaType: `${media}.manifest.v1+json`,
    digest: written.digest,
    size,
    platform: { architecture: written.architecture, os: 'linux' },
  }));
  const [only] = descriptors;
  const isOne = only !== undefined && descriptors.length === 1;
  // An index in the index, because several entries of a layout are several images.
  const entry = isOne ? only : { mediaType: `${media}.index.v1+json`, ...(await store(json(indexOf(descriptors)))) };
  await writeFile(join(folder, 'index.json'), json(indexOf([entry])));
  await writeFile(join(folder, 'oci-layout'), json({ imageLayoutVersion: '1.0.0' }));
  return { digest: entry.digest, manifests: manifests.map(({ written }) => written) };
}

function indexOf(manifests: readonly unknown[]): unknown {
  return { schemaVersion: 2, mediaType: `${media}.index.v1+json`, manifests };
}

async function writeManifest(
  parts: ImageParts,
  store: Store,
): Promise<{ readonly written: WrittenManifest; readonly size: number }> {
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
  const written = {
    architecture: parts.architecture,
    digest: manifest.digest,
    layers: layers.map(({ title, digest, size }) => ({ title, digest, size })),
    size: [config, manifest, ...layers].reduce((sum, { size }) => sum + size, 0),
  };
  return { written, size: manifest.size };
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
