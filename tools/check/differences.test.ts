import { describe, expect, it } from '@jest/globals';
import { describeBreach } from './breach.ts';
import { findDifferenceBreaches } from './differences.ts';
import { makeScratchFolder } from './scratch-folder.ts';

const head = '# Differences\n\n| case | path | Go | ours | reference |\n|---|---|---|---|---|\n';
const page = 'packages/a/docs/differences.md';

async function judge(text: string): Promise<string[]> {
  await using folder = await makeScratchFolder({ [page]: text, 'packages/a/src/x.ts': '' });
  return (await findDifferenceBreaches(folder.path)).map(describeBreach);
}

describe('findDifferenceBreaches', () => {
  it('lets a sound table be, and packages without one', async () => {
    expect(await judge(`${head}| one | p | g | a \\| b | src/x.ts |\n`)).toEqual([]);
    await using folder = await makeScratchFolder({ 'packages/b/package.json': '{}' });
    expect(await findDifferenceBreaches(folder.path)).toEqual([]);
  });

  it.each([
    ['no table', 'nothing', 'the table must have the columns'],
    ['other columns', '| case | Go |\n|---|---|\n', 'the table must have the columns'],
    ['no rows', head, 'the table has no rows'],
    ['an empty cell', `${head}| one | p |  | o | src/x.ts |\n`, ':5: a row has 5 cells'],
    ['a cell too many', `${head}| one | p | g | o | src/x.ts | more |\n`, ':5: a row has 5 cells'],
    ['a stale reference', `${head}| one | p | g | o | src/gone.ts |\n`, ':5: src/gone.ts is not there'],
    [
      'a case twice',
      `${head}| one | p | g | o | src/x.ts |\n| one | q | g | o | src/x.ts |\n`,
      ':6: the case one stands here twice',
    ],
  ])('finds %s', async (_, text, message) => {
    expect(await judge(text)).toEqual([expect.stringContaining(message)]);
  });
});
