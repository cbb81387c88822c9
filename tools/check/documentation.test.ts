import { describe, expect, it } from '@jest/globals';
import { describeBreach } from './breach.ts';
import { findDocumentationBreaches } from './documentation.ts';
import { makeScratchFolder } from './scratch-folder.ts';

async function judge(page: string, entries: readonly object[]): Promise<readonly string[]> {
  await using folder = await makeScratchFolder({
    'docs/page.md': page,
    'node_modules/other/README.md': '```sh\nkubectl get pods\n```\n',
    'test.ts': 'runs it',
    'e2e/docs/blocks.json': JSON.stringify(entries),
  });
  return (await findDocumentationBreaches(folder.path)).map(describeBreach);
}

const page = 'docs/page.md';

describe('blocks of the documentation', () => {
  it.each([
    ['run by the suite', { page, begins: 'kubectl', run: 'commands' }],
    ['tested elsewhere', { page, begins: '*', testedBy: 'test.ts', holds: 'runs it' }],
    ['not run, for a reason', { page, begins: 'kubectl get', notRun: 'needs a kubelet' }],
  ])('may be %s', async (_title, entry) => expect(await judge('```sh\nkubectl get nodes\n```\n', [entry])).toEqual([]));

  it.each(['sh', 'yaml', 'sh until "x"', ''])('must be listed: %s', async (info) => {
    expect(await judge(`# Page\n\n\`\`\`${info}\nkubectl get nodes\n\`\`\`\n`, [])).toEqual([
      'docs/page.md:3: nobody runs this block: say in e2e/docs/blocks.json who does, or why not: kubectl get nodes',
    ]);
  });

  it('may be pictures', async () => expect(await judge('```\nA --> B\n```\n', [])).toEqual([]));

  it.each([
    [{ page, begins: 'helm', run: 'commands' }, 'there is no such block any more'],
    [{ page, begins: 'kubectl' }, 'say one of run, testedBy and notRun'],
    [{ page, begins: 'kubectl', run: 'commands', notRun: 'x' }, 'say one of run, testedBy and notRun'],
    [{ page, begins: 'kubectl', run: 'magic' }, "the suite can't run magic"],
    [{ page, begins: 'kubectl', testedBy: 'gone.ts', holds: 'x' }, 'gone.ts is not there'],
    [{ page, begins: 'kubectl', testedBy: 'test.ts', holds: 'no more' }, 'test.ts does not hold no more'],
  ])('finds wrong entries: %j', async (entry, message) => {
    const known = { page, begins: '*', notRun: 'for the test' };
    expect(await judge('```sh\nkubectl get nodes\n```\n', [known, entry])).toEqual([
      `e2e/docs/blocks.json: ${page}, ${entry.begins}: ${message}`,
    ]);
  });
});

describe('links of the documentation', () => {
  const blocks = [{ page, begins: 'npm', notRun: 'for the test' }];
  const block = '```sh\nnpm test [a](nowhere.md)\n```\n';

  it('may lead to files, headings and elsewhere', async () => {
    const text = `# A \`b\`-c: d\n[a](#a-b-c-d) [t](../test.ts) [x](https://example.com) [p](page.md#a-b-c-d)\n${block}`;
    expect(await judge(text, blocks)).toEqual([]);
  });

  it('must lead somewhere', async () => {
    expect(await judge(`# A\n[b](#b)\n[c](c.md)\n[d](page.md#a) [e](page.md#e)\n${block}`, blocks)).toEqual([
      'docs/page.md:2: the link leads to nothing: #b',
      'docs/page.md:3: the link leads to nothing: c.md',
      'docs/page.md:4: the link leads to nothing: page.md#e',
    ]);
  });
});
