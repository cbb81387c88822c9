{{- define "cloud-provider.args" -}}
{{- $args := list
  (printf "--cloud-provider=%s" .Values.provider.name)
  (printf "--cluster-name=%s" .Values.clusterName)
  (printf "--controllers=%s" (join "," .Values.controllers))
  (printf "--secure-port=%d" (int .Values.securePort))
  (printf "--leader-elect=%t" .Values.leaderElection.enabled)
  (printf "--configure-cloud-routes=%t" .Values.configureCloudRoutes)
-}}
{{- if .Values.leaderElection.enabled -}}
{{- $args = concat $args (list
  (printf "--leader-elect-resource-name=%s" .Values.leaderElection.leaseName)
  (printf "--leader-elect-resource-namespace=%s" .Values.leaderElection.leaseNamespace)) -}}
{{- end -}}
{{- if include "cloud-provider.cloudConfigSecret" . -}}{{- $args = append $args "--cloud-config=/etc/cloud-config/cloud.conf" -}}{{- end -}}
{{- with .Values.clusterCIDRs -}}{{- $args = append $args (printf "--cluster-cidr=%s" (join "," .)) -}}{{- end -}}
{{- if .Values.allocateNodeCIDRs -}}{{- $args = append $args "--allocate-node-cidrs=true" -}}{{- end -}}
{{- if .Values.serviceAccountPerController -}}{{- $args = append $args "--use-service-account-credentials=true" -}}{{- end -}}
{{- if ne .Values.mode "run" -}}{{- $args = append $args (printf "--mode=%s" .Values.mode) -}}{{- end -}}
{{- if ne .Values.logging.format "text" -}}{{- $args = append $args (printf "--logging-format=%s" .Values.logging.format) -}}{{- end -}}
{{- with int .Values.logging.verbosity -}}{{- $args = append $args (printf "--v=%d" .) -}}{{- end -}}
{{- $args = concat $args (include "cloud-provider.webhookArgs" . | fromJsonArray) -}}
{{- range $flag := keys .Values.extraArgs | sortAlpha -}}
{{- $value := get $.Values.extraArgs $flag -}}
{{- if kindIs "slice" $value -}}{{- $value = join "," $value -}}
{{- else if kindIs "float64" $value -}}{{- $value = $value | toJson -}}{{- end -}}
{{- $args = append $args (printf "--%s=%s" $flag (toString $value)) -}}
{{- end -}}
{{- toYaml $args -}}
{{- end -}}

{{- define "cloud-provider.probe" -}}
httpGet:
  path: {{ .path }}
  port: {{ .port }}
  scheme: HTTPS
periodSeconds: {{ .period }}
timeoutSeconds: 15
failureThreshold: {{ .failures }}
{{- end -}}

{{- define "cloud-provider.podSpec" -}}
serviceAccountName: {{ include "cloud-provider.serviceAccountName" . }}
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
hostNetwork: {{ .Values.hostNetwork }}
dnsPolicy: {{ .Values.dnsPolicy }}
priorityClassName: {{ .Values.priorityClassName }}
terminationGracePeriodSeconds: {{ int .Values.terminationGracePeriodSeconds }}
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  seccompProfile:
    type: RuntimeDefault
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- if and .Values.topologySpread.enabled (eq .Values.kind "Deployment") }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: {{ .Values.topologySpread.topologyKey }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "cloud-provider.selectorLabels" . | nindent 8 }}
    matchLabelKeys: [pod-template-hash]
{{- end }}
containers:
  - name: cloud-controller-manager
    image: {{ include "cloud-provider.image" . | quote }}
    imagePullPolicy: {{ .Values.image.pullPolicy }}
    args: {{- include "cloud-provider.args" . | nindent 6 }}
    {{- if or .Values.apiServer.host .Values.env }}
    env:
      {{- with .Values.apiServer.host }}
      - name: KUBERNETES_SERVICE_HOST
        value: {{ . | quote }}
      - name: KUBERNETES_SERVICE_PORT
        value: {{ $.Values.apiServer.port | toString | quote }}
      {{- end }}
      {{- with .Values.env }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
    {{- end }}
    ports:
      - name: https
        containerPort: {{ int .Values.securePort }}
        protocol: TCP
      {{- if .Values.webhooks.enabled }}
      - name: webhooks
        containerPort: {{ int .Values.webhooks.securePort }}
        protocol: TCP
      {{- end }}
    startupProbe: {{- include "cloud-provider.probe" (dict "path" "/healthz" "port" "https" "period" 2 "failures" 60) | nindent 6 }}
    livenessProbe: {{- include "cloud-provider.probe" (dict "path" "/livez" "port" "https" "period" 10 "failures" 8) | nindent 6 }}
    readinessProbe: {{- include "cloud-provider.probe" (dict "path" "/readyz" "port" "https" "period" 10 "failures" 3) | nindent 6 }}
    resources: {{- toYaml .Values.resources | nindent 6 }}
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities:
        drop: [ALL]
    {{- $cloudConfig := include "cloud-provider.cloudConfigSecret" . }}
    {{- if or $cloudConfig .Values.webhooks.enabled }}
    volumeMounts:
      {{- if $cloudConfig }}
      - name: cloud-config
        mountPath: /etc/cloud-config
        readOnly: true
      {{- end }}
      {{- if .Values.webhooks.enabled }}
      - name: webhook-certificate
        mountPath: /etc/webhook-certificate
        readOnly: true
      {{- end }}
    {{- end }}
{{- if or $cloudConfig .Values.webhooks.enabled }}
volumes:
  {{- with $cloudConfig }}
  - name: cloud-config
    secret:
      secretName: {{ . }}
      items:
        - key: cloud.conf
          path: cloud.conf
  {{- end }}
  {{- if .Values.webhooks.enabled }}
  - name: webhook-certificate
    secret:
      secretName: {{ .Values.webhooks.certificateSecret }}
  {{- end }}
{{- end }}
{{- end -}}

{{- define "cloud-provider.workload" -}}
---
apiVersion: apps/v1
kind: {{ .Values.kind }}
metadata:
  name: {{ include "cloud-provider.fullname" . }}
  namespace: {{ .Release.Namespace }}
  labels: {{- include "cloud-provider.labels" . | nindent 4 }}
spec:
  {{- if eq .Values.kind "Deployment" }}
  replicas: {{ int .Values.replicas }}
  # On the network of the host a second one has no port on the same node.
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxSurge: 0
      maxUnavailable: 1
  {{- else }}
  updateStrategy:
    type: RollingUpdate
  {{- end }}
  selector:
    matchLabels: {{- include "cloud-provider.selectorLabels" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "cloud-provider.labels" . | nindent 8 }}
        {{- with .Values.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- if or .Values.podAnnotations .Values.cloudConfig.text }}
      annotations:
        {{- with .Values.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
        {{- with .Values.cloudConfig.text }}
        # Another configuration makes other pods.
        checksum/cloud-config: {{ sha256sum . }}
        {{- end }}
      {{- end }}
    spec: {{- include "cloud-provider.podSpec" . | nindent 6 }}
{{- if and .Values.podDisruptionBudget.enabled (eq .Values.kind "Deployment") }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "cloud-provider.fullname" . }}
  namespace: {{ .Release.Namespace }}
  labels: {{- include "cloud-provider.labels" . | nindent 4 }}
spec:
  maxUnavailable: 1
  # A pod that can't reach its cloud keeps nobody from draining the node.
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels: {{- include "cloud-provider.selectorLabels" . | nindent 6 }}
{{- end }}
{{- end -}}
