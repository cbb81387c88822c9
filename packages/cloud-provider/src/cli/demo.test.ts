import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Duration } from '../base/duration.ts';
import { memoryCloudProvider } from '../testing/memory-cloud/memory-cloud-provider.ts';
import { startDemo } from '../testing/scenario/demo.ts';
import { runProgram } from './run-program.ts';

describe('the subcommands on the world of the demo', () => {
  it('reach its cluster and its cloud by the files that it writes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ccm-cli-demo-'));
    await using demo = await startDemo({
      nodes: 3,
      services: 2,
      seed: 1,
      deadline: Duration.minutes(5),
      version: '1',
      log: () => undefined,
    });
    const run = async (...words: readonly string[]): Promise<{ code: number; first: string; out: string }> => {
      let text = '';
      const stream = { write: (more: string) => (text += more) };
      const code = await runProgram(
        { name: 'memory-ccm', version: '1.36.0', factory: memoryCloudProvider() },
        {
          argv: ['node', 'ccm', ...words, '--kubeconfig', demo.kubeconfig, '--cloud-config', demo.cloudConfig],
          env: {},
          stdout: stream,
          stderr: stream,
          on: () => undefined,
          off: () => undefined,
        },
      );
      return { code, first: text.split('\n')[0] ?? '', out: text };
    };

    expect((await demo.scenario.run(new AbortController().signal)).problems).toEqual([]);
    const [service] = demo.apiServer.store.list('services').filter(({ spec }) => typeOf(spec) === 'LoadBalancer');
    const [node] = demo.apiServer.store.list('nodes');
    const capture = join(folder, 'capture.json');
    const fine: readonly (readonly [readonly string[], RegExp])[] = [
      [['plan'], /^Plan: nothing is to be done/],
      [['explain', `service/default/${String(service?.metadata.name)}`], /: as it should be, reached at /],
      [['explain', `node/${String(node?.metadata.name)}`], /: as its machine is$/],
      [['capture', '--file', capture], /^Captured: nothing is to be done/],
      [['replay', capture], /the same plan: nothing is to be done/],
      [['migrate', 'check'], /a takeover would change nothing/],
    ];
    for (const [words, first] of fine) {
      const told = await run(...words);
      expect([words.join(' '), told.code, told.first]).toEqual([words.join(' '), 0, expect.stringMatching(first)]);
    }
    // What another person left there without a tag is in the way of nobody, and is told.
    expect((await run('orphans', 'list')).first).toMatch(/^Orphans: 0 of/);
    const doctor = await run('doctor');
    expect(doctor.out).toMatch(/rights: all \d+ that the manager uses are granted/);
    expect(doctor.out).toMatch(/cloud: memory answers with these credentials/);
    expect((await run('audit')).out).toMatch(/calls in a quiet hour/);
    expect(demo.cloud.foreignWrites).toEqual([]);
    await rm(folder, { recursive: true, force: true });
  }, 300_000);
});

function typeOf(spec: unknown): unknown {
  return typeof spec === 'object' && spec !== null && 'type' in spec ? spec.type : undefined;
}
