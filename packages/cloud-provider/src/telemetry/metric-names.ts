/** What one metric is. Every name of the product is declared in {@link metricDeclarations}, from which the reference is made. */
export type MetricDeclaration =
  | { readonly type: 'counter' | 'gauge'; readonly help: string; readonly labels: readonly string[] }
  | {
      readonly type: 'histogram';
      readonly help: string;
      readonly labels: readonly string[];
      readonly buckets: readonly number[];
    };

/** `count` bounds, each `factor` times the one before. */
function exponentialBuckets(start: number, factor: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => start * factor ** index);
}

/** k8s.io/component-base metrics/prometheus/workqueue: 10 ns to 1000 s. */
const queueBuckets = exponentialBuckets(1e-8, 10, 12);
/** k8s.io/component-base metrics/prometheus/restclient. */
const requestBuckets = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60];
/** k8s.io/cloud-provider controllers/node. */
const nodeDelayBuckets = exponentialBuckets(1, 4, 6);
/** k8s.io/cloud-provider controllers/service. */
const serviceBuckets = exponentialBuckets(1, 2, 15);

/** k8s.io/cloud-provider app/webhooks_metrics. */
const webhookBuckets = [0.25, 0.5, 0.7, 1, 1.5, 3, 5, 10];

/**
 * Every metric. Names, labels and buckets that the Go managers have are theirs; those that begin with `ccm_` are ours.
 * Source: k8s.io/component-base, k8s.io/client-go and k8s.io/cloud-provider 0.36.
 */
