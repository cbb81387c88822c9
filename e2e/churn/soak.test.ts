import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ManagerStatus } from '@ccm-ts/cloud-provider';
import { Agent, request } from 'undici';
import { processUsage } from '../bench/process-usage.ts';
import { after, describe, it } from '../harness/node-test.ts';
import { Churn } from './churn.ts';
import { Ground } from './ground.ts';
import { inspectHeap } from './live-heap.ts';
import { type Sample, slopePerMinute } from './slope.ts';
import type { SoakResult } from './soak-result.ts';
import { readApiServer, readProgram, resultVariable, secondsVariable } from './variables.ts';

const defaultSeconds = 60;
const size = { nodes: 20, services: 30 };
/** Before that caches, compiled code and the connections are being built up. */
const warmUpShare = 1 / 3;
/** More than this of the live heap, in all, is growth; less is the noise of what happens to be under way. */
const toleratedGrowthMegabytes = 3;
/** Everything may wait at once, and once more. */
const longestQueue = 2 * (size.nodes + size.services);

describe('soak', () => {
  const apiServer = readApiServer(process.env);
  const seconds = Number(process.env[secondsVariable] || defaultSeconds);
  const disposal = new AsyncDisposableStack();
  const agent = new Agent({ connect: { rejectUnauthorized: false } });
  disposal.defer(() => agent.close());
  after(() => disposal.disposeAsync());

  async function ask(port: number, path: string): Promise<string> {
    const response = await request(`https://127.0.0.1:${port}${path}`, {
      dispatcher: agent,
      headers: { accept: 'application/json', authorization: `Bearer ${apiServer.token}` },
    });
    const text = await response.body.text();
    assert.equal(response.statusCode, 200, text);
    return text;
  }

  it(`${seconds} s of churn leave memory, queues and watches as they were`, async () => {
    const ground = disposal.use(await Ground.open({ apiServer, program: readProgram(process.env) }));
    let requests = 0;
    const manager = disposal.use(
      await ground.launch('manager', {
        flags: ['--leader-elect-retry-period=1s'],
        nodeFlags: ['--inspect=127.0.0.1:0'],
        onRequest: () => requests++,
      }),
    );
    const { process: program, apiServer: line } = manager;
    await until('the manager to work', () => line.openWatches() > 0);
    using heap = disposal.use(await inspectHeap(await program.log()));
    const watches = line.openWatches();

    const churn = Churn.start({ ground, seed: 1, pauseMilliseconds: 100, ...size });
    disposal.defer(() => churn.stop());
    const began = performance.now();
    const elapsed = (): number => (performance.now() - began) / 1000;
    const interval = Math.max(2000, (seconds * 1000) / 120);
    const [heaps, residents]: [Sample[], Sample[]] = [[], []];
    let [deepest, cuts] = [0, 0];
    while (elapsed() < seconds) {
      await sleep(interval);
      assert.equal(program.exitCode(), undefined, await program.log());
      const status = JSON.parse(await ask(program.port, '/statusz')) as ManagerStatus;
      const depth = status.controllers.flatMap(({ queues }) => queues.map((queue) => queue.depth));
      deepest = Math.max(deepest, ...depth);
      heaps.push({ seconds: elapsed(), value: await heap.megabytes() });
      residents.push({ seconds: elapsed(), value: processUsage(program.pid).residentMegabytes });
      cuts += line.cutWatches();
    }
    const metrics = await ask(program.port, '/metrics');
    await churn.stop();
    await ground.settle(90);
    await until('all watches to be back', () => line.openWatches() === watches);

    const warm = ({ seconds: at }: Sample): boolean => at >= seconds * warmUpShare;
    const [warmHeaps, warmResidents] = [heaps.filter(warm), residents.filter(warm)];
    const minutes = (seconds * (1 - warmUpShare)) / 60;
    const slope = slopePerMinute(warmHeaps);
    const result: SoakResult = {
      proof: 'soak',
      points: heaps.length,
      seconds,
      events: churn.events,
      requests,
      watchesCut: cuts,
      deepestQueue: deepest,
      liveHeapMegabytes: { first: round(warmHeaps[0]?.value), last: round(warmHeaps.at(-1)?.value) },
      liveHeapMegabytesPerMinute: round(slope),
      residentMegabytes: { first: round(warmResidents[0]?.value), last: round(warmResidents.at(-1)?.value) },
      residentMegabytesPerMinute: round(slopePerMinute(warmResidents)),
      metricSeries: metrics.split('\n').filter((text) => text !== '' && !text.startsWith('#')).length,
      toleratedGrowthMegabytes,
    };
    process.stdout.write(`${JSON.stringify(result)}\n`);
    const resultFile = process.env[resultVariable];
    if (resultFile) writeFileSync(resultFile, JSON.stringify(result));
    assert.ok(cuts > 0, 'watches were cut');
    assert.ok(deepest <= longestQueue, `a queue held ${deepest} items`);
    assert.ok(
      slope * minutes <= toleratedGrowthMegabytes,
      `the live heap grew by ${round(slope)} MB a minute: ${heaps.map(({ value }) => round(value)).join(', ')}`,
    );
  });
});

function round(value: number | undefined): number {
  return Math.round((value ?? 0) * 1000) / 1000;
}

async function until(what: string, condition: () => boolean): Promise<void> {
  const end = performance.now() + 60_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`still waiting for ${what}`);
    await sleep(50);
  }
}
