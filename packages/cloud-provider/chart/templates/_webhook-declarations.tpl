{{- /* Made by tools/generate/generate.ts from the declarations in the source. Do not edit. */ -}}
{{- define "cloud-provider.webhookDeclarations" -}}
{{`[
  {
    "apiVersion": "admissionregistration.k8s.io/v1",
    "kind": "MutatingWebhookConfiguration",
    "metadata": {
      "name": ""
    },
    "webhooks": [
      {
        "name": "persistent-volume-labeler.webhooks.ccm-ts",
        "clientConfig": {
          "service": {
            "namespace": "",
            "name": "",
            "path": "/persistent-volume-labeler",
            "port": 443
          },
          "caBundle": ""
        },
        "rules": [
          {
            "apiGroups": [""],
            "apiVersions": ["v1"],
            "resources": ["persistentvolumes"],
            "operations": ["CREATE"],
            "scope": "*"
          }
        ],
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
        "failurePolicy": "Ignore",
        "timeoutSeconds": 10
      }
    ]
  }
]`}}
{{- end -}}
