import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildImage } from './build-image.ts';

/** `build.ts [--package packages/NAME] [--out FOLDER]` prints the digest and sizes of the image as JSON. */
const root = resolve(import.meta.dirname, '../..');
const { values } = parseArgs({ options: { package: { type: 'string' }, out: { type: 'string' } } });
if (values.package === undefined) throw new Error('--package must name the folder of a provider');
const packageFolder = resolve(root, values.package);
const image = await buildImage({ root, packageFolder, out: resolve(values.out ?? `${packageFolder}/bundle/image`) });
console.log(JSON.stringify(image, undefined, 2));
