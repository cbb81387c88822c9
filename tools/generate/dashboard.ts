import { type MetricDeclaration, metricDeclarations } from '@ccm-ts/cloud-provider';

/** Rows by how the names of their metrics begin, in this order; the first that fits has the metric. */
const rows: readonly (readonly [title: string, prefix: RegExp])[] = [
  ['Health and leadership', /^(leader_election|running_managed|kubernetes_health|ccm_build|ccm_event_loop)/],
  ['Calls to the cloud', /^ccm_cloud/],
  ['Nodes', /^(node_controller|cloud_node|ccm_node)/],
  ['Load balancers', /^service_controller/],
  ['Routes and ranges of nodes', /^(route_controller|node_ipam)/],
  ['Orphans', /^ccm_orphan/],
  ['API server', /^(rest_client|ccm_informer|ccm_events)/],
  ['Queues', /^(workqueue|ccm_reconcile)/],
  ['Other', /^/],
];

const columns = 3;
const size = { w: 24 / columns, h: 7 };

/** A dashboard for Grafana with every metric of the registry on it. */
export function dashboard(): unknown {
  const declarations: Readonly<Record<string, MetricDeclaration>> = metricDeclarations;
  const byRow = Map.groupBy(
    Object.entries(declarations),
    ([name]) => rows.find(([, prefix]) => prefix.test(name))?.[0],
  );
  const panels: unknown[] = [];
  let y = 0;
  for (const [title] of rows) {
    const metrics = byRow.get(title) ?? [];
    if (metrics.length === 0) continue;
    panels.push({ id: panels.length + 1, type: 'row', title, collapsed: false, gridPos: { x: 0, y, w: 24, h: 1 } });
    y += 1;
    for (const [index, [name, declaration]] of metrics.entries()) {
      const gridPos = { x: (index % columns) * size.w, y: y + Math.floor(index / columns) * size.h, ...size };
      panels.push({ id: panels.length + 1, ...panel(name, declaration), gridPos });
    }
    y += Math.ceil(metrics.length / columns) * size.h;
  }
  return {
    title: 'Cloud controller manager',
    uid: 'cloud-controller-manager',
    schemaVersion: 39,
    refresh: '1m',
    time: { from: 'now-6h', to: 'now' },
    templating: {
      list: [
        { name: 'datasource', type: 'datasource', query: 'prometheus' },
        {
          name: 'job',
          type: 'query',
          datasource: { type: 'prometheus', uid: '$datasource' },
          query: 'label_values(ccm_build_info, job)',
          refresh: 2,
        },
      ],
    },
    panels,
  };
}

function panel(name: string, declaration: MetricDeclaration): Readonly<Record<string, unknown>> {
  const { expr, unit } = query(name, declaration);
  return {
    type: 'timeseries',
    title: name,
    description: declaration.help,
    datasource: { type: 'prometheus', uid: '$datasource' },
    fieldConfig: { defaults: { unit }, overrides: [] },
    targets: [{ refId: 'A', expr, legendFormat: declaration.labels.map((label) => `{{${label}}}`).join(' ') }],
  };
}

function query(name: string, { type, labels }: MetricDeclaration): { readonly expr: string; readonly unit: string } {
  const of = (metric: string): string => `${metric}{job="$job"}`;
  const by = (more: readonly string[]): string =>
    [...labels, ...more].length > 0 ? ` by (${[...labels, ...more].join(', ')})` : '';
  const unit = name.endsWith('_seconds') ? 's' : 'short';
  switch (type) {
    case 'counter':
      return { expr: `sum${by([])} (rate(${of(name)}[$__rate_interval]))`, unit: 'ops' };
    case 'gauge':
      return { expr: `max${by([])} (${of(name)})`, unit };
    case 'histogram':
      return {
        expr: `histogram_quantile(0.99, sum${by(['le'])} (rate(${of(`${name}_bucket`)}[$__rate_interval])))`,
        unit,
      };
  }
}
