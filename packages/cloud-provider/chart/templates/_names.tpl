{{- define "cloud-provider.fullname" -}}
{{- .Values.fullnameOverride | default .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "cloud-provider.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (include "cloud-provider.fullname" .) -}}
{{- end -}}

{{- define "cloud-provider.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ include "cloud-provider.fullname" . }}
{{- end -}}

{{- define "cloud-provider.labels" -}}
{{ include "cloud-provider.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/component: cloud-controller-manager
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "cloud-provider.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default (printf "v%s" .Chart.AppVersion) }}
{{- end -}}
{{- end -}}

{{- define "cloud-provider.cloudConfigSecret" -}}
{{- if .Values.cloudConfig.existingSecret -}}
{{ .Values.cloudConfig.existingSecret }}
{{- else if .Values.cloudConfig.text -}}
{{ include "cloud-provider.fullname" . }}-cloud-config
{{- end -}}
{{- end -}}
