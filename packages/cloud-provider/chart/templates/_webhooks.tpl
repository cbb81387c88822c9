{{- /* What the API server needs to call the webhooks of the manager: only with webhooks.enabled. */ -}}
{{- define "cloud-provider.webhooks" -}}
{{- $name := printf "%s-webhooks" (include "cloud-provider.fullname" . | trunc 54 | trimSuffix "-") -}}
{{- $webhooks := .Values.webhooks -}}
{{- if $webhooks.enabled }}
{{- if not (and $webhooks.certificateSecret $webhooks.caBundle) -}}
{{- fail "webhooks.enabled: it takes webhooks.certificateSecret and webhooks.caBundle" -}}
{{- end }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ $name }}
  namespace: {{ .Release.Namespace }}
  labels: {{- include "cloud-provider.labels" . | nindent 4 }}
spec:
  selector: {{- include "cloud-provider.selectorLabels" . | nindent 4 }}
  ports:
    - name: webhooks
      port: 443
      targetPort: webhooks
      protocol: TCP
{{- range $configuration := include "cloud-provider.webhookDeclarations" . | fromJsonArray }}
---
apiVersion: admissionregistration.k8s.io/v1
kind: {{ $configuration.kind }}
metadata:
  name: {{ $name }}
  labels: {{- include "cloud-provider.labels" $ | nindent 4 }}
webhooks:
  {{- range $webhook := $configuration.webhooks }}
  - name: {{ $webhook.name }}
    clientConfig:
      service:
        namespace: {{ $.Release.Namespace }}
        name: {{ $name }}
        path: {{ $webhook.clientConfig.service.path }}
        port: 443
      caBundle: {{ $webhooks.caBundle | b64enc }}
    rules: {{- toYaml $webhook.rules | nindent 6 }}
    admissionReviewVersions: {{- toYaml $webhook.admissionReviewVersions | nindent 6 }}
    sideEffects: {{ $webhook.sideEffects }}
    # Ignore: the cluster starts, and goes on, without the manager.
    failurePolicy: {{ $webhooks.failurePolicy }}
    timeoutSeconds: {{ int $webhooks.timeoutSeconds }}
  {{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "cloud-provider.webhookArgs" -}}
{{- if .Values.webhooks.enabled -}}
{{- list
  "--feature-gates=CloudControllerManagerWebhook=true"
  (printf "--webhooks=%s" (join "," .Values.webhooks.names))
  (printf "--webhook-secure-port=%d" (int .Values.webhooks.securePort))
  "--webhook-tls-cert-file=/etc/webhook-certificate/tls.crt"
  "--webhook-tls-private-key-file=/etc/webhook-certificate/tls.key"
  | toJson -}}
{{- else -}}[]{{- end -}}
{{- end -}}
