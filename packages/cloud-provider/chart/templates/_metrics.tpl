{{- define "cloud-provider.metrics" -}}
{{- $name := include "cloud-provider.fullname" . -}}
{{- $monitor := .Values.metrics.serviceMonitor -}}
{{- if and $monitor.enabled (not .Values.metrics.service.enabled) -}}
{{- fail "metrics.serviceMonitor.enabled: it takes metrics.service.enabled" -}}
{{- end -}}
{{- if .Values.metrics.service.enabled }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ $name }}-metrics
  namespace: {{ .Release.Namespace }}
  labels: {{- include "cloud-provider.labels" . | nindent 4 }}
spec:
  clusterIP: None
  # Those that are not ready have something to tell too.
  publishNotReadyAddresses: true
  selector: {{- include "cloud-provider.selectorLabels" . | nindent 4 }}
  ports:
    - name: https
      port: {{ int .Values.securePort }}
      targetPort: https
      protocol: TCP
{{- end }}
{{- if $monitor.enabled }}
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: {{ $name }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "cloud-provider.labels" . | nindent 4 }}
    {{- with $monitor.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  selector:
    matchLabels: {{- include "cloud-provider.selectorLabels" . | nindent 6 }}
  endpoints:
    - port: https
      scheme: https
      interval: {{ $monitor.interval }}
      bearerTokenFile: /var/run/secrets/kubernetes.io/serviceaccount/token
      tlsConfig:
        # The manager signs its own certificate unless it is given one.
        insecureSkipVerify: true
{{- end }}
{{- if .Values.metrics.alerts.enabled }}
---
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: {{ $name }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "cloud-provider.labels" . | nindent 4 }}
    {{- with .Values.metrics.alerts.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec: {{- include "cloud-provider.alerts" . | fromJson | toYaml | nindent 2 }}
{{- end }}
{{- if .Values.metrics.dashboard.enabled }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ $name }}-dashboard
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "cloud-provider.labels" . | nindent 4 }}
    {{- with .Values.metrics.dashboard.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
data:
  cloud-controller-manager.json: {{ include "cloud-provider.dashboard" . | fromJson | toJson | quote }}
{{- end }}
{{- end -}}

{{- define "cloud-provider.notes" -}}
{{ .Chart.Name }} {{ .Chart.AppVersion }} runs as {{ .Values.kind }} {{ .Release.Namespace }}/{{ include "cloud-provider.fullname" . }}.

Kubelets must run with --cloud-provider=external, or their nodes are never initialised. See whether any still waits:
  kubectl get nodes -o custom-columns=NAME:.metadata.name,PROVIDER:.spec.providerID

Whether the manager reaches API server and cloud, on a node where it runs:
  curl -k https://127.0.0.1:{{ int .Values.securePort }}/readyz?verbose
{{- if .Values.hostNetwork }}

Its pods are on the network of the host, which the Pod Security Standards "baseline" and "restricted" forbid: the namespace
{{ .Release.Namespace }} must be "privileged" or exempt, as kube-system is. All else is as "restricted" wants it.
{{- end }}
{{- end -}}
