import { join } from 'node:path';
import type { Suite } from '../harness/suite.ts';
import { runTestFiles } from '../harness/test-files.ts';
import { findChromium } from './browser.ts';

/** The status page in a real browser. */
export const pageSuite: Suite = {
  name: 'page',
  description: 'the status page, in headless Chromium',
  run: async (context) => {
    findChromium();
    return await runTestFiles({
      title: 'page',
      files: [join(import.meta.dirname, 'status-page.test.ts')],
      environment: {},
      only: context.only,
      concurrency: 1,
      signal: context.signal,
      print: context.print,
    });
  },
};
