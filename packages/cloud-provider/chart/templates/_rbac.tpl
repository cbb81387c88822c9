{{- /* The controllers that run, as JSON: the first mention of a name wins, then * if it is on by default. */ -}}
{{- define "cloud-provider.enabledControllers" -}}
{{- $rights := include "cloud-provider.rights" . | fromJson -}}
{{- $known := $rights.controllers -}}
{{- range .Values.provider.controllers -}}
{{- $known = append $known (dict "name" .name "alias" .name "byDefault" .byDefault "serviceAccount" .serviceAccount "shared" $rights.providerController.shared "own" $rights.providerController.own) -}}
{{- end -}}
{{- $list := .Values.controllers -}}
{{- range $item := $list -}}
{{- $name := trimPrefix "-" $item -}}
{{- $isKnown := eq $name "*" -}}
{{- range $known -}}{{- if or (eq $name .name) (eq $name .alias) -}}{{- $isKnown = true -}}{{- end -}}{{- end -}}
{{- if not $isKnown -}}{{- fail (printf "controllers: %s is not a controller" $name) -}}{{- end -}}
{{- end -}}
{{- $enabled := list -}}
{{- range $controller := $known -}}
{{- $verdict := "" -}}
{{- range $item := $list -}}
{{- if not $verdict -}}
{{- if or (eq $item $controller.name) (eq $item $controller.alias) -}}{{- $verdict = "on" -}}
{{- else if or (eq $item (printf "-%s" $controller.name)) (eq $item (printf "-%s" $controller.alias)) -}}{{- $verdict = "off" -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and (not $verdict) (has "*" $list) $controller.byDefault -}}{{- $verdict = "on" -}}{{- end -}}
{{- if eq $verdict "on" -}}{{- $enabled = append $enabled $controller -}}{{- end -}}
{{- end -}}
{{- toJson $enabled -}}
{{- end -}}

{{- /* One rule for each resource, with all its verbs. Takes a list of rules. */ -}}
{{- define "cloud-provider.mergedRules" -}}
{{- $merged := dict -}}
{{- range $rule := . -}}
{{- range $resource := $rule.resources -}}
{{- $names := $rule.resourceNames | default list -}}
{{- $key := join " " (concat (list (first $rule.apiGroups) $resource) $names) -}}
{{- $verbs := $rule.verbs -}}
{{- if hasKey $merged $key -}}{{- $verbs = concat (get $merged $key).verbs $verbs | uniq -}}{{- end -}}
{{- $one := dict "apiGroups" $rule.apiGroups "resources" (list $resource) "verbs" ($verbs | sortAlpha) -}}
{{- if $names -}}{{- $_ := set $one "resourceNames" $names -}}{{- end -}}
{{- $_ := set $merged $key $one -}}
{{- end -}}
{{- end -}}
{{- $rules := list -}}
{{- range $key := keys $merged | sortAlpha -}}{{- $rules = append $rules (get $merged $key) -}}{{- end -}}
{{- toYaml $rules -}}
{{- end -}}

{{- /* A role and who has it. Takes kind, namespace, name, account (name and namespace), rules and root. */ -}}
{{- define "cloud-provider.boundRole" -}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ .kind }}
metadata:
  name: {{ .name }}
  {{- with .namespace }}
  namespace: {{ . }}
  {{- end }}
  labels: {{- include "cloud-provider.labels" .root | nindent 4 }}
rules: {{- include "cloud-provider.mergedRules" .rules | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ .kind }}Binding
metadata:
  name: {{ .name }}
  {{- with .namespace }}
  namespace: {{ . }}
  {{- end }}
  labels: {{- include "cloud-provider.labels" .root | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ .kind }}
  name: {{ .name }}
subjects:
  - kind: ServiceAccount
    name: {{ .account.name }}
    namespace: {{ .account.namespace }}
{{- end -}}

{{- define "cloud-provider.rbac" -}}
{{- $root := . -}}
{{- $name := include "cloud-provider.fullname" . -}}
{{- $rights := include "cloud-provider.rights" . | fromJson -}}
{{- $enabled := include "cloud-provider.enabledControllers" . | fromJsonArray -}}
{{- $account := dict "name" (include "cloud-provider.serviceAccountName" .) "namespace" .Release.Namespace -}}
{{- $cluster := $rights.cluster -}}
{{- $system := $rights.system -}}
{{- $byAccount := dict -}}
{{- range $enabled -}}
{{- $cluster = concat $cluster .shared -}}
{{- if $root.Values.serviceAccountPerController -}}
{{- $_ := set $byAccount .serviceAccount (concat (get $byAccount .serviceAccount | default list) .own) -}}
{{- else -}}
{{- $cluster = concat $cluster .own -}}
{{- end -}}
{{- end -}}
{{- if .Values.serviceAccountPerController -}}{{- $system = concat $system $rights.serviceAccounts -}}{{- end -}}
{{- if .Values.leaderElection.enabled -}}
{{- $cluster = concat $cluster $rights.election -}}
{{- $lease := list -}}
{{- range $rights.lease -}}
{{- $rule := . -}}
{{- if .resourceNames -}}{{- $rule = merge (dict "resourceNames" (list $root.Values.leaderElection.leaseName)) . -}}{{- end -}}
{{- $lease = append $lease $rule -}}
{{- end -}}
{{- if eq .Values.leaderElection.leaseNamespace "kube-system" -}}
{{- $system = concat $system $lease -}}
{{- else }}
{{ include "cloud-provider.boundRole" (dict "kind" "Role" "namespace" .Values.leaderElection.leaseNamespace "name" $name "account" $account "rules" $lease "root" $root) }}
{{- end -}}
{{- end }}
{{ include "cloud-provider.boundRole" (dict "kind" "ClusterRole" "name" $name "account" $account "rules" $cluster "root" $root) }}
{{ include "cloud-provider.boundRole" (dict "kind" "Role" "namespace" "kube-system" "name" $name "account" $account "rules" $system "root" $root) }}
{{- range $controllerAccount := keys $byAccount | sortAlpha }}
{{ include "cloud-provider.boundRole" (dict "kind" "ClusterRole" "name" (printf "%s:%s" $name $controllerAccount) "account" (dict "name" $controllerAccount "namespace" "kube-system") "rules" (get $byAccount $controllerAccount) "root" $root) }}
{{- end }}
---
# For whoever reads the metrics: bind it to the account of your Prometheus.
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: {{ $name }}-metrics-reader
  labels: {{- include "cloud-provider.labels" . | nindent 4 }}
rules:
  - nonResourceURLs: [/metrics]
    verbs: [get]
{{- end -}}
