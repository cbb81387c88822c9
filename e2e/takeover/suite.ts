import { join } from 'node:path';
import { buildGoPrograms } from '../bench/go-programs.ts';
import { bundleOurManager } from '../bench/our-manager.ts';
import { type ApiServerUnderTest, apiServerVariable } from '../churn/variables.ts';
import { runParts, type Suite } from '../harness/suite.ts';
import { runTestFiles } from '../harness/test-files.ts';
import { startKubeApiServer } from '../kube-apiserver/start.ts';
import { programsVariable, type TakeoverPrograms } from './variables.ts';

/** The Go framework's manager and ours in one cluster and one cloud. */
export const takeoverSuite: Suite = {
  name: 'takeover',
  description: "beside the Go framework's manager: loop by loop, selector by selector, and back",
  run: async (context) =>
    runParts(
      context.minors.map((minor) => {
        const title = `takeover on kube-apiserver ${minor}`;
        return {
          title,
          run: async () => {
            const go = await buildGoPrograms(context.print);
            await using ours = await bundleOurManager();
            // Nothing here makes Nodes ready, and real ones are.
            const flags = ['--disable-admission-plugins=ServiceAccount,TaintNodesByCondition'];
            await using server = await startKubeApiServer({ minor, progress: context.print, flags });
            const { url, certificateAuthority, token } = server.access;
            const underTest: ApiServerUnderTest = { url, certificateAuthority, token, pid: server.apiServerPid };
            const programs: TakeoverPrograms = { ours: ours.path, go: go.ccm, cloudsim: go.cloudsim };
            return await runTestFiles({
              title,
              files: [join(import.meta.dirname, 'takeover.test.ts')],
              environment: {
                [apiServerVariable]: JSON.stringify(underTest),
                [programsVariable]: JSON.stringify(programs),
              },
              only: context.only,
              concurrency: 1,
              signal: context.signal,
              print: context.print,
            });
          },
        };
      }),
    ),
};
