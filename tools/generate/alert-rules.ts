interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly severity: 'warning' | 'critical';
  readonly summary: string;
}

const alerts: readonly Alert[] = [
  {
    alert: 'CloudControllerManagerNobodyLeads',
    expr: 'sum by (name) (leader_election_master_status) < 1',
    for: '2m',
    severity: 'critical',
    summary: 'No manager holds the lease {{ $labels.name }}: nodes are not initialised, load balancers not kept.',
  },
  {
    alert: 'CloudControllerManagerUnhealthy',
    expr: 'kubernetes_healthcheck{type="readyz"} == 0',
    for: '10m',
    severity: 'warning',
    summary: 'The check {{ $labels.name }} of {{ $labels.instance }} has been failing for ten minutes.',
  },
  {
    alert: 'CloudControllerManagerCloudCallsFail',
    expr: 'sum by (group) (rate(ccm_cloud_calls_total{outcome!="ok"}[10m])) / sum by (group) (rate(ccm_cloud_calls_total[10m])) > 0.25',
    for: '10m',
    severity: 'warning',
    summary: 'More than a quarter of the calls to {{ $labels.group }} fail.',
  },
  {
    alert: 'CloudControllerManagerThrottled',
    expr: 'sum by (group) (ccm_cloud_budget_waiting) > 100',
    for: '15m',
    severity: 'warning',
    summary: 'More than 100 calls wait for the budget of {{ $labels.group }}: the cloud takes fewer than there are.',
  },
  {
    alert: 'CloudControllerManagerNodeDeletionHeld',
    expr: 'max(ccm_node_deletion_breaker_open) == 1',
    for: '1m',
    severity: 'critical',
    summary:
      'Too many machines were found missing at once, so that no node is deleted: look whether the cloud is right.',
  },
  {
    alert: 'CloudControllerManagerOrphans',
    expr: 'sum by (kind) (ccm_orphans) > 0',
    for: '6h',
    severity: 'warning',
    summary: '{{ $value }} objects of the kind {{ $labels.kind }} in the cloud have lost their owner in the cluster.',
  },
  {
    alert: 'CloudControllerManagerProviderDefect',
    expr: 'increase(ccm_provider_defects_total[15m]) > 0',
    for: '0m',
    severity: 'warning',
    summary: 'A mistake in the program ended {{ $labels.function }} of {{ $labels.kind }}; the log has its stack.',
  },
  {
    alert: 'CloudControllerManagerEventLoopLate',
    expr: 'ccm_event_loop_delay_seconds{quantile="0.99"} > 1',
    for: '5m',
    severity: 'warning',
    summary: '{{ $labels.instance }} is short of processor time: timers run more than a second late.',
  },
  {
    alert: 'CloudControllerManagerQueueStuck',
    expr: 'workqueue_longest_running_processor_seconds > 1800',
    for: '5m',
    severity: 'warning',
    summary: 'The queue {{ $labels.name }} of {{ $labels.instance }} has been at one thing for half an hour.',
  },
];

/** The spec of a PrometheusRule. */
export function alertRules(): unknown {
  const rules = alerts.map(({ alert, expr, for: pending, severity, summary }) => {
    return { alert, expr, for: pending, labels: { severity }, annotations: { summary } };
  });
  return { groups: [{ name: 'cloud-controller-manager', rules }] };
}
