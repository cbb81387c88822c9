{{- /* What the API server judges annotations of Services by: only with annotationPolicies.enabled. */ -}}
{{- define "cloud-provider.annotationPolicies" -}}
{{- if .Values.annotationPolicies.enabled -}}
{{- range $object := include "cloud-provider.annotationPolicyDeclarations" . | fromJsonArray -}}
{{- /* Two releases in one cluster have policies of their own. */ -}}
{{- $suffix := $object.metadata.name | trimPrefix (printf "%s-" $.Values.provider.name) -}}
{{- $name := printf "%s-%s" (include "cloud-provider.fullname" $) $suffix -}}
{{- $spec := $object.spec -}}
{{- if $spec.policyName }}{{- $spec = set $spec "policyName" $name -}}{{- end }}
---
apiVersion: {{ $object.apiVersion }}
kind: {{ $object.kind }}
metadata:
  name: {{ $name }}
  labels: {{- include "cloud-provider.labels" $ | nindent 4 }}
spec: {{- toYaml $spec | nindent 2 }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* The chart of a provider that declares annotations has this anew. */ -}}
{{- define "cloud-provider.annotationPolicyDeclarations" -}}[]{{- end -}}
