import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleApp, compileAhead } from './app-layer.ts';
import { type Architecture, runnableNode } from './architecture.ts';
import { baseLayer, imageUser } from './base-layer.ts';
import { type ImageParts, type WrittenImage, writeOciLayout } from './oci-layout.ts';
import { sbom } from './sbom.ts';

export interface BuildImageOptions {
  /** The workspace, with what the lock file pins installed. */
  readonly root: string;
  /** Of the provider. */
  readonly packageFolder: string;
  readonly architectures: readonly Architecture[];
  /** A folder to write to; what is in it goes. Gets `layout`, an OCI image layout, and a `sbom-ARCHITECTURE.cdx.json` for each. */
  readonly out: string;
}

/** Builds the image of a provider. The same sources give the same digest. */
export async function buildImage(options: BuildImageOptions): Promise<WrittenImage> {
  const { root, packageFolder, out } = options;
  const manifest = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8')) as {
    readonly version: string;
    readonly description: string;
    readonly license: string;
  };
  const app = await bundleApp(packageFolder);
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const images: ImageParts[] = [];
  for (const architecture of options.architectures) {
    const base = await baseLayer(root, architecture);
    await using node = await runnableNode(architecture, base);
    images.push({
      layers: [
        { title: 'Node and the libraries that it is linked to', entries: base },
        { title: 'the manager', entries: [...app.entries, ...(await compileAhead(app, node.command))] },
      ],
      architecture,
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
    const bill = await sbom({ packageFolder, sources: app.sources, architecture, node: node.command });
    await writeFile(join(out, `sbom-${architecture}.cdx.json`), `${JSON.stringify(bill, undefined, 2)}\n`);
  }
  return await writeOciLayout(join(out, 'layout'), images);
}
