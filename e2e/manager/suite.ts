import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runParts, type Suite } from '../harness/suite.ts';
import { runTestFiles } from '../harness/test-files.ts';
import { startKubeApiServer } from '../kube-apiserver/start.ts';
import { kubeconfigVariable, kubectlVariable } from '../kubectl/kubectl.ts';
import { auditLogVariable } from './variables.ts';

/** Every request with who sent it and what became of it, without bodies. */
const auditPolicy = JSON.stringify({
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata' }],
});

/** The manager with the memory cloud as a user of a real API server: what it may do, and whom it lets in. */
export const managerSuite: Suite = {
  name: 'manager',
  description: 'rights of the manager and access to it, on real API servers',
  run: async (context) =>
    runParts(
      context.minors.map((minor) => ({
        title: `manager on kube-apiserver ${minor}`,
        run: async () => {
          const folder = await mkdtemp(join(tmpdir(), 'ccm-ts-manager-'));
          try {
            const [policy, log] = [join(folder, 'policy.json'), join(folder, 'audit.log')];
            await writeFile(policy, auditPolicy);
            await writeFile(log, '');
            const flags = [`--audit-policy-file=${policy}`, `--audit-log-path=${log}`, '--audit-log-mode=blocking'];
            await using server = await startKubeApiServer({ minor, progress: context.print, flags });
            return await runTestFiles({
              title: `manager on kube-apiserver ${minor}`,
              files: ['access.test.ts', 'rights.test.ts', 'webhook.test.ts'].map((file) =>
                join(import.meta.dirname, file),
              ),
              environment: {
                [kubeconfigVariable]: server.kubeconfig,
                [kubectlVariable]: server.kubectl,
                [auditLogVariable]: log,
              },
              only: context.only,
              concurrency: 1,
              signal: context.signal,
              print: context.print,
            });
          } finally {
            await rm(folder, { recursive: true, force: true });
          }
        },
      })),
    ),
};
