{{- /* Every object, as the chart of a provider has it. */ -}}
{{- define "cloud-provider.all" -}}
{{- if and .Values.cloudConfig.text .Values.cloudConfig.existingSecret -}}
{{- fail "cloudConfig.text and cloudConfig.existingSecret: give one of them" -}}
{{- end -}}
{{- if and .Values.allocateNodeCIDRs (not .Values.clusterCIDRs) -}}
{{- fail "allocateNodeCIDRs: it takes clusterCIDRs" -}}
{{- end -}}
{{- if .Values.nodeAgent.enabled }}
{{- $values := deepCopy .Values -}}
{{- $_ := set $values "controllers" (prepend .Values.controllers "-cloud-node-controller") -}}
{{ include "cloud-provider.manager" (dict "Values" $values "Release" .Release "Chart" .Chart) }}
{{ include "cloud-provider.manager" (dict "Values" (include "cloud-provider.nodeAgentValues" . | fromJson) "Release" .Release "Chart" .Chart) }}
{{- else }}
{{ include "cloud-provider.manager" . }}
{{- end }}
{{ include "cloud-provider.metrics" . }}
{{- include "cloud-provider.webhooks" . }}
{{- include "cloud-provider.annotationPolicies" . }}
{{- end -}}

{{- define "cloud-provider.manager" -}}
{{ include "cloud-provider.accounts" . }}
{{- if .Values.rbac.create }}
{{ include "cloud-provider.rbac" . }}
{{- end }}
{{ include "cloud-provider.workload" . }}
{{- end -}}

{{- /* The values of the manager on each node: those of the manager, but that it looks after its node alone. */ -}}
{{- define "cloud-provider.nodeAgentValues" -}}
{{- $agent := .Values.nodeAgent -}}
{{- $name := printf "%s-node" (include "cloud-provider.fullname" . | trunc 58 | trimSuffix "-") -}}
{{- $nodeName := dict "name" "NODE_NAME" "valueFrom" (dict "fieldRef" (dict "fieldPath" "spec.nodeName")) -}}
{{- $annotations := deepCopy .Values.podAnnotations -}}
{{- with .Values.cloudConfig.text -}}{{- $_ := set $annotations "checksum/cloud-config" (sha256sum .) -}}{{- end -}}
{{- $own := dict
  "fullnameOverride" $name
  "kind" "DaemonSet"
  "controllers" (list "cloud-node-controller")
  "clusterCIDRs" list
  "allocateNodeCIDRs" false
  "serviceAccountPerController" false
  "cloudConfig" (dict "text" "" "existingSecret" (include "cloud-provider.cloudConfigSecret" .))
  "extraArgs" (merge (dict "node-name" "$(NODE_NAME)") .Values.extraArgs)
  "env" (append .Values.env $nodeName)
  "leaderElection" (dict "enabled" false)
  "webhooks" (dict "enabled" false)
  "securePort" $agent.securePort
  "nodeSelector" $agent.nodeSelector
  "tolerations" $agent.tolerations
  "priorityClassName" $agent.priorityClassName
  "resources" $agent.resources
  "podAnnotations" $annotations
  "serviceAccount" (dict "name" "" "annotations" .Values.serviceAccount.annotations)
-}}
{{- range $key, $value := .Values -}}
{{- if not (hasKey $own $key) -}}{{- $_ := set $own $key $value -}}{{- end -}}
{{- end -}}
{{- toJson $own -}}
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
