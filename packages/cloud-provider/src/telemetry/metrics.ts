import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import {
  type CounterName,
  type GaugeName,
  type HistogramName,
  type MetricDeclaration,
  type MetricLabels,
  type MetricName,
  metricDeclarations,
} from './metric-names.ts';

/** One series of a counter. */
export interface CounterSeries {
  /** @param by not negative. @default 1 */
  increment(by?: number): void;
}

/** One series of a gauge. */
export interface GaugeSeries {
  set(value: number): void;
  /** @param by may be negative */
  add(by: number): void;
}

/** One series of a histogram. */
export interface HistogramSeries {
  observe(value: number): void;
}

type Metric = Counter | Gauge | Histogram;

/**
 * The metrics of one manager, in Prometheus' text form. Metrics are declared in one table; asking for a series makes it, and
 * holding on to it makes each update cheap. One registry for each manager: nothing is global.
 */
export class MetricRegistry {
  readonly #registry = new Registry();
  readonly #metrics = new Map<MetricName, Metric>();
  readonly #collectors = new Set<() => void>();

  /** The `Content-Type` of {@link render}. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  counter<Name extends CounterName>(name: Name, labels: MetricLabels<Name>): CounterSeries {
    const series = this.#metric(name, Counter).labels(labels);
    return { increment: (by = 1) => series.inc(by) };
  }

  gauge<Name extends GaugeName>(name: Name, labels: MetricLabels<Name>): GaugeSeries {
    const series = this.#metric(name, Gauge).labels(labels);
    return { set: (value) => series.set(value), add: (by) => series.inc(by) };
  }

  histogram<Name extends HistogramName>(name: Name, labels: MetricLabels<Name>): HistogramSeries {
    const series = this.#metric(name, Histogram).labels(labels);
    return { observe: (value) => series.observe(value) };
  }

  /** Drops one series, for what no longer exists. */
  remove<Name extends MetricName>(name: Name, labels: MetricLabels<Name>): void {
    this.#metrics.get(name)?.remove(labels);
  }

  /** Adds `process_*` and `nodejs_*`. Call it once, in a real process. */
  collectProcess(): void {
    collectDefaultMetrics({ register: this.#registry });
  }

  /**
   * Calls back before each rendering, for gauges that are cheaper to read than to keep. The returned function stops it.
   * It must not throw.
   */
  onCollect(collect: () => void): () => void {
    this.#collectors.add(collect);
    return () => {
      this.#collectors.delete(collect);
    };
  }

  /** Everything in Prometheus' text form. */
  render(): Promise<string> {
    for (const collect of this.#collectors) collect();
    return this.#registry.metrics();
  }

  #metric<M extends Metric>(name: MetricName, kind: new (configuration: never) => M): M {
    const known = this.#metrics.get(name);
    if (known instanceof kind) return known;
    const created = createMetric(name, metricDeclarations[name], this.#registry);
    if (!(created instanceof kind)) throw new TypeError(`${name} is not a ${kind.name}`);
    this.#metrics.set(name, created);
    return created;
  }
}

function createMetric(name: MetricName, declaration: MetricDeclaration, registry: Registry): Metric {
  const common = { name, help: declaration.help, labelNames: [...declaration.labels], registers: [registry] };
  switch (declaration.type) {
    case 'counter':
      return new Counter(common);
    case 'gauge':
      return new Gauge(common);
    case 'histogram':
      return new Histogram({ ...common, buckets: [...declaration.buckets] });
  }
}
