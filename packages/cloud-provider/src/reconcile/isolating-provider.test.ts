import { describe, expect, it } from '@jest/globals';
import { Duration } from '../base/duration.ts';
import type { CallContext } from '../cloud/call-context.ts';
import { CloudError } from '../cloud/cloud-error.ts';
import type { CloudProvider } from '../cloud/cloud-provider.ts';
import type { InstanceView, Instances, NodeRef } from '../cloud/instances.ts';
import { defectIn } from '../cloud/provider-defect.ts';
import type { Route, Routes } from '../cloud/routes.ts';
import { silentLogger } from '../telemetry/logger.ts';
import { MetricRegistry } from '../telemetry/metrics.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { isolatingProvider } from './isolating-provider.ts';

const call: CallContext = {
  signal: new AbortController().signal,
  timeout: Duration.minutes(1),
  freshness: 'live',
  priority: 'initialize',
};
const mistake = (): Error => new TypeError("Cannot read properties of undefined (reading 'x')");

function nodesOf(count: number): NodeRef[] {
  return Array.from({ length: count }, (_, at) => refOf(`n${at}`));
}

function refOf(name: string): NodeRef {
  return { name, uid: `uid-of-${name}`, providerID: '', labels: {}, annotations: {} };
}

/** A provider without private parts would hide that they must be kept. */
class Provider implements CloudProvider {
  readonly name = 'test';
  readonly capabilities = { instances: true, loadBalancers: [], routes: true };
  readonly #closed: string[] = [];
  readonly instances: Instances;
  readonly routes: Routes;

  constructor(parts: { readonly instances?: Partial<Instances>; readonly routes?: Partial<Routes> }) {
    this.instances = { maxBatch: 100, scopeOf: () => 'any', describe: async () => new Map(), ...parts.instances };
    this.routes = parts.routes as Routes;
  }

  probe(): Promise<void> {
    return Promise.resolve();
  }

  async close(): Promise<void> {
    this.#closed.push('once');
  }
}

class Bench {
  readonly clock = new FakeClock();
  readonly metrics = new MetricRegistry();
  readonly batches: string[][] = [];
  /** Throws what the batch is answered with. */
  judge: (names: readonly string[]) => void = () => {};
  readonly provider: CloudProvider;

  constructor(parts: ConstructorParameters<typeof Provider>[0] = {}) {
    const provider = new Provider({
      ...parts,
      instances: {
        describe: async (nodes) => {
          const names = nodes.map(({ name }) => name);
          this.batches.push(names);
          this.judge(names);
          return new Map(names.map((name): [string, InstanceView] => [name, { kind: 'present', state: 'running' }]));
        },
        ...parts.instances,
      },
    });
    this.provider = isolatingProvider(provider, {
      clock: this.clock,
      logger: silentLogger,
      metrics: this.metrics,
    });
  }

  describe(nodes: readonly NodeRef[]): Promise<ReadonlyMap<string, InstanceView>> {
    return this.provider.instances!.describe(nodes, 'power', call);
  }
}

describe('a question about many nodes', () => {
  it.each([
    ['a mistake in the provider', mistake, 'ProviderDefect'],
    [
      'a mistake behind a request',
      () => new CloudError('Unknown', 'Describe: TypeError', { cause: mistake() }),
      'ProviderDefect',
    ],
    ['a request that the cloud refuses', () => new CloudError('Invalid', 'malformed id'), undefined],
  ])('is answered for all others when one of them meets %s', async (_, failure, code) => {
    const bench = new Bench();
    bench.judge = (names) => {
      if (names.includes('n37')) throw failure();
    };
    const nodes = nodesOf(100);
    const views = await bench.describe(nodes);
    expect([...views].filter(([, { kind }]) => kind !== 'present').map(([name]) => name)).toEqual(['n37']);
    const view = views.get('n37')!;
    expect(view.kind === 'unknown' && defectIn(view.reason)?.code).toBe(code);
    expect(bench.batches.length).toBeLessThanOrEqual(16);

    // Whom it is about is known by then.
    bench.batches.length = 0;
    expect((await bench.describe(nodes)).size).toBe(100);
    expect(bench.batches.map(({ length }) => length)).toEqual([99]);

    // It is asked about now and then, and at once when it changes.
    await bench.clock.advance(Duration.minutes(1));
    bench.batches.length = 0;
    await bench.describe([refOf('n37')]);
    await bench.describe([refOf('n37')]);
    expect(bench.batches).toEqual([['n37']]);
    bench.judge = () => {};
    const changed = { ...refOf('n37'), providerID: 'test://37' };
    expect(await bench.describe([changed])).toEqual(new Map([['n37', { kind: 'present', state: 'running' }]]));
  });

  it('is asked once when nobody is to blame', async () => {
    const bench = new Bench();
    bench.judge = () => {
      throw new CloudError('Throttled', 'slow down');
    };
    await expect(bench.describe(nodesOf(10))).rejects.toThrow('slow down');
    expect(bench.batches).toHaveLength(1);
    bench.judge = () => {
      throw new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') });
    };
    await expect(bench.describe(nodesOf(10))).rejects.toThrow('fetch failed');
    expect(bench.batches).toHaveLength(2);
  });

  it('leaves open what the cloud does not answer on the way to the one', async () => {
    const bench = new Bench();
    bench.judge = (names) => {
      if (names.includes('n9')) throw bench.batches.length > 2 ? new CloudError('Throttled', 'slow down') : mistake();
    };
    const views = await bench.describe(nodesOf(10));
    expect([...views.values()].filter(({ kind }) => kind === 'present')).toHaveLength(5);
    expect(views.size).toBe(10);
  });
});

describe('what a provider says without asking', () => {
  it('keeps hands off nodes and routes that it fails with', async () => {
    const claim = ({ name }: NodeRef): 'open' => {
      if (name === 'bad') throw mistake();
      return 'open';
    };
    const targetOf: Routes['targetOf'] = ({ node }) => {
      if (node === 'bad') throw mistake();
      return { kind: 'known', target: node };
    };
    const scopeOf = (): 'any' => {
      throw mistake();
    };
    const { metrics, provider } = new Bench({ instances: { claim, scopeOf }, routes: { targetOf } });
    const { instances, routes } = provider;
    expect([instances?.claim?.(refOf('bad')), instances?.claim?.(refOf('good'))]).toEqual(['foreign', 'open']);
    expect(instances?.scopeOf(refOf('good'))).toBe('any');
    const route = (node: string): Route => ({ node, nodeUID: '', providerID: '', cidr: '', addresses: [] });
    expect(routes?.targetOf(route('good'))).toEqual({ kind: 'known', target: 'good' });
    expect(routes?.targetOf(route('bad'))).toEqual({
      kind: 'unknown',
      reason: expect.stringMatching(
        /^a defect of the provider, in routes\.targetOf: Cannot read .*; please report it$/,
      ),
    });
    expect(await metrics.render()).toContain('ccm_provider_defects_total{kind="routes",function="targetOf"} 1');
    await provider.close();
  });

  it('names a mistake behind a request, and no outage', async () => {
    let failure: Error = mistake();
    const { provider } = new Bench({ routes: { facts: () => Promise.reject(failure) } });
    const ask = (): Promise<unknown> => provider.routes!.facts(call).catch((error: unknown) => error);
    expect(defectIn((await ask()) as Error)?.message).toContain('in routes.facts: Cannot read');
    failure = new CloudError('Unavailable', 'down');
    expect(await ask()).toBe(failure);
  });
});
