import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { architectures, isArchitecture } from './architecture.ts';
import { buildImage } from './build-image.ts';

/**
 * `build.ts --package packages/NAME [--platform linux/amd64,linux/arm64] [--out FOLDER]` prints the digests and sizes of the
 * image as JSON. For amd64 alone unless the platforms are named.
 */
const root = resolve(import.meta.dirname, '../..');
const { values } = parseArgs({
  options: { package: { type: 'string' }, platform: { type: 'string' }, out: { type: 'string' } },
});
if (values.package === undefined) throw new Error('--package must name the folder of a provider');
const packageFolder = resolve(root, values.package);
const wanted = (values.platform ?? 'linux/amd64').split(',').map((platform) => {
  const architecture = platform.replace(/^linux\//, '');
  if (!isArchitecture(architecture)) {
    throw new Error(`--platform: ${platform} is none of ${architectures.map((name) => `linux/${name}`).join(', ')}`);
  }
  return architecture;
});
const image = await buildImage({
  root,
  packageFolder,
  architectures: [...new Set(wanted)].toSorted(),
  out: resolve(values.out ?? `${packageFolder}/bundle/image`),
});
console.log(JSON.stringify(image, undefined, 2));
