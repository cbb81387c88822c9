{{- /* Made by tools/generate/generate.ts from the declarations in the source. Do not edit. */ -}}
{{- define "cloud-provider.dashboard" -}}
{{`{
  "title": "Cloud controller manager",
  "uid": "cloud-controller-manager",
  "schemaVersion": 39,
  "refresh": "1m",
  "time": {
    "from": "now-6h",
    "to": "now"
  },
  "templating": {
    "list": [
      {
        "name": "datasource",
        "type": "datasource",
        "query": "prometheus"
      },
      {
        "name": "job",
        "type": "query",
        "datasource": {
          "type": "prometheus",
          "uid": "$datasource"
        },
        "query": "label_values(ccm_build_info, job)",
        "refresh": 2
      }
    ]
  },
  "panels": [
    {
      "id": 1,
      "type": "row",
      "title": "Health and leadership",
      "collapsed": false,
      "gridPos": {
        "x": 0,
        "y": 0,
        "w": 24,
        "h": 1
      }
    },
    {
      "id": 2,
      "type": "timeseries",
      "title": "leader_election_master_status",
      "description": "Gauge of if the reporting system is master of the relevant lease, 0 indicates backup, 1 indicates master. 'name' is the string used to identify the lease. Please make sure to group by name.",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "short"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "max by (name) (leader_election_master_status{job=\"$job\"})",
          "legendFormat": "{{name}}"
        }
      ],
      "gridPos": {
        "x": 0,
        "y": 1,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 3,
      "type": "timeseries",
      "title": "leader_election_slowpath_total",
      "description": "Total number of slow path exercised in renewing leader leases. 'name' is the string used to identify the lease. Please make sure to group by name.",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "ops"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "sum by (name) (rate(leader_election_slowpath_total{job=\"$job\"}[$__rate_interval]))",
          "legendFormat": "{{name}}"
        }
      ],
      "gridPos": {
        "x": 8,
        "y": 1,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 4,
      "type": "timeseries",
      "title": "running_managed_controllers",
      "description": "Indicates where instances of a controller are currently running",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "short"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "max by (name, manager) (running_managed_controllers{job=\"$job\"})",
          "legendFormat": "{{name}} {{manager}}"
        }
      ],
      "gridPos": {
        "x": 16,
        "y": 1,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 5,
      "type": "timeseries",
      "title": "kubernetes_healthcheck",
      "description": "This metric records the result of a single healthcheck.",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "short"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "max by (name, type) (kubernetes_healthcheck{job=\"$job\"})",
          "legendFormat": "{{name}} {{type}}"
        }
      ],
      "gridPos": {
        "x": 0,
        "y": 8,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 6,
      "type": "timeseries",
      "title": "kubernetes_healthchecks_total",
      "description": "This metric records the results of all healthcheck.",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "ops"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "sum by (name, type, status) (rate(kubernetes_healthchecks_total{job=\"$job\"}[$__rate_interval]))",
          "legendFormat": "{{name}} {{type}} {{status}}"
        }
      ],
      "gridPos": {
        "x": 8,
        "y": 8,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 7,
      "type": "timeseries",
      "title": "ccm_event_loop_delay_seconds",
      "description": "How late timers ran since the last scrape, by quantile (0.5, 0.99, 1).",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "s"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "max by (quantile) (ccm_event_loop_delay_seconds{job=\"$job\"})",
          "legendFormat": "{{quantile}}"
        }
      ],
      "gridPos": {
        "x": 16,
        "y": 8,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 8,
      "type": "timeseries",
      "title": "ccm_build_info",
      "description": "Constant 1, labelled with the version.",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "short"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "max by (version) (ccm_build_info{job=\"$job\"})",
          "legendFormat": "{{version}}"
        }
      ],
      "gridPos": {
        "x": 0,
        "y": 15,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 9,
      "type": "row",
      "title": "Calls to the cloud",
      "collapsed": false,
      "gridPos": {
        "x": 0,
        "y": 22,
        "w": 24,
        "h": 1
      }
    },
    {
      "id": 10,
      "type": "timeseries",
      "title": "ccm_cloud_calls_total",
      "description": "Calls to the cloud, by API group, operation and outcome (ok or the kind of the error).",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "ops"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "sum by (group, operation, outcome) (rate(ccm_cloud_calls_total{job=\"$job\"}[$__rate_interval]))",
          "legendFormat": "{{group}} {{operation}} {{outcome}}"
        }
      ],
      "gridPos": {
        "x": 0,
        "y": 23,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 11,
      "type": "timeseries",
      "title": "ccm_cloud_call_duration_seconds",
      "description": "How long calls to the cloud took, without the wait for the budget.",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "s"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "histogram_quantile(0.99, sum by (group, operation, le) (rate(ccm_cloud_call_duration_seconds_bucket{job=\"$job\"}[$__rate_interval])))",
          "legendFormat": "{{group}} {{operation}}"
        }
      ],
      "gridPos": {
        "x": 8,
        "y": 23,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 12,
      "type": "timeseries",
      "title": "ccm_cloud_budget_rate",
      "description": "Calls a second that the adaptive budget of an API group allows now.",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "short"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "max by (group, scope) (ccm_cloud_budget_rate{job=\"$job\"})",
          "legendFormat": "{{group}} {{scope}}"
        }
      ],
      "gridPos": {
        "x": 16,
        "y": 23,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 13,
      "type": "timeseries",
      "title": "ccm_cloud_budget_waiting",
      "description": "Calls that wait for the budget of an API group.",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "short"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "max by (group, scope, priority) (ccm_cloud_budget_waiting{job=\"$job\"})",
          "legendFormat": "{{group}} {{scope}} {{priority}}"
        }
      ],
      "gridPos": {
        "x": 0,
        "y": 30,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 14,
      "type": "timeseries",
      "title": "ccm_cloud_budget_wait_seconds",
      "description": "How long calls waited for the budget of an API group.",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "s"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "histogram_quantile(0.99, sum by (group, priority, le) (rate(ccm_cloud_budget_wait_seconds_bucket{job=\"$job\"}[$__rate_interval])))",
          "legendFormat": "{{group}} {{priority}}"
        }
      ],
      "gridPos": {
        "x": 8,
        "y": 30,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 15,
      "type": "timeseries",
      "title": "ccm_cloud_operations_total",
      "description": "Planned operations that were applied, by verb, object and outcome.",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "ops"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "sum by (verb, object, outcome) (rate(ccm_cloud_operations_total{job=\"$job\"}[$__rate_interval]))",
          "legendFormat": "{{verb}} {{object}} {{outcome}}"
        }
      ],
      "gridPos": {
        "x": 16,
        "y": 30,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 16,
      "type": "row",
      "title": "Nodes",
      "collapsed": false,
      "gridPos": {
        "x": 0,
        "y": 37,
        "w": 24,
        "h": 1
      }
    },
    {
      "id": 17,
      "type": "timeseries",
      "title": "node_controller_cloud_provider_taint_removal_delay_seconds",
      "description": "Number of seconds after node creation when NodeController removed the cloud-provider taint of a single node.",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "s"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "histogram_quantile(0.99, sum by (le) (rate(node_controller_cloud_provider_taint_removal_delay_seconds_bucket{job=\"$job\"}[$__rate_interval])))",
          "legendFormat": ""
        }
      ],
      "gridPos": {
        "x": 0,
        "y": 38,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 18,
      "type": "timeseries",
      "title": "node_controller_initial_node_sync_delay_seconds",
      "description": "Number of seconds after node creation when NodeController finished the initial synchronization of a single node.",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "s"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "histogram_quantile(0.99, sum by (le) (rate(node_controller_initial_node_sync_delay_seconds_bucket{job=\"$job\"}[$__rate_interval])))",
          "legendFormat": ""
        }
      ],
      "gridPos": {
        "x": 8,
        "y": 38,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 19,
      "type": "timeseries",
      "title": "cloud_node_lifecycle_controller_monitor_nodes_duration_seconds",
      "description": "How long a pass over nodes took.",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "s"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "histogram_quantile(0.99, sum by (le) (rate(cloud_node_lifecycle_controller_monitor_nodes_duration_seconds_bucket{job=\"$job\"}[$__rate_interval])))",
          "legendFormat": ""
        }
      ],
      "gridPos": {
        "x": 16,
        "y": 38,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 20,
      "type": "timeseries",
      "title": "cloud_node_lifecycle_controller_nodes_processed_total",
      "description": "Nodes that passes dealt with, by whether the cloud was asked about them (cloud) or not (cache).",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "ops"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "sum by (path) (rate(cloud_node_lifecycle_controller_nodes_processed_total{job=\"$job\"}[$__rate_interval]))",
          "legendFormat": "{{path}}"
        }
      ],
      "gridPos": {
        "x": 0,
        "y": 45,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 21,
      "type": "timeseries",
      "title": "ccm_node_deletions_total",
      "description": "Nodes that the deletion guard let go, by what came of it (deleted, tainted, observed, conflict or failed).",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "ops"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "sum by (outcome) (rate(ccm_node_deletions_total{job=\"$job\"}[$__rate_interval]))",
          "legendFormat": "{{outcome}}"
        }
      ],
      "gridPos": {
        "x": 8,
        "y": 45,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 22,
      "type": "timeseries",
      "title": "ccm_node_deletion_suspects",
      "description": "Nodes that are not ready and whose machines the cloud says are gone.",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "short"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "max (ccm_node_deletion_suspects{job=\"$job\"})",
          "legendFormat": ""
        }
      ],
      "gridPos": {
        "x": 16,
        "y": 45,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 23,
      "type": "timeseries",
      "title": "ccm_node_deletion_breaker_open",
      "description": "1 while no node is deleted because too many machines were found absent at once.",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "short"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "max (ccm_node_deletion_breaker_open{job=\"$job\"})",
          "legendFormat": ""
        }
      ],
      "gridPos": {
        "x": 0,
        "y": 52,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 24,
      "type": "row",
      "title": "Load balancers",
      "collapsed": false,
      "gridPos": {
        "x": 0,
        "y": 59,
        "w": 24,
        "h": 1
      }
    },
    {
      "id": 25,
      "type": "timeseries",
      "title": "service_controller_loadbalancer_sync_total",
      "description": "A metric counting the amount of times any load balancer has been configured, as an effect of service/node changes on the cluster",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "ops"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "sum (rate(service_controller_loadbalancer_sync_total{job=\"$job\"}[$__rate_interval]))",
          "legendFormat": ""
        }
      ],
      "gridPos": {
        "x": 0,
        "y": 60,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 26,
      "type": "timeseries",
      "title": "service_controller_nodesync_latency_seconds",
      "description": "A metric measuring the latency for nodesync which updates loadbalancer hosts on cluster node updates.",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "s"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "histogram_quantile(0.99, sum by (le) (rate(service_controller_nodesync_latency_seconds_bucket{job=\"$job\"}[$__rate_interval])))",
          "legendFormat": ""
        }
      ],
      "gridPos": {
        "x": 8,
        "y": 60,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 27,
      "type": "timeseries",
      "title": "service_controller_nodesync_error_total",
      "description": "A metric counting errors encountered during nodesync which updates loadbalancer hosts on cluster node updates.",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "ops"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "sum (rate(service_controller_nodesync_error_total{job=\"$job\"}[$__rate_interval]))",
          "legendFormat": ""
        }
      ],
      "gridPos": {
        "x": 16,
        "y": 60,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 28,
      "type": "timeseries",
      "title": "service_controller_update_loadbalancer_host_latency_seconds",
      "description": "A metric measuring the latency for updating each load balancer hosts.",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "s"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "histogram_quantile(0.99, sum by (le) (rate(service_controller_update_loadbalancer_host_latency_seconds_bucket{job=\"$job\"}[$__rate_interval])))",
          "legendFormat": ""
        }
      ],
      "gridPos": {
        "x": 0,
        "y": 67,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 29,
      "type": "row",
      "title": "Routes and ranges of nodes",
      "collapsed": false,
      "gridPos": {
        "x": 0,
        "y": 74,
        "w": 24,
        "h": 1
      }
    },
    {
      "id": 30,
      "type": "timeseries",
      "title": "route_controller_route_sync_total",
      "description": "A metric counting the amount of times routes have been synced with the cloud provider.",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "ops"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "sum (rate(route_controller_route_sync_total{job=\"$job\"}[$__rate_interval]))",
          "legendFormat": ""
        }
      ],
      "gridPos": {
        "x": 0,
        "y": 75,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 31,
      "type": "timeseries",
      "title": "node_ipam_controller_cidrset_cidrs_allocations_total",
      "description": "Counter measuring total number of CIDR allocations.",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "ops"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "sum by (clusterCIDR) (rate(node_ipam_controller_cidrset_cidrs_allocations_total{job=\"$job\"}[$__rate_interval]))",
          "legendFormat": "{{clusterCIDR}}"
        }
      ],
      "gridPos": {
        "x": 8,
        "y": 75,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 32,
      "type": "timeseries",
      "title": "node_ipam_controller_cidrset_cidrs_releases_total",
      "description": "Counter measuring total number of CIDR releases.",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "ops"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "sum by (clusterCIDR) (rate(node_ipam_controller_cidrset_cidrs_releases_total{job=\"$job\"}[$__rate_interval]))",
          "legendFormat": "{{clusterCIDR}}"
        }
      ],
      "gridPos": {
        "x": 16,
        "y": 75,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 33,
      "type": "timeseries",
      "title": "node_ipam_controller_cirdset_max_cidrs",
      "description": "Maximum number of CIDRs that can be allocated.",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "short"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "max by (clusterCIDR) (node_ipam_controller_cirdset_max_cidrs{job=\"$job\"})",
          "legendFormat": "{{clusterCIDR}}"
        }
      ],
      "gridPos": {
        "x": 0,
        "y": 82,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 34,
      "type": "timeseries",
      "title": "node_ipam_controller_cidrset_usage_cidrs",
      "description": "Gauge measuring percentage of allocated CIDRs.",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "short"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "max by (clusterCIDR) (node_ipam_controller_cidrset_usage_cidrs{job=\"$job\"})",
          "legendFormat": "{{clusterCIDR}}"
        }
      ],
      "gridPos": {
        "x": 8,
        "y": 82,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 35,
      "type": "timeseries",
      "title": "node_ipam_controller_cidrset_allocation_tries_per_request",
      "description": "Used ranges that were passed over before a free one was found.",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "short"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "histogram_quantile(0.99, sum by (clusterCIDR, le) (rate(node_ipam_controller_cidrset_allocation_tries_per_request_bucket{job=\"$job\"}[$__rate_interval])))",
          "legendFormat": "{{clusterCIDR}}"
        }
      ],
      "gridPos": {
        "x": 16,
        "y": 82,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 36,
      "type": "row",
      "title": "Orphans",
      "collapsed": false,
      "gridPos": {
        "x": 0,
        "y": 89,
        "w": 24,
        "h": 1
      }
    },
    {
      "id": 37,
      "type": "timeseries",
      "title": "ccm_orphans",
      "description": "Objects in the cloud whose owner is proven not to be in the cluster, by kind.",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "short"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "max by (kind) (ccm_orphans{job=\"$job\"})",
          "legendFormat": "{{kind}}"
        }
      ],
      "gridPos": {
        "x": 0,
        "y": 90,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 38,
      "type": "timeseries",
      "title": "ccm_orphan_sweeps_total",
      "description": "Lists of the objects of one kind in the cloud, by kind and outcome (ok or the kind of the error).",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "ops"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "sum by (kind, outcome) (rate(ccm_orphan_sweeps_total{job=\"$job\"}[$__rate_interval]))",
          "legendFormat": "{{kind}} {{outcome}}"
        }
      ],
      "gridPos": {
        "x": 8,
        "y": 90,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 39,
      "type": "timeseries",
      "title": "ccm_orphan_deletions_total",
      "description": "Deletions of orphans, by kind and outcome (deleted, or the reason why not).",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "ops"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "sum by (kind, outcome) (rate(ccm_orphan_deletions_total{job=\"$job\"}[$__rate_interval]))",
          "legendFormat": "{{kind}} {{outcome}}"
        }
      ],
      "gridPos": {
        "x": 16,
        "y": 90,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 40,
      "type": "row",
      "title": "API server",
      "collapsed": false,
      "gridPos": {
        "x": 0,
        "y": 97,
        "w": 24,
        "h": 1
      }
    },
    {
      "id": 41,
      "type": "timeseries",
      "title": "rest_client_requests_total",
      "description": "Number of HTTP requests, partitioned by status code, method, and host.",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "ops"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "sum by (code, method, host) (rate(rest_client_requests_total{job=\"$job\"}[$__rate_interval]))",
          "legendFormat": "{{code}} {{method}} {{host}}"
        }
      ],
      "gridPos": {
        "x": 0,
        "y": 98,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 42,
      "type": "timeseries",
      "title": "rest_client_request_duration_seconds",
      "description": "Request latency in seconds. Broken down by verb, and host.",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "s"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "histogram_quantile(0.99, sum by (verb, host, le) (rate(rest_client_request_duration_seconds_bucket{job=\"$job\"}[$__rate_interval])))",
          "legendFormat": "{{verb}} {{host}}"
        }
      ],
      "gridPos": {
        "x": 8,
        "y": 98,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 43,
      "type": "timeseries",
      "title": "rest_client_request_retries_total",
      "description": "Number of request retries, partitioned by status code, verb, and host.",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "ops"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "sum by (code, verb, host) (rate(rest_client_request_retries_total{job=\"$job\"}[$__rate_interval]))",
          "legendFormat": "{{code}} {{verb}} {{host}}"
        }
      ],
      "gridPos": {
        "x": 16,
        "y": 98,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 44,
      "type": "timeseries",
      "title": "rest_client_rate_limiter_duration_seconds",
      "description": "Client side rate limiter latency in seconds. Broken down by verb, and host.",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "s"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "histogram_quantile(0.99, sum by (verb, host, le) (rate(rest_client_rate_limiter_duration_seconds_bucket{job=\"$job\"}[$__rate_interval])))",
          "legendFormat": "{{verb}} {{host}}"
        }
      ],
      "gridPos": {
        "x": 0,
        "y": 105,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 45,
      "type": "timeseries",
      "title": "ccm_events_dropped_total",
      "description": "Events that were not written, by cause (spam, overflow, error or shutdown).",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "ops"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "sum by (cause) (rate(ccm_events_dropped_total{job=\"$job\"}[$__rate_interval]))",
          "legendFormat": "{{cause}}"
        }
      ],
      "gridPos": {
        "x": 8,
        "y": 105,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 46,
      "type": "timeseries",
      "title": "ccm_informer_restarts_total",
      "description": "Watches that ended and were begun again, by resource and cause.",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "ops"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "sum by (resource, cause) (rate(ccm_informer_restarts_total{job=\"$job\"}[$__rate_interval]))",
          "legendFormat": "{{resource}} {{cause}}"
        }
      ],
      "gridPos": {
        "x": 16,
        "y": 105,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 47,
      "type": "timeseries",
      "title": "ccm_informer_events_total",
      "description": "Changes that an informer delivered, by resource and type.",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "ops"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "sum by (resource, type) (rate(ccm_informer_events_total{job=\"$job\"}[$__rate_interval]))",
          "legendFormat": "{{resource}} {{type}}"
        }
      ],
      "gridPos": {
        "x": 0,
        "y": 112,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 48,
      "type": "timeseries",
      "title": "ccm_informer_objects",
      "description": "Objects that an informer holds.",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "short"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "max by (resource) (ccm_informer_objects{job=\"$job\"})",
          "legendFormat": "{{resource}}"
        }
      ],
      "gridPos": {
        "x": 8,
        "y": 112,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 49,
      "type": "timeseries",
      "title": "ccm_informer_handler_errors_total",
      "description": "Handlers of an informer that threw.",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "ops"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "sum by (resource) (rate(ccm_informer_handler_errors_total{job=\"$job\"}[$__rate_interval]))",
          "legendFormat": "{{resource}}"
        }
      ],
      "gridPos": {
        "x": 16,
        "y": 112,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 50,
      "type": "row",
      "title": "Queues",
      "collapsed": false,
      "gridPos": {
        "x": 0,
        "y": 119,
        "w": 24,
        "h": 1
      }
    },
    {
      "id": 51,
      "type": "timeseries",
      "title": "workqueue_depth",
      "description": "Current depth of workqueue",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "short"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "max by (name) (workqueue_depth{job=\"$job\"})",
          "legendFormat": "{{name}}"
        }
      ],
      "gridPos": {
        "x": 0,
        "y": 120,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 52,
      "type": "timeseries",
      "title": "workqueue_adds_total",
      "description": "Total number of adds handled by workqueue",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "ops"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "sum by (name) (rate(workqueue_adds_total{job=\"$job\"}[$__rate_interval]))",
          "legendFormat": "{{name}}"
        }
      ],
      "gridPos": {
        "x": 8,
        "y": 120,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 53,
      "type": "timeseries",
      "title": "workqueue_queue_duration_seconds",
      "description": "How long in seconds an item stays in workqueue before being requested.",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "s"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "histogram_quantile(0.99, sum by (name, le) (rate(workqueue_queue_duration_seconds_bucket{job=\"$job\"}[$__rate_interval])))",
          "legendFormat": "{{name}}"
        }
      ],
      "gridPos": {
        "x": 16,
        "y": 120,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 54,
      "type": "timeseries",
      "title": "workqueue_work_duration_seconds",
      "description": "How long in seconds processing an item from workqueue takes.",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "s"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "histogram_quantile(0.99, sum by (name, le) (rate(workqueue_work_duration_seconds_bucket{job=\"$job\"}[$__rate_interval])))",
          "legendFormat": "{{name}}"
        }
      ],
      "gridPos": {
        "x": 0,
        "y": 127,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 55,
      "type": "timeseries",
      "title": "workqueue_unfinished_work_seconds",
      "description": "How many seconds of work has done that is in progress and hasn't been observed by work_duration. Large values indicate stuck threads. One can deduce the number of stuck threads by observing the rate at which this increases.",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "s"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "max by (name) (workqueue_unfinished_work_seconds{job=\"$job\"})",
          "legendFormat": "{{name}}"
        }
      ],
      "gridPos": {
        "x": 8,
        "y": 127,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 56,
      "type": "timeseries",
      "title": "workqueue_longest_running_processor_seconds",
      "description": "How many seconds has the longest running processor for workqueue been running.",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "s"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "max by (name) (workqueue_longest_running_processor_seconds{job=\"$job\"})",
          "legendFormat": "{{name}}"
        }
      ],
      "gridPos": {
        "x": 16,
        "y": 127,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 57,
      "type": "timeseries",
      "title": "workqueue_retries_total",
      "description": "Total number of retries handled by workqueue",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "ops"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "sum by (name) (rate(workqueue_retries_total{job=\"$job\"}[$__rate_interval]))",
          "legendFormat": "{{name}}"
        }
      ],
      "gridPos": {
        "x": 0,
        "y": 134,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 58,
      "type": "timeseries",
      "title": "ccm_reconcile_total",
      "description": "Reconciles by queue and result (done, requeued or error).",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "ops"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "sum by (name, result) (rate(ccm_reconcile_total{job=\"$job\"}[$__rate_interval]))",
          "legendFormat": "{{name}} {{result}}"
        }
      ],
      "gridPos": {
        "x": 8,
        "y": 134,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 59,
      "type": "row",
      "title": "Other",
      "collapsed": false,
      "gridPos": {
        "x": 0,
        "y": 141,
        "w": 24,
        "h": 1
      }
    },
    {
      "id": 60,
      "type": "timeseries",
      "title": "ccm_provider_defects_total",
      "description": "Calls that a mistake in the program of the provider ended, by its part or kind of load balancer, and function.",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "ops"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "sum by (kind, function) (rate(ccm_provider_defects_total{job=\"$job\"}[$__rate_interval]))",
          "legendFormat": "{{kind}} {{function}}"
        }
      ],
      "gridPos": {
        "x": 0,
        "y": 142,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 61,
      "type": "timeseries",
      "title": "cloud_provider_webhook_request_total",
      "description": "Number of HTTP requests to webhooks, partitioned by status code and webhook name.",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "ops"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "sum by (code, webhook) (rate(cloud_provider_webhook_request_total{job=\"$job\"}[$__rate_interval]))",
          "legendFormat": "{{code}} {{webhook}}"
        }
      ],
      "gridPos": {
        "x": 8,
        "y": 142,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 62,
      "type": "timeseries",
      "title": "cloud_provider_webhook_request_duration_seconds",
      "description": "Webhook request latency in seconds, partitioned by status code and webhook name.",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "s"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "histogram_quantile(0.99, sum by (code, webhook, le) (rate(cloud_provider_webhook_request_duration_seconds_bucket{job=\"$job\"}[$__rate_interval])))",
          "legendFormat": "{{code}} {{webhook}}"
        }
      ],
      "gridPos": {
        "x": 16,
        "y": 142,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 63,
      "type": "timeseries",
      "title": "ccm_certificate_reloads_total",
      "description": "Certificate files that changed under the running manager, by use (serving, clients or webhooks) and outcome (taken or refused).",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "ops"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "sum by (use, outcome) (rate(ccm_certificate_reloads_total{job=\"$job\"}[$__rate_interval]))",
          "legendFormat": "{{use}} {{outcome}}"
        }
      ],
      "gridPos": {
        "x": 0,
        "y": 149,
        "w": 8,
        "h": 7
      }
    },
    {
      "id": 64,
      "type": "timeseries",
      "title": "ccm_serving_certificate_expiration_timestamp_seconds",
      "description": "When the certificate that is served ends to be valid, in seconds since 1970.",
      "datasource": {
        "type": "prometheus",
        "uid": "$datasource"
      },
      "fieldConfig": {
        "defaults": {
          "unit": "s"
        },
        "overrides": []
      },
      "targets": [
        {
          "refId": "A",
          "expr": "max (ccm_serving_certificate_expiration_timestamp_seconds{job=\"$job\"})",
          "legendFormat": ""
        }
      ],
      "gridPos": {
        "x": 8,
        "y": 149,
        "w": 8,
        "h": 7
      }
    }
  ]
}`}}
{{- end -}}
