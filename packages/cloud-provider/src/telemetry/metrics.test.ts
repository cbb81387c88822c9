import { describe, expect, it } from '@jest/globals';
import { metricDeclarations } from './metric-names.ts';
import { MetricRegistry } from './metrics.ts';

/** The lines of one metric, without its HELP and TYPE. */
async function series(registry: MetricRegistry, name: string): Promise<string[]> {
  const lines = (await registry.render()).split('\n');
  return lines.filter((line) => line.startsWith(name));
}

describe('MetricRegistry', () => {
  it('counts, sets and observes by labels', async () => {
    const registry = new MetricRegistry();
    registry.counter('workqueue_adds_total', { name: 'node' }).increment();
    registry.counter('workqueue_adds_total', { name: 'node' }).increment(2);
    registry.counter('workqueue_adds_total', { name: 'service' }).increment();
    const depth = registry.gauge('workqueue_depth', { name: 'node' });
    depth.set(5);
    depth.add(-2);
    registry.histogram('node_controller_initial_node_sync_delay_seconds', {}).observe(3);
    expect(await series(registry, 'workqueue')).toEqual([
      'workqueue_adds_total{name="node"} 3',
      'workqueue_adds_total{name="service"} 1',
      'workqueue_depth{name="node"} 3',
    ]);
    expect(await series(registry, 'node_controller')).toEqual([
      'node_controller_initial_node_sync_delay_seconds_bucket{le="1"} 0',
      'node_controller_initial_node_sync_delay_seconds_bucket{le="4"} 1',
      'node_controller_initial_node_sync_delay_seconds_bucket{le="16"} 1',
      'node_controller_initial_node_sync_delay_seconds_bucket{le="64"} 1',
      'node_controller_initial_node_sync_delay_seconds_bucket{le="256"} 1',
      'node_controller_initial_node_sync_delay_seconds_bucket{le="1024"} 1',
      'node_controller_initial_node_sync_delay_seconds_bucket{le="+Inf"} 1',
      'node_controller_initial_node_sync_delay_seconds_sum 3',
      'node_controller_initial_node_sync_delay_seconds_count 1',
    ]);
    expect(registry.contentType).toContain('text/plain');
  });

  it('collects before it renders, until told to stop', async () => {
    const registry = new MetricRegistry();
    let reads = 0;
    const stop = registry.onCollect(() => registry.gauge('ccm_informer_objects', { resource: 'nodes' }).set(++reads));
    expect(await series(registry, 'ccm_informer_objects')).toEqual(['ccm_informer_objects{resource="nodes"} 1']);
    stop();
    expect(await series(registry, 'ccm_informer_objects')).toEqual(['ccm_informer_objects{resource="nodes"} 1']);
  });

  it('drops a series of what is gone', async () => {
    const registry = new MetricRegistry();
    registry.gauge('ccm_cloud_budget_rate', { group: 'g', scope: 's' }).set(1);
    registry.remove('ccm_cloud_budget_rate', { group: 'g', scope: 's' });
    expect(await series(registry, 'ccm_cloud_budget_rate')).toEqual([]);
  });

  it('shares nothing between registries', async () => {
    const [one, other] = [new MetricRegistry(), new MetricRegistry()];
    one.gauge('workqueue_depth', { name: 'x' }).set(1);
    expect(await series(other, 'workqueue_depth')).toEqual([]);
  });

  it("reports the process under Prometheus' names", async () => {
    const registry = new MetricRegistry();
    registry.collectProcess();
    const text = await registry.render();
    for (const name of ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'process_start_time_seconds']) {
      expect(text).toContain(name);
    }
  });

  it.each(Object.entries(metricDeclarations))('declares %s as Prometheus wants it', (name, declaration) => {
    expect(name).toMatch(/^[a-z][a-z0-9_]*[a-z]$/);
    expect(name.endsWith('_total')).toBe(declaration.type === 'counter');
    expect(declaration.help.length).toBeGreaterThan(10);
    if (declaration.type !== 'histogram') return;
    const sorted = [...declaration.buckets].sort((a, b) => a - b);
    expect(declaration.buckets).toEqual(sorted);
  });
});
