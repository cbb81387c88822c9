{{- /* Every object, as the chart of a provider has it. */ -}}
{{- define "cloud-provider.all" -}}
{{- if and .Values.cloudConfig.text .Values.cloudConfig.existingSecret -}}
{{- fail "cloudConfig.text and cloudConfig.existingSecret: give one of them" -}}
{{- end -}}
{{- if and .Values.allocateNodeCIDRs (not .Values.clusterCIDRs) -}}
{{- fail "allocateNodeCIDRs: it takes clusterCIDRs" -}}
{{- end -}}
{{ include "cloud-provider.accounts" . }}
{{- if .Values.rbac.create }}
{{ include "cloud-provider.rbac" . }}
{{- end }}
{{ include "cloud-provider.workload" . }}
{{ include "cloud-provider.metrics" . }}
{{- end -}}

{{- define "cloud-provider.accounts" -}}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "cloud-provider.serviceAccountName" . }}
  namespace: {{ .Release.Namespace }}
  labels: {{- include "cloud-provider.labels" . | nindent 4 }}
  {{- with .Values.serviceAccount.annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- if .Values.cloudConfig.text }}
---
apiVersion: v1
kind: Secret
metadata:
  name: {{ include "cloud-provider.cloudConfigSecret" . }}
  namespace: {{ .Release.Namespace }}
  labels: {{- include "cloud-provider.labels" . | nindent 4 }}
type: Opaque
stringData:
  cloud.conf: {{ .Values.cloudConfig.text | quote }}
{{- end }}
{{- end -}}
