{{- /* Made by tools/generate/generate.ts from the declarations in the source. Do not edit. */ -}}
{{- define "cloud-provider.rights" -}}
{{`{
  "cluster": [
    {
      "apiGroups": [""],
      "resources": ["namespaces"],
      "verbs": ["get"],
      "resourceNames": ["kube-system"]
    },
    {
      "apiGroups": ["authentication.k8s.io"],
      "resources": ["tokenreviews"],
      "verbs": ["create"]
    },
    {
      "apiGroups": ["authorization.k8s.io"],
      "resources": ["subjectaccessreviews"],
      "verbs": ["create"]
    }
  ],
  "system": [
    {
      "apiGroups": [""],
      "resources": ["configmaps"],
      "verbs": ["get"],
      "resourceNames": ["extension-apiserver-authentication"]
    }
  ],
  "election": [
    {
      "apiGroups": ["events.k8s.io"],
      "resources": ["events"],
      "verbs": ["create", "patch"]
    }
  ],
  "lease": [
    {
      "apiGroups": ["coordination.k8s.io"],
      "resources": ["leases"],
      "verbs": ["create"]
    },
    {
      "apiGroups": ["coordination.k8s.io"],
      "resources": ["leases"],
      "verbs": ["get", "patch"],
      "resourceNames": ["cloud-controller-manager"]
    }
  ],
  "serviceAccounts": [
    {
      "apiGroups": [""],
      "resources": ["serviceaccounts"],
      "verbs": ["create", "get"]
    },
    {
      "apiGroups": [""],
      "resources": ["serviceaccounts/token"],
      "verbs": ["create"]
    }
  ],
  "controllers": [
    {
      "name": "cloud-node-controller",
      "alias": "cloud-node",
      "byDefault": true,
      "serviceAccount": "node-controller",
      "shared": [
        {
          "apiGroups": [""],
          "resources": ["nodes"],
          "verbs": ["list", "watch"]
        }
      ],
      "own": [
        {
          "apiGroups": [""],
          "resources": ["nodes"],
          "verbs": ["get", "list", "patch"]
        },
        {
          "apiGroups": [""],
          "resources": ["nodes/status"],
          "verbs": ["patch"]
        },
        {
          "apiGroups": ["events.k8s.io"],
          "resources": ["events"],
          "verbs": ["create", "patch"]
        }
      ]
    },
    {
      "name": "cloud-node-lifecycle-controller",
      "alias": "cloud-node-lifecycle",
      "byDefault": true,
      "serviceAccount": "node-controller",
      "shared": [
        {
          "apiGroups": [""],
          "resources": ["nodes"],
          "verbs": ["list", "watch"]
        }
      ],
      "own": [
        {
          "apiGroups": [""],
          "resources": ["nodes"],
          "verbs": ["delete", "get", "patch"]
        },
        {
          "apiGroups": ["events.k8s.io"],
          "resources": ["events"],
          "verbs": ["create", "patch"]
        }
      ]
    },
    {
      "name": "service-lb-controller",
      "alias": "service",
      "byDefault": true,
      "serviceAccount": "service-controller",
      "shared": [
        {
          "apiGroups": [""],
          "resources": ["nodes"],
          "verbs": ["list", "watch"]
        },
        {
          "apiGroups": [""],
          "resources": ["services"],
          "verbs": ["list", "watch"]
        },
        {
          "apiGroups": ["discovery.k8s.io"],
          "resources": ["endpointslices"],
          "verbs": ["list", "watch"]
        }
      ],
      "own": [
        {
          "apiGroups": [""],
          "resources": ["services/status"],
          "verbs": ["patch"]
        },
        {
          "apiGroups": ["events.k8s.io"],
          "resources": ["events"],
          "verbs": ["create", "patch"]
        }
      ]
    },
    {
      "name": "node-route-controller",
      "alias": "route",
      "byDefault": true,
      "serviceAccount": "route-controller",
      "shared": [
        {
          "apiGroups": [""],
          "resources": ["nodes"],
          "verbs": ["list", "watch"]
        }
      ],
      "own": [
        {
          "apiGroups": [""],
          "resources": ["nodes"],
          "verbs": ["list"]
        },
        {
          "apiGroups": [""],
          "resources": ["nodes/status"],
          "verbs": ["patch"]
        },
        {
          "apiGroups": ["events.k8s.io"],
          "resources": ["events"],
          "verbs": ["create", "patch"]
        }
      ]
    },
    {
      "name": "node-ipam-controller",
      "alias": "nodeipam",
      "byDefault": false,
      "serviceAccount": "node-controller",
      "shared": [
        {
          "apiGroups": [""],
          "resources": ["nodes"],
          "verbs": ["list", "watch"]
        }
      ],
      "own": [
        {
          "apiGroups": [""],
          "resources": ["nodes"],
          "verbs": ["get", "patch"]
        },
        {
          "apiGroups": ["events.k8s.io"],
          "resources": ["events"],
          "verbs": ["create", "patch"]
        }
      ]
    },
    {
      "name": "orphan-controller",
      "alias": "orphan",
      "byDefault": true,
      "serviceAccount": "orphan-controller",
      "shared": [
        {
          "apiGroups": [""],
          "resources": ["nodes"],
          "verbs": ["list", "watch"]
        },
        {
          "apiGroups": [""],
          "resources": ["services"],
          "verbs": ["list", "watch"]
        }
      ],
      "own": [
        {
          "apiGroups": [""],
          "resources": ["nodes"],
          "verbs": ["list"]
        },
        {
          "apiGroups": [""],
          "resources": ["services"],
          "verbs": ["list"]
        },
        {
          "apiGroups": ["events.k8s.io"],
          "resources": ["events"],
          "verbs": ["create", "patch"]
        }
      ]
    }
  ],
  "providerController": {
    "shared": [
      {
        "apiGroups": [""],
        "resources": ["nodes"],
        "verbs": ["list", "watch"]
      }
    ],
    "own": [
      {
        "apiGroups": [""],
        "resources": ["nodes"],
        "verbs": ["patch"]
      }
    ]
  }
}`}}
{{- end -}}