export const metricDeclarations = {
  workqueue_depth: { type: 'gauge', help: 'Current depth of workqueue', labels: ['name'] },
  workqueue_adds_total: { type: 'counter', help: 'Total number of adds handled by workqueue', labels: ['name'] },
  workqueue_queue_duration_seconds: {
    type: 'histogram',
    help: 'How long in seconds an item stays in workqueue before being requested.',
    labels: ['name'],
    buckets: queueBuckets,
  },
  workqueue_work_duration_seconds: {
    type: 'histogram',
    help: 'How long in seconds processing an item from workqueue takes.',
    labels: ['name'],
    buckets: queueBuckets,
  },
  workqueue_unfinished_work_seconds: {
    type: 'gauge',
    help: "How many seconds of work has done that is in progress and hasn't been observed by work_duration. Large values indicate stuck threads. One can deduce the number of stuck threads by observing the rate at which this increases.",
    labels: ['name'],
  },
  workqueue_longest_running_processor_seconds: {
    type: 'gauge',
    help: 'How many seconds has the longest running processor for workqueue been running.',
    labels: ['name'],
  },
  workqueue_retries_total: { type: 'counter', help: 'Total number of retries handled by workqueue', labels: ['name'] },

  rest_client_requests_total: {
    type: 'counter',
    help: 'Number of HTTP requests, partitioned by status code, method, and host.',
    labels: ['code', 'method', 'host'],
  },
  rest_client_request_duration_seconds: {
    type: 'histogram',
    help: 'Request latency in seconds. Broken down by verb, and host.',
    labels: ['verb', 'host'],
    buckets: requestBuckets,
  },
  rest_client_request_retries_total: {
    type: 'counter',
    help: 'Number of request retries, partitioned by status code, verb, and host.',
    labels: ['code', 'verb', 'host'],
  },
  rest_client_rate_limiter_duration_seconds: {
    type: 'histogram',
    help: 'Client side rate limiter latency in seconds. Broken down by verb, and host.',
    labels: ['verb', 'host'],
    buckets: requestBuckets,
  },

  leader_election_master_status: {
    type: 'gauge',
    help: "Gauge of if the reporting system is master of the relevant lease, 0 indicates backup, 1 indicates master. 'name' is the string used to identify the lease. Please make sure to group by name.",
    labels: ['name'],
  },
  leader_election_slowpath_total: {
    type: 'counter',
    help: "Total number of slow path exercised in renewing leader leases. 'name' is the string used to identify the lease. Please make sure to group by name.",
    labels: ['name'],
  },
  running_managed_controllers: {
    type: 'gauge',
    help: 'Indicates where instances of a controller are currently running',
    labels: ['name', 'manager'],
  },

  kubernetes_healthcheck: {
    type: 'gauge',
    help: 'This metric records the result of a single healthcheck.',
    labels: ['name', 'type'],
  },
  kubernetes_healthchecks_total: {
    type: 'counter',
    help: 'This metric records the results of all healthcheck.',
    labels: ['name', 'type', 'status'],
  },

  node_controller_cloud_provider_taint_removal_delay_seconds: {
    type: 'histogram',
    help: 'Number of seconds after node creation when NodeController removed the cloud-provider taint of a single node.',
    labels: [],
    buckets: nodeDelayBuckets,
  },
  node_controller_initial_node_sync_delay_seconds: {
    type: 'histogram',
    help: 'Number of seconds after node creation when NodeController finished the initial synchronization of a single node.',
    labels: [],
    buckets: nodeDelayBuckets,
  },
  cloud_node_lifecycle_controller_monitor_nodes_duration_seconds: {
    type: 'histogram',
    help: 'How long a pass over nodes took.',
    labels: [],
    buckets: exponentialBuckets(0.001, 2, 15),
  },
  cloud_node_lifecycle_controller_nodes_processed_total: {
    type: 'counter',
    help: 'Nodes that passes dealt with, by whether the cloud was asked about them (cloud) or not (cache).',
    labels: ['path'],
  },
  service_controller_loadbalancer_sync_total: {
    type: 'counter',
    help: 'A metric counting the amount of times any load balancer has been configured, as an effect of service/node changes on the cluster',
    labels: [],
  },
  service_controller_nodesync_latency_seconds: {
    type: 'histogram',
    help: 'A metric measuring the latency for nodesync which updates loadbalancer hosts on cluster node updates.',
    labels: [],
    buckets: serviceBuckets,
  },
  service_controller_nodesync_error_total: {
    type: 'counter',
    help: 'A metric counting errors encountered during nodesync which updates loadbalancer hosts on cluster node updates.',
    labels: [],
  },
  service_controller_update_loadbalancer_host_latency_seconds: {
    type: 'histogram',
    help: 'A metric measuring the latency for updating each load balancer hosts.',
    labels: [],
    buckets: serviceBuckets,
  },
  route_controller_route_sync_total: {
    type: 'counter',
    help: 'A metric counting the amount of times routes have been synced with the cloud provider.',
    labels: [],
  },
  node_ipam_controller_cidrset_cidrs_allocations_total: {
    type: 'counter',
    help: 'Counter measuring total number of CIDR allocations.',
    labels: ['clusterCIDR'],
  },
  node_ipam_controller_cidrset_cidrs_releases_total: {
    type: 'counter',
    help: 'Counter measuring total number of CIDR releases.',
    labels: ['clusterCIDR'],
  },
  node_ipam_controller_cirdset_max_cidrs: {
    type: 'gauge',
    help: 'Maximum number of CIDRs that can be allocated.',
    labels: ['clusterCIDR'],
  },
  node_ipam_controller_cidrset_usage_cidrs: {
    type: 'gauge',
    help: 'Gauge measuring percentage of allocated CIDRs.',
    labels: ['clusterCIDR'],
  },
  node_ipam_controller_cidrset_allocation_tries_per_request: {
    type: 'histogram',
    help: 'Used ranges that were passed over before a free one was found.',
    labels: ['clusterCIDR'],
    buckets: exponentialBuckets(1, 5, 5),
  },

  ccm_cloud_calls_total: {
    type: 'counter',
    help: 'Calls to the cloud, by API group, operation and outcome (ok or the kind of the error).',
    labels: ['group', 'operation', 'outcome'],
  },
  ccm_cloud_call_duration_seconds: {
    type: 'histogram',
    help: 'How long calls to the cloud took, without the wait for the budget.',
    labels: ['group', 'operation'],
    buckets: requestBuckets,
  },
  ccm_cloud_budget_rate: {
    type: 'gauge',
    help: 'Calls a second that the adaptive budget of an API group allows now.',
    labels: ['group', 'scope'],
  },
  ccm_cloud_budget_waiting: {
    type: 'gauge',
    help: 'Calls that wait for the budget of an API group.',
    labels: ['group', 'scope', 'priority'],
  },
  ccm_cloud_budget_wait_seconds: {
    type: 'histogram',
    help: 'How long calls waited for the budget of an API group.',
    labels: ['group', 'priority'],
    buckets: requestBuckets,
  },
  ccm_cloud_operations_total: {
    type: 'counter',
    help: 'Planned operations that were applied, by verb, object and outcome.',
    labels: ['verb', 'object', 'outcome'],
  },
  ccm_provider_defects_total: {
    type: 'counter',
    help: 'Calls that a mistake in the program of the provider ended, by its part or kind of load balancer, and function.',
    labels: ['kind', 'function'],
  },
  ccm_node_deletions_total: {
    type: 'counter',
    help: 'Nodes that the deletion guard let go, by what came of it (deleted, tainted, observed, conflict or failed).',
    labels: ['outcome'],
  },
  ccm_node_deletion_suspects: {
    type: 'gauge',
    help: 'Nodes that are not ready and whose machines the cloud says are gone.',
    labels: [],
  },
  ccm_node_deletion_breaker_open: {
    type: 'gauge',
    help: '1 while no node is deleted because too many machines were found absent at once.',
    labels: [],
  },
  ccm_orphans: {
    type: 'gauge',
    help: 'Objects in the cloud whose owner is proven not to be in the cluster, by kind.',
    labels: ['kind'],
  },
  ccm_orphan_sweeps_total: {
    type: 'counter',
    help: 'Lists of the objects of one kind in the cloud, by kind and outcome (ok or the kind of the error).',
    labels: ['kind', 'outcome'],
  },
  ccm_orphan_deletions_total: {
    type: 'counter',
    help: 'Deletions of orphans, by kind and outcome (deleted, or the reason why not).',
    labels: ['kind', 'outcome'],
  },
  ccm_reconcile_total: {
    type: 'counter',
    help: 'Reconciles by queue and result (done, requeued or error).',
    labels: ['name', 'result'],
  },
  ccm_events_dropped_total: {
    type: 'counter',
    help: 'Events that were not written, by cause (spam, overflow, error or shutdown).',
    labels: ['cause'],
  },
  ccm_informer_restarts_total: {
    type: 'counter',
    help: 'Watches that ended and were begun again, by resource and cause.',
    labels: ['resource', 'cause'],
  },
  ccm_informer_events_total: {
    type: 'counter',
    help: 'Changes that an informer delivered, by resource and type.',
    labels: ['resource', 'type'],
  },
  cloud_provider_webhook_request_total: {
    type: 'counter',
    help: 'Number of HTTP requests to webhooks, partitioned by status code and webhook name.',
    labels: ['code', 'webhook'],
  },
  cloud_provider_webhook_request_duration_seconds: {
    type: 'histogram',
    help: 'Webhook request latency in seconds, partitioned by status code and webhook name.',
    labels: ['code', 'webhook'],
    buckets: webhookBuckets,
  },
  ccm_informer_objects: { type: 'gauge', help: 'Objects that an informer holds.', labels: ['resource'] },
  ccm_informer_handler_errors_total: {
    type: 'counter',
    help: 'Handlers of an informer that threw.',
    labels: ['resource'],
  },
  ccm_event_loop_delay_seconds: {
    type: 'gauge',
    help: 'How late timers ran since the last scrape, by quantile (0.5, 0.99, 1).',
    labels: ['quantile'],
  },
  ccm_certificate_reloads_total: {
    type: 'counter',
    help: 'Certificate files that changed under the running manager, by use (serving, clients or webhooks) and outcome (taken or refused).',
    labels: ['use', 'outcome'],
  },
  ccm_serving_certificate_expiration_timestamp_seconds: {
    type: 'gauge',
    help: 'When the certificate that is served ends to be valid, in seconds since 1970.',
    labels: [],
  },
  ccm_build_info: { type: 'gauge', help: 'Constant 1, labelled with the version.', labels: ['version'] },
} as const satisfies Readonly<Record<string, MetricDeclaration>>;

export type MetricDeclarations = typeof metricDeclarations;
export type MetricName = keyof MetricDeclarations;

type NamesOfType<Type extends MetricDeclaration['type']> = {
  [Name in MetricName]: MetricDeclarations[Name]['type'] extends Type ? Name : never;
}[MetricName];

export type CounterName = NamesOfType<'counter'>;
export type GaugeName = NamesOfType<'gauge'>;
export type HistogramName = NamesOfType<'histogram'>;

/** Exactly the labels of a metric; a missing or an unknown one is a type error. */
export type MetricLabels<Name extends MetricName> = Readonly<
  Record<MetricDeclarations[Name]['labels'][number], string>
>;
