{{- /* Made by tools/generate/generate.ts from the declarations in the source. Do not edit. */ -}}
{{- define "cloud-provider.alerts" -}}
{{`{
  "groups": [
    {
      "name": "cloud-controller-manager",
      "rules": [
        {
          "alert": "CloudControllerManagerNobodyLeads",
          "expr": "sum by (name) (leader_election_master_status) < 1",
          "for": "2m",
          "labels": {
            "severity": "critical"
          },
          "annotations": {
            "summary": "No manager holds the lease {{ $labels.name }}: nodes are not initialised, load balancers not kept."
          }
        },
        {
          "alert": "CloudControllerManagerUnhealthy",
          "expr": "kubernetes_healthcheck{type=\"readyz\"} == 0",
          "for": "10m",
          "labels": {
            "severity": "warning"
          },
          "annotations": {
            "summary": "The check {{ $labels.name }} of {{ $labels.instance }} has been failing for ten minutes."
          }
        },
        {
          "alert": "CloudControllerManagerCloudCallsFail",
          "expr": "sum by (group) (rate(ccm_cloud_calls_total{outcome!=\"ok\"}[10m])) / sum by (group) (rate(ccm_cloud_calls_total[10m])) > 0.25",
          "for": "10m",
          "labels": {
            "severity": "warning"
          },
          "annotations": {
            "summary": "More than a quarter of the calls to {{ $labels.group }} fail."
          }
        },
        {
          "alert": "CloudControllerManagerThrottled",
          "expr": "sum by (group) (ccm_cloud_budget_waiting) > 100",
          "for": "15m",
          "labels": {
            "severity": "warning"
          },
          "annotations": {
            "summary": "More than 100 calls wait for the budget of {{ $labels.group }}: the cloud takes fewer than there are."
          }
        },
        {
          "alert": "CloudControllerManagerNodeDeletionHeld",
          "expr": "max(ccm_node_deletion_breaker_open) == 1",
          "for": "1m",
          "labels": {
            "severity": "critical"
          },
          "annotations": {
            "summary": "Too many machines were found missing at once, so that no node is deleted: look whether the cloud is right."
          }
        },
        {
          "alert": "CloudControllerManagerOrphans",
          "expr": "sum by (kind) (ccm_orphans) > 0",
          "for": "6h",
          "labels": {
            "severity": "warning"
          },
          "annotations": {
            "summary": "{{ $value }} objects of the kind {{ $labels.kind }} in the cloud have lost their owner in the cluster."
          }
        },
        {
          "alert": "CloudControllerManagerProviderDefect",
          "expr": "increase(ccm_provider_defects_total[15m]) > 0",
          "for": "0m",
          "labels": {
            "severity": "warning"
          },
          "annotations": {
            "summary": "A mistake in the program ended {{ $labels.function }} of {{ $labels.kind }}; the log has its stack."
          }
        },
        {
          "alert": "CloudControllerManagerEventLoopLate",
          "expr": "ccm_event_loop_delay_seconds{quantile=\"0.99\"} > 1",
          "for": "5m",
          "labels": {
            "severity": "warning"
          },
          "annotations": {
            "summary": "{{ $labels.instance }} is short of processor time: timers run more than a second late."
          }
        },
        {
          "alert": "CloudControllerManagerQueueStuck",
          "expr": "workqueue_longest_running_processor_seconds > 1800",
          "for": "5m",
          "labels": {
            "severity": "warning"
          },
          "annotations": {
            "summary": "The queue {{ $labels.name }} of {{ $labels.instance }} has been at one thing for half an hour."
          }
        }
      ]
    }
  ]
}`}}
{{- end -}}
