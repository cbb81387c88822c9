{{- /* Made by tools/generate/generate.ts from the declarations in the source. Do not edit. */ -}}
{{- define "cloud-provider.annotationPolicyDeclarations" -}}
{{`[
  {
    "apiVersion": "admissionregistration.k8s.io/v1",
    "kind": "ValidatingAdmissionPolicy",
    "metadata": {
      "name": "aws-service-annotations"
    },
    "spec": {
      "failurePolicy": "Ignore",
      "matchConstraints": {
        "resourceRules": [
          {
            "apiGroups": [""],
            "apiVersions": ["v1"],
            "operations": ["CREATE", "UPDATE"],
            "resources": ["services"]
          }
        ]
      },
      "matchConditions": [
        {
          "name": "is-load-balancer",
          "expression": "has(object.spec.type) && object.spec.type == 'LoadBalancer'"
        },
        {
          "name": "has-no-class",
          "expression": "!has(object.spec.loadBalancerClass)"
        },
        {
          "name": "is-staying",
          "expression": "!has(object.metadata.deletionTimestamp)"
        }
      ],
      "variables": [
        {
          "name": "now",
          "expression": "has(object.metadata.annotations) ? object.metadata.annotations : {}"
        },
        {
          "name": "former",
          "expression": "oldObject != null && has(oldObject.metadata.annotations) ? oldObject.metadata.annotations : {}"
        },
        {
          "name": "kind",
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-type' in variables.now) ? 'classic' : variables.now['service.beta.kubernetes.io/aws-load-balancer-type'] == 'nlb' ? 'network' : variables.now['service.beta.kubernetes.io/aws-load-balancer-type'] == 'external' ? '' : variables.now['service.beta.kubernetes.io/aws-load-balancer-type'] == 'nlb-ip' ? '' : 'classic'"
        },
        {
          "name": "formerKind",
          "expression": "oldObject != null && has(oldObject.spec.type) && oldObject.spec.type == 'LoadBalancer' ? (!('service.beta.kubernetes.io/aws-load-balancer-type' in variables.former) ? 'classic' : variables.former['service.beta.kubernetes.io/aws-load-balancer-type'] == 'nlb' ? 'network' : variables.former['service.beta.kubernetes.io/aws-load-balancer-type'] == 'external' ? '' : variables.former['service.beta.kubernetes.io/aws-load-balancer-type'] == 'nlb-ip' ? '' : 'classic') : ''"
        },
        {
          "name": "known",
          "expression": "['service.beta.kubernetes.io/aws-load-balancer-type', 'service.beta.kubernetes.io/aws-load-balancer-internal', 'service.beta.kubernetes.io/aws-load-balancer-subnets', 'service.beta.kubernetes.io/aws-load-balancer-security-groups', 'service.beta.kubernetes.io/aws-load-balancer-extra-security-groups', 'service.beta.kubernetes.io/aws-load-balancer-eip-allocations', 'service.beta.kubernetes.io/aws-load-balancer-private-ipv4-addresses', 'service.beta.kubernetes.io/aws-load-balancer-additional-resource-tags', 'service.beta.kubernetes.io/aws-load-balancer-target-node-labels', 'service.beta.kubernetes.io/load-balancer-source-ranges', 'service.beta.kubernetes.io/aws-load-balancer-ssl-cert', 'service.beta.kubernetes.io/aws-load-balancer-ssl-ports', 'service.beta.kubernetes.io/aws-load-balancer-ssl-negotiation-policy', 'service.beta.kubernetes.io/aws-load-balancer-backend-protocol', 'service.beta.kubernetes.io/aws-load-balancer-healthcheck-protocol', 'service.beta.kubernetes.io/aws-load-balancer-healthcheck-port', 'service.beta.kubernetes.io/aws-load-balancer-healthcheck-path', 'service.beta.kubernetes.io/aws-load-balancer-healthcheck-healthy-threshold', 'service.beta.kubernetes.io/aws-load-balancer-healthcheck-unhealthy-threshold', 'service.beta.kubernetes.io/aws-load-balancer-healthcheck-interval', 'service.beta.kubernetes.io/aws-load-balancer-healthcheck-timeout', 'service.beta.kubernetes.io/aws-load-balancer-proxy-protocol', 'service.beta.kubernetes.io/aws-load-balancer-access-log-enabled', 'service.beta.kubernetes.io/aws-load-balancer-access-log-emit-interval', 'service.beta.kubernetes.io/aws-load-balancer-access-log-s3-bucket-name', 'service.beta.kubernetes.io/aws-load-balancer-access-log-s3-bucket-prefix', 'service.beta.kubernetes.io/aws-load-balancer-connection-draining-enabled', 'service.beta.kubernetes.io/aws-load-balancer-connection-draining-timeout', 'service.beta.kubernetes.io/aws-load-balancer-connection-idle-timeout', 'service.beta.kubernetes.io/aws-load-balancer-cross-zone-load-balancing-enabled', 'service.beta.kubernetes.io/aws-load-balancer-target-group-attributes']"
        },
        {
          "name": "changed",
          "expression": "variables.known.filter(k, (k in variables.now) != (k in variables.former) || (k in variables.now && variables.now[k] != variables.former[k]))"
        },
        {
          "name": "judged",
          "expression": "variables.kind == '' ? [] : 'service.beta.kubernetes.io/aws-load-balancer-type' in variables.changed ? variables.known : variables.changed"
        },
        {
          "name": "elsewhere",
          "expression": "variables.kind == '' ? [] : ['service.beta.kubernetes.io/aws-load-balancer-alpn-policy', 'service.beta.kubernetes.io/aws-load-balancer-attributes', 'service.beta.kubernetes.io/aws-load-balancer-healthcheck-success-codes', 'service.beta.kubernetes.io/aws-load-balancer-inbound-sg-rules-on-private-link-traffic', 'service.beta.kubernetes.io/aws-load-balancer-ip-address-type', 'service.beta.kubernetes.io/aws-load-balancer-ipv6-addresses', 'service.beta.kubernetes.io/aws-load-balancer-manage-backend-security-group-rules', 'service.beta.kubernetes.io/aws-load-balancer-multi-cluster-target-group', 'service.beta.kubernetes.io/aws-load-balancer-name', 'service.beta.kubernetes.io/aws-load-balancer-nlb-target-type', 'service.beta.kubernetes.io/aws-load-balancer-scheme', 'service.beta.kubernetes.io/aws-load-balancer-security-group-prefix-lists'].filter(k, k in variables.now && (!(k in variables.former) || variables.former[k] != variables.now[k]))"
        },
        {
          "name": "unknown",
          "expression": "variables.kind == '' ? [] : variables.now.filter(k, !(k in variables.known) && !(k in ['service.beta.kubernetes.io/aws-load-balancer-alpn-policy', 'service.beta.kubernetes.io/aws-load-balancer-attributes', 'service.beta.kubernetes.io/aws-load-balancer-healthcheck-success-codes', 'service.beta.kubernetes.io/aws-load-balancer-inbound-sg-rules-on-private-link-traffic', 'service.beta.kubernetes.io/aws-load-balancer-ip-address-type', 'service.beta.kubernetes.io/aws-load-balancer-ipv6-addresses', 'service.beta.kubernetes.io/aws-load-balancer-manage-backend-security-group-rules', 'service.beta.kubernetes.io/aws-load-balancer-multi-cluster-target-group', 'service.beta.kubernetes.io/aws-load-balancer-name', 'service.beta.kubernetes.io/aws-load-balancer-nlb-target-type', 'service.beta.kubernetes.io/aws-load-balancer-scheme', 'service.beta.kubernetes.io/aws-load-balancer-security-group-prefix-lists']) && k.lowerAscii().matches(r'^(?:[a-z0-9-]+\\.)*kubernetes\\.io/aws-') && (!(k in variables.former) || variables.former[k] != variables.now[k]))"
        }
      ],
      "validations": [
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-subnets' in variables.judged && 'service.beta.kubernetes.io/aws-load-balancer-subnets' in variables.now && variables.kind in ['classic', 'network']) || (variables.now['service.beta.kubernetes.io/aws-load-balancer-subnets'].matches(r'[^, \\t\\r\\n]'))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-subnets: name subnets or remove the annotation"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-security-groups' in variables.judged && 'service.beta.kubernetes.io/aws-load-balancer-security-groups' in variables.now && variables.kind in ['classic', 'network']) || (variables.now['service.beta.kubernetes.io/aws-load-balancer-security-groups'].matches(r'^[ \\t\\r\\n]*(?:(?:sg-[^, \\t\\r\\n]*)[ \\t\\r\\n]*)?(?:,[ \\t\\r\\n]*(?:(?:sg-[^, \\t\\r\\n]*)[ \\t\\r\\n]*)?)*$'))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-security-groups: write ids such as sg-0123456789abcdef0"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-extra-security-groups' in variables.judged && 'service.beta.kubernetes.io/aws-load-balancer-extra-security-groups' in variables.now && variables.kind in ['classic']) || (variables.now['service.beta.kubernetes.io/aws-load-balancer-extra-security-groups'].matches(r'^[ \\t\\r\\n]*(?:(?:sg-[^, \\t\\r\\n]*)[ \\t\\r\\n]*)?(?:,[ \\t\\r\\n]*(?:(?:sg-[^, \\t\\r\\n]*)[ \\t\\r\\n]*)?)*$'))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-extra-security-groups: write ids such as sg-0123456789abcdef0"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-extra-security-groups' in variables.judged && 'service.beta.kubernetes.io/aws-load-balancer-extra-security-groups' in variables.now && variables.kind in ['network'])",
          "message": "service.beta.kubernetes.io/aws-load-balancer-extra-security-groups: a network load balancer has no extra groups: remove the annotation"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-eip-allocations' in variables.judged && 'service.beta.kubernetes.io/aws-load-balancer-eip-allocations' in variables.now && variables.kind in ['network']) || (variables.now['service.beta.kubernetes.io/aws-load-balancer-eip-allocations'].matches(r'^[ \\t\\r\\n]*(?:(?:eipalloc-[^, \\t\\r\\n]*)[ \\t\\r\\n]*)?(?:,[ \\t\\r\\n]*(?:(?:eipalloc-[^, \\t\\r\\n]*)[ \\t\\r\\n]*)?)*$'))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-eip-allocations: write allocation ids such as eipalloc-0123456789abcdef0"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-private-ipv4-addresses' in variables.judged && 'service.beta.kubernetes.io/aws-load-balancer-private-ipv4-addresses' in variables.now && variables.kind in ['network']) || (variables.now['service.beta.kubernetes.io/aws-load-balancer-private-ipv4-addresses'].matches(r'^[ \\t\\r\\n]*(?:(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3})[ \\t\\r\\n]*)?(?:,[ \\t\\r\\n]*(?:(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3})[ \\t\\r\\n]*)?)*$'))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-private-ipv4-addresses: write IPv4 addresses such as 10.0.0.10"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-healthcheck-protocol' in variables.judged && 'service.beta.kubernetes.io/aws-load-balancer-healthcheck-protocol' in variables.now && variables.kind in ['classic']) || (variables.now['service.beta.kubernetes.io/aws-load-balancer-healthcheck-protocol'].matches(r'^[ \\t\\r\\n]*(?:(?:[Tt][Cc][Pp]|[Ss][Ss][Ll]|[Hh][Tt][Tt][Pp]|[Hh][Tt][Tt][Pp][Ss])[ \\t\\r\\n]*)$'))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-healthcheck-protocol: write TCP, SSL, HTTP or HTTPS"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-healthcheck-protocol' in variables.judged && 'service.beta.kubernetes.io/aws-load-balancer-healthcheck-protocol' in variables.now && variables.kind in ['network']) || (variables.now['service.beta.kubernetes.io/aws-load-balancer-healthcheck-protocol'].matches(r'^[ \\t\\r\\n]*(?:(?:[Tt][Cc][Pp]|[Hh][Tt][Tt][Pp]|[Hh][Tt][Tt][Pp][Ss])[ \\t\\r\\n]*)?$'))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-healthcheck-protocol: write TCP, HTTP or HTTPS"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-healthcheck-port' in variables.judged && 'service.beta.kubernetes.io/aws-load-balancer-healthcheck-port' in variables.now && variables.kind in ['classic']) || (variables.now['service.beta.kubernetes.io/aws-load-balancer-healthcheck-port'].matches(r'^[ \\t\\r\\n]*(?:0*(?:[1-9]|[1-9][0-9]|[1-9][0-9]{2}|[1-9][0-9]{3}|1[0-9][0-9]{3}|[2-5][0-9]{4}|60[0-9][0-9]{2}|6[1-4][0-9]{3}|650[0-9][0-9]|65[1-4][0-9]{2}|6550[0-9]|655[1-2][0-9]|6553[0-5])[ \\t\\r\\n]*)$|^[ \\t\\r\\n]*traffic-port[ \\t\\r\\n]*$'))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-healthcheck-port: write a port from 1 to 65535, or traffic-port"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-healthcheck-port' in variables.judged && 'service.beta.kubernetes.io/aws-load-balancer-healthcheck-port' in variables.now && variables.kind in ['network']) || (variables.now['service.beta.kubernetes.io/aws-load-balancer-healthcheck-port'].matches(r'^[ \\t\\r\\n]*(?:0*(?:[1-9]|[1-9][0-9]|[1-9][0-9]{2}|[1-9][0-9]{3}|1[0-9][0-9]{3}|[2-5][0-9]{4}|60[0-9][0-9]{2}|6[1-4][0-9]{3}|650[0-9][0-9]|65[1-4][0-9]{2}|6550[0-9]|655[1-2][0-9]|6553[0-5])[ \\t\\r\\n]*)$|^[ \\t\\r\\n]*traffic-port[ \\t\\r\\n]*$|^[ \\t\\r\\n]*$'))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-healthcheck-port: write a port from 1 to 65535, or traffic-port"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-healthcheck-healthy-threshold' in variables.judged && 'service.beta.kubernetes.io/aws-load-balancer-healthcheck-healthy-threshold' in variables.now && variables.kind in ['classic', 'network']) || (variables.now['service.beta.kubernetes.io/aws-load-balancer-healthcheck-healthy-threshold'].matches(r'^[ \\t\\r\\n]*(?:0*(?:[2-9]|10)[ \\t\\r\\n]*)$'))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-healthcheck-healthy-threshold: write a number from 2 to 10"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-healthcheck-unhealthy-threshold' in variables.judged && 'service.beta.kubernetes.io/aws-load-balancer-healthcheck-unhealthy-threshold' in variables.now && variables.kind in ['classic', 'network']) || (variables.now['service.beta.kubernetes.io/aws-load-balancer-healthcheck-unhealthy-threshold'].matches(r'^[ \\t\\r\\n]*(?:0*(?:[2-9]|10)[ \\t\\r\\n]*)$'))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-healthcheck-unhealthy-threshold: write a number from 2 to 10"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-healthcheck-interval' in variables.judged && 'service.beta.kubernetes.io/aws-load-balancer-healthcheck-interval' in variables.now && variables.kind in ['classic', 'network']) || (variables.now['service.beta.kubernetes.io/aws-load-balancer-healthcheck-interval'].matches(r'^[ \\t\\r\\n]*(?:0*(?:[5-9]|[1-9][0-9]|1[0-9][0-9]|2[0-9]{2}|300)[ \\t\\r\\n]*)$'))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-healthcheck-interval: write a number from 5 to 300"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-healthcheck-timeout' in variables.judged && 'service.beta.kubernetes.io/aws-load-balancer-healthcheck-timeout' in variables.now && variables.kind in ['classic']) || (variables.now['service.beta.kubernetes.io/aws-load-balancer-healthcheck-timeout'].matches(r'^[ \\t\\r\\n]*(?:0*(?:[2-9]|1[0-9]|[2-5][0-9]|60)[ \\t\\r\\n]*)$'))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-healthcheck-timeout: write a number from 2 to 60"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-healthcheck-timeout' in variables.judged && 'service.beta.kubernetes.io/aws-load-balancer-healthcheck-timeout' in variables.now && variables.kind in ['network']) || (variables.now['service.beta.kubernetes.io/aws-load-balancer-healthcheck-timeout'].matches(r'^[ \\t\\r\\n]*(?:0*(?:[2-9]|[1-9][0-9]|10[0-9]|11[0-9]|120)[ \\t\\r\\n]*)$'))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-healthcheck-timeout: write a number from 2 to 120"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-proxy-protocol' in variables.judged && 'service.beta.kubernetes.io/aws-load-balancer-proxy-protocol' in variables.now && variables.kind in ['classic']) || (variables.now['service.beta.kubernetes.io/aws-load-balancer-proxy-protocol'].matches(r'^(?:(?:\\*))?$'))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-proxy-protocol: write * for all ports, or remove the annotation"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-access-log-enabled' in variables.judged && 'service.beta.kubernetes.io/aws-load-balancer-access-log-enabled' in variables.now && variables.kind in ['classic']) || (variables.now['service.beta.kubernetes.io/aws-load-balancer-access-log-enabled'].matches(r'^(?:true|1|t|T|TRUE|True|false|0|f|F|FALSE|False|)$'))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-access-log-enabled: write true or false"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-access-log-enabled' in variables.judged && 'service.beta.kubernetes.io/aws-load-balancer-access-log-enabled' in variables.now && variables.kind in ['network']) || (variables.now['service.beta.kubernetes.io/aws-load-balancer-access-log-enabled'].matches(r'^(?:true|1|t|T|TRUE|True|false|0|f|F|FALSE|False)$'))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-access-log-enabled: write true or false"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-access-log-emit-interval' in variables.judged && 'service.beta.kubernetes.io/aws-load-balancer-access-log-emit-interval' in variables.now && variables.kind in ['classic']) || (variables.now['service.beta.kubernetes.io/aws-load-balancer-access-log-emit-interval'].matches(r'^[ \\t\\r\\n]*(?:\\+?0*(?:5|60)[ \\t\\r\\n]*)?$'))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-access-log-emit-interval: write 5 or 60 minutes"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-connection-draining-enabled' in variables.judged && 'service.beta.kubernetes.io/aws-load-balancer-connection-draining-enabled' in variables.now && variables.kind in ['classic']) || (variables.now['service.beta.kubernetes.io/aws-load-balancer-connection-draining-enabled'].matches(r'^(?:true|1|t|T|TRUE|True|false|0|f|F|FALSE|False|)$'))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-connection-draining-enabled: write true or false"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-connection-draining-timeout' in variables.judged && 'service.beta.kubernetes.io/aws-load-balancer-connection-draining-timeout' in variables.now && variables.kind in ['classic']) || (variables.now['service.beta.kubernetes.io/aws-load-balancer-connection-draining-timeout'].matches(r'^[ \\t\\r\\n]*(?:\\+?0*(?:[1-9]|[1-9][0-9]|[1-9][0-9]{2}|1[0-9][0-9]{2}|2[0-9]{3}|30[0-9][0-9]|3[1-5][0-9]{2}|3600)[ \\t\\r\\n]*)?$'))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-connection-draining-timeout: write 1 to 3600 seconds"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-connection-idle-timeout' in variables.judged && 'service.beta.kubernetes.io/aws-load-balancer-connection-idle-timeout' in variables.now && variables.kind in ['classic']) || (variables.now['service.beta.kubernetes.io/aws-load-balancer-connection-idle-timeout'].matches(r'^[ \\t\\r\\n]*(?:\\+?0*(?:[1-9]|[1-9][0-9]|[1-9][0-9]{2}|1[0-9][0-9]{2}|[2-3][0-9]{3}|4000)[ \\t\\r\\n]*)?$'))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-connection-idle-timeout: write 1 to 4000 seconds"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-cross-zone-load-balancing-enabled' in variables.judged && 'service.beta.kubernetes.io/aws-load-balancer-cross-zone-load-balancing-enabled' in variables.now && variables.kind in ['classic']) || (variables.now['service.beta.kubernetes.io/aws-load-balancer-cross-zone-load-balancing-enabled'].matches(r'^(?:true|1|t|T|TRUE|True|false|0|f|F|FALSE|False|)$'))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-cross-zone-load-balancing-enabled: write true or false"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-cross-zone-load-balancing-enabled' in variables.judged && 'service.beta.kubernetes.io/aws-load-balancer-cross-zone-load-balancing-enabled' in variables.now && variables.kind in ['network']) || (variables.now['service.beta.kubernetes.io/aws-load-balancer-cross-zone-load-balancing-enabled'].matches(r'^(?:true|1|t|T|TRUE|True|false|0|f|F|FALSE|False)$'))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-cross-zone-load-balancing-enabled: write true or false"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-target-group-attributes' in variables.judged && 'service.beta.kubernetes.io/aws-load-balancer-target-group-attributes' in variables.now && variables.kind in ['classic'])",
          "message": "service.beta.kubernetes.io/aws-load-balancer-target-group-attributes: only network load balancers have target groups: remove the annotation"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-target-group-attributes' in variables.judged && 'service.beta.kubernetes.io/aws-load-balancer-target-group-attributes' in variables.now && variables.kind in ['network']) || (variables.now['service.beta.kubernetes.io/aws-load-balancer-target-group-attributes'].matches(r'^[ \\t\\r\\n]*(?:(?:(?:preserve_client_ip|proxy_protocol_v2)\\.enabled)[ \\t\\r\\n]*=[ \\t\\r\\n]*(?:true|false)[ \\t\\r\\n]*|=[^,]*)?(?:,[ \\t\\r\\n]*(?:(?:(?:preserve_client_ip|proxy_protocol_v2)\\.enabled)[ \\t\\r\\n]*=[ \\t\\r\\n]*(?:true|false)[ \\t\\r\\n]*|=[^,]*)?)*$') && variables.now['service.beta.kubernetes.io/aws-load-balancer-target-group-attributes'].matches(r'(?:^|,)[^,=]*[^,= \\t\\r\\n]'))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-target-group-attributes: write preserve_client_ip.enabled=true|false and proxy_protocol_v2.enabled=true|false, or one of them"
        },
        {
          "expression": "!(variables.kind in ['classic', 'network'] && ('service.beta.kubernetes.io/aws-load-balancer-access-log-s3-bucket-name' in variables.judged || 'service.beta.kubernetes.io/aws-load-balancer-access-log-enabled' in variables.judged) && (('service.beta.kubernetes.io/aws-load-balancer-access-log-enabled' in variables.now && variables.now['service.beta.kubernetes.io/aws-load-balancer-access-log-enabled'].matches(r'^(?:true|1|t|T|TRUE|True)$')) && !('service.beta.kubernetes.io/aws-load-balancer-access-log-s3-bucket-name' in variables.now && variables.now['service.beta.kubernetes.io/aws-load-balancer-access-log-s3-bucket-name'].matches(r'^(?:[ \\t\\r\\n]|[^ \\t\\r\\n])'))))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-access-log-s3-bucket-name: name the bucket that the logs go to"
        },
        {
          "expression": "!(variables.kind in ['network'] && ('service.beta.kubernetes.io/aws-load-balancer-eip-allocations' in variables.judged || 'service.beta.kubernetes.io/aws-load-balancer-internal' in variables.judged) && (('service.beta.kubernetes.io/aws-load-balancer-eip-allocations' in variables.now && variables.now['service.beta.kubernetes.io/aws-load-balancer-eip-allocations'].matches(r'[^, \\t\\r\\n]')) && (('service.beta.kubernetes.io/aws-load-balancer-internal' in variables.now && variables.now['service.beta.kubernetes.io/aws-load-balancer-internal'].matches(r'^(?:[ \\t\\r\\n]|[^ \\t\\r\\n])')) && !('service.beta.kubernetes.io/aws-load-balancer-internal' in variables.now && variables.now['service.beta.kubernetes.io/aws-load-balancer-internal'].matches(r'^false$')))))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-eip-allocations: an internal load balancer has no public addresses: remove it, or make the load balancer public"
        },
        {
          "expression": "!(variables.kind in ['network'] && ('service.beta.kubernetes.io/aws-load-balancer-private-ipv4-addresses' in variables.judged || 'service.beta.kubernetes.io/aws-load-balancer-internal' in variables.judged) && (('service.beta.kubernetes.io/aws-load-balancer-private-ipv4-addresses' in variables.now && variables.now['service.beta.kubernetes.io/aws-load-balancer-private-ipv4-addresses'].matches(r'[^, \\t\\r\\n]')) && !(('service.beta.kubernetes.io/aws-load-balancer-internal' in variables.now && variables.now['service.beta.kubernetes.io/aws-load-balancer-internal'].matches(r'^(?:[ \\t\\r\\n]|[^ \\t\\r\\n])')) && !('service.beta.kubernetes.io/aws-load-balancer-internal' in variables.now && variables.now['service.beta.kubernetes.io/aws-load-balancer-internal'].matches(r'^false$')))))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-private-ipv4-addresses: only internal load balancers can be given their private addresses: remove it, or add the annotation for internal"
        },
        {
          "expression": "!(variables.kind in ['classic'] && ('service.beta.kubernetes.io/aws-load-balancer-healthcheck-timeout' in variables.judged || 'service.beta.kubernetes.io/aws-load-balancer-healthcheck-interval' in variables.judged) && ((!('service.beta.kubernetes.io/aws-load-balancer-healthcheck-timeout' in variables.now) || variables.now['service.beta.kubernetes.io/aws-load-balancer-healthcheck-timeout'].matches(r'^[ \\t\\r\\n]*[0-9]{1,9}[ \\t\\r\\n]*$')) && (!('service.beta.kubernetes.io/aws-load-balancer-healthcheck-interval' in variables.now) || variables.now['service.beta.kubernetes.io/aws-load-balancer-healthcheck-interval'].matches(r'^[ \\t\\r\\n]*[0-9]{1,9}[ \\t\\r\\n]*$')) && ('service.beta.kubernetes.io/aws-load-balancer-healthcheck-timeout' in variables.now ? int(variables.now['service.beta.kubernetes.io/aws-load-balancer-healthcheck-timeout'].trim()) : 5) >= ('service.beta.kubernetes.io/aws-load-balancer-healthcheck-interval' in variables.now ? int(variables.now['service.beta.kubernetes.io/aws-load-balancer-healthcheck-interval'].trim()) : 10)))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-healthcheck-timeout: the time-out (5 seconds where none is written) must be shorter than the interval (10 seconds where none is written)"
        },
        {
          "expression": "!(variables.kind in ['classic', 'network'] && ('service.beta.kubernetes.io/aws-load-balancer-additional-resource-tags' in variables.judged) && ('service.beta.kubernetes.io/aws-load-balancer-additional-resource-tags' in variables.now && variables.now['service.beta.kubernetes.io/aws-load-balancer-additional-resource-tags'].matches(r'(?:^|,)[ \\t\\r\\n]*[Aa][Ww][Ss]:')))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-additional-resource-tags: AWS keeps keys that begin with aws: to itself: choose another key"
        }
      ]
    }
  },
  {
    "apiVersion": "admissionregistration.k8s.io/v1",
    "kind": "ValidatingAdmissionPolicyBinding",
    "metadata": {
      "name": "aws-service-annotations"
    },
    "spec": {
      "policyName": "aws-service-annotations",
      "validationActions": ["Deny"]
    }
  },
  {
    "apiVersion": "admissionregistration.k8s.io/v1",
    "kind": "ValidatingAdmissionPolicy",
    "metadata": {
      "name": "aws-service-annotation-remarks"
    },
    "spec": {
      "failurePolicy": "Ignore",
      "matchConstraints": {
        "resourceRules": [
          {
            "apiGroups": [""],
            "apiVersions": ["v1"],
            "operations": ["CREATE", "UPDATE"],
            "resources": ["services"]
          }
        ]
      },
      "matchConditions": [
        {
          "name": "is-load-balancer",
          "expression": "has(object.spec.type) && object.spec.type == 'LoadBalancer'"
        },
        {
          "name": "has-no-class",
          "expression": "!has(object.spec.loadBalancerClass)"
        },
        {
          "name": "is-staying",
          "expression": "!has(object.metadata.deletionTimestamp)"
        }
      ],
      "variables": [
        {
          "name": "now",
          "expression": "has(object.metadata.annotations) ? object.metadata.annotations : {}"
        },
        {
          "name": "former",
          "expression": "oldObject != null && has(oldObject.metadata.annotations) ? oldObject.metadata.annotations : {}"
        },
        {
          "name": "kind",
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-type' in variables.now) ? 'classic' : variables.now['service.beta.kubernetes.io/aws-load-balancer-type'] == 'nlb' ? 'network' : variables.now['service.beta.kubernetes.io/aws-load-balancer-type'] == 'external' ? '' : variables.now['service.beta.kubernetes.io/aws-load-balancer-type'] == 'nlb-ip' ? '' : 'classic'"
        },
        {
          "name": "formerKind",
          "expression": "oldObject != null && has(oldObject.spec.type) && oldObject.spec.type == 'LoadBalancer' ? (!('service.beta.kubernetes.io/aws-load-balancer-type' in variables.former) ? 'classic' : variables.former['service.beta.kubernetes.io/aws-load-balancer-type'] == 'nlb' ? 'network' : variables.former['service.beta.kubernetes.io/aws-load-balancer-type'] == 'external' ? '' : variables.former['service.beta.kubernetes.io/aws-load-balancer-type'] == 'nlb-ip' ? '' : 'classic') : ''"
        },
        {
          "name": "known",
          "expression": "['service.beta.kubernetes.io/aws-load-balancer-type', 'service.beta.kubernetes.io/aws-load-balancer-internal', 'service.beta.kubernetes.io/aws-load-balancer-subnets', 'service.beta.kubernetes.io/aws-load-balancer-security-groups', 'service.beta.kubernetes.io/aws-load-balancer-extra-security-groups', 'service.beta.kubernetes.io/aws-load-balancer-eip-allocations', 'service.beta.kubernetes.io/aws-load-balancer-private-ipv4-addresses', 'service.beta.kubernetes.io/aws-load-balancer-additional-resource-tags', 'service.beta.kubernetes.io/aws-load-balancer-target-node-labels', 'service.beta.kubernetes.io/load-balancer-source-ranges', 'service.beta.kubernetes.io/aws-load-balancer-ssl-cert', 'service.beta.kubernetes.io/aws-load-balancer-ssl-ports', 'service.beta.kubernetes.io/aws-load-balancer-ssl-negotiation-policy', 'service.beta.kubernetes.io/aws-load-balancer-backend-protocol', 'service.beta.kubernetes.io/aws-load-balancer-healthcheck-protocol', 'service.beta.kubernetes.io/aws-load-balancer-healthcheck-port', 'service.beta.kubernetes.io/aws-load-balancer-healthcheck-path', 'service.beta.kubernetes.io/aws-load-balancer-healthcheck-healthy-threshold', 'service.beta.kubernetes.io/aws-load-balancer-healthcheck-unhealthy-threshold', 'service.beta.kubernetes.io/aws-load-balancer-healthcheck-interval', 'service.beta.kubernetes.io/aws-load-balancer-healthcheck-timeout', 'service.beta.kubernetes.io/aws-load-balancer-proxy-protocol', 'service.beta.kubernetes.io/aws-load-balancer-access-log-enabled', 'service.beta.kubernetes.io/aws-load-balancer-access-log-emit-interval', 'service.beta.kubernetes.io/aws-load-balancer-access-log-s3-bucket-name', 'service.beta.kubernetes.io/aws-load-balancer-access-log-s3-bucket-prefix', 'service.beta.kubernetes.io/aws-load-balancer-connection-draining-enabled', 'service.beta.kubernetes.io/aws-load-balancer-connection-draining-timeout', 'service.beta.kubernetes.io/aws-load-balancer-connection-idle-timeout', 'service.beta.kubernetes.io/aws-load-balancer-cross-zone-load-balancing-enabled', 'service.beta.kubernetes.io/aws-load-balancer-target-group-attributes']"
        },
        {
          "name": "changed",
          "expression": "variables.known.filter(k, (k in variables.now) != (k in variables.former) || (k in variables.now && variables.now[k] != variables.former[k]))"
        },
        {
          "name": "judged",
          "expression": "variables.kind == '' ? [] : 'service.beta.kubernetes.io/aws-load-balancer-type' in variables.changed ? variables.known : variables.changed"
        },
        {
          "name": "elsewhere",
          "expression": "variables.kind == '' ? [] : ['service.beta.kubernetes.io/aws-load-balancer-alpn-policy', 'service.beta.kubernetes.io/aws-load-balancer-attributes', 'service.beta.kubernetes.io/aws-load-balancer-healthcheck-success-codes', 'service.beta.kubernetes.io/aws-load-balancer-inbound-sg-rules-on-private-link-traffic', 'service.beta.kubernetes.io/aws-load-balancer-ip-address-type', 'service.beta.kubernetes.io/aws-load-balancer-ipv6-addresses', 'service.beta.kubernetes.io/aws-load-balancer-manage-backend-security-group-rules', 'service.beta.kubernetes.io/aws-load-balancer-multi-cluster-target-group', 'service.beta.kubernetes.io/aws-load-balancer-name', 'service.beta.kubernetes.io/aws-load-balancer-nlb-target-type', 'service.beta.kubernetes.io/aws-load-balancer-scheme', 'service.beta.kubernetes.io/aws-load-balancer-security-group-prefix-lists'].filter(k, k in variables.now && (!(k in variables.former) || variables.former[k] != variables.now[k]))"
        },
        {
          "name": "unknown",
          "expression": "variables.kind == '' ? [] : variables.now.filter(k, !(k in variables.known) && !(k in ['service.beta.kubernetes.io/aws-load-balancer-alpn-policy', 'service.beta.kubernetes.io/aws-load-balancer-attributes', 'service.beta.kubernetes.io/aws-load-balancer-healthcheck-success-codes', 'service.beta.kubernetes.io/aws-load-balancer-inbound-sg-rules-on-private-link-traffic', 'service.beta.kubernetes.io/aws-load-balancer-ip-address-type', 'service.beta.kubernetes.io/aws-load-balancer-ipv6-addresses', 'service.beta.kubernetes.io/aws-load-balancer-manage-backend-security-group-rules', 'service.beta.kubernetes.io/aws-load-balancer-multi-cluster-target-group', 'service.beta.kubernetes.io/aws-load-balancer-name', 'service.beta.kubernetes.io/aws-load-balancer-nlb-target-type', 'service.beta.kubernetes.io/aws-load-balancer-scheme', 'service.beta.kubernetes.io/aws-load-balancer-security-group-prefix-lists']) && k.lowerAscii().matches(r'^(?:[a-z0-9-]+\\.)*kubernetes\\.io/aws-') && (!(k in variables.former) || variables.former[k] != variables.now[k]))"
        }
      ],
      "validations": [
        {
          "expression": "size(variables.unknown) == 0",
          "message": "an annotation has no effect, as there is no such annotation",
          "messageExpression": "variables.unknown.join(', ') + ': has no effect, as there is no such annotation'"
        },
        {
          "expression": "size(variables.elsewhere) == 0",
          "message": "the AWS Load Balancer Controller reads it, and this manager does not: remove it, or leave the Service to that controller",
          "messageExpression": "variables.elsewhere.join(', ') + ': the AWS Load Balancer Controller reads it, and this manager does not: remove it, or leave the Service to that controller'"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-type' in variables.judged && 'service.beta.kubernetes.io/aws-load-balancer-type' in variables.now && variables.kind in ['classic', 'network']) || (variables.now['service.beta.kubernetes.io/aws-load-balancer-type'].matches(r'^(?:(?:nlb|external|nlb-ip))?$'))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-type: it asks for a classic load balancer: write nlb for a network load balancer, or remove it"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-internal' in variables.judged && 'service.beta.kubernetes.io/aws-load-balancer-internal' in variables.now && variables.kind in ['classic', 'network']) || (variables.now['service.beta.kubernetes.io/aws-load-balancer-internal'].matches(r'^(?:true|false|0\\.0\\.0\\.0/0)?$'))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-internal: anything but false means internal: write true or false"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-eip-allocations' in variables.judged && 'service.beta.kubernetes.io/aws-load-balancer-eip-allocations' in variables.now && variables.kind in ['classic'])",
          "message": "service.beta.kubernetes.io/aws-load-balancer-eip-allocations: only network load balancers have elastic addresses: remove it"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-private-ipv4-addresses' in variables.judged && 'service.beta.kubernetes.io/aws-load-balancer-private-ipv4-addresses' in variables.now && variables.kind in ['classic'])",
          "message": "service.beta.kubernetes.io/aws-load-balancer-private-ipv4-addresses: only network load balancers can be given addresses: remove it"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-ssl-cert' in variables.judged && 'service.beta.kubernetes.io/aws-load-balancer-ssl-cert' in variables.now && variables.kind in ['classic', 'network']) || (variables.now['service.beta.kubernetes.io/aws-load-balancer-ssl-cert'].matches(r'^[ \\t\\r\\n]*(?:arn:[^, \\t\\r\\n]*[ \\t\\r\\n]*)?$'))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-ssl-cert: write the ARN of one certificate"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-ssl-ports' in variables.judged && 'service.beta.kubernetes.io/aws-load-balancer-ssl-ports' in variables.now && variables.kind in ['classic', 'network']) || (variables.now['service.beta.kubernetes.io/aws-load-balancer-ssl-ports'].matches(r'^[ \\t\\r\\n]*(?:(?:\\*|[A-Za-z0-9][A-Za-z0-9-]{0,62})[ \\t\\r\\n]*)?(?:,[ \\t\\r\\n]*(?:(?:\\*|[A-Za-z0-9][A-Za-z0-9-]{0,62})[ \\t\\r\\n]*)?)*$'))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-ssl-ports: write numbers or names of ports of the Service, or *"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-backend-protocol' in variables.judged && 'service.beta.kubernetes.io/aws-load-balancer-backend-protocol' in variables.now && variables.kind in ['classic']) || (variables.now['service.beta.kubernetes.io/aws-load-balancer-backend-protocol'].matches(r'^(?:(?:http|https|ssl|tcp))?$'))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-backend-protocol: write http, https, ssl or tcp"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-backend-protocol' in variables.judged && 'service.beta.kubernetes.io/aws-load-balancer-backend-protocol' in variables.now && variables.kind in ['network']) || (variables.now['service.beta.kubernetes.io/aws-load-balancer-backend-protocol'].matches(r'^(?:(?:ssl|tcp))?$'))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-backend-protocol: network load balancers speak TCP with the nodes for anything but ssl: write ssl, or remove it"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-healthcheck-path' in variables.judged && 'service.beta.kubernetes.io/aws-load-balancer-healthcheck-path' in variables.now && variables.kind in ['classic', 'network']) || (size(variables.now['service.beta.kubernetes.io/aws-load-balancer-healthcheck-path']) <= 1024 && variables.now['service.beta.kubernetes.io/aws-load-balancer-healthcheck-path'].matches(r'^(?:/|$)'))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-healthcheck-path: write a path that begins with /"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-proxy-protocol' in variables.judged && 'service.beta.kubernetes.io/aws-load-balancer-proxy-protocol' in variables.now && variables.kind in ['network'])",
          "message": "service.beta.kubernetes.io/aws-load-balancer-proxy-protocol: on network load balancers it is target-group-attributes: proxy_protocol_v2.enabled=true"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-access-log-emit-interval' in variables.judged && 'service.beta.kubernetes.io/aws-load-balancer-access-log-emit-interval' in variables.now && variables.kind in ['network'])",
          "message": "service.beta.kubernetes.io/aws-load-balancer-access-log-emit-interval: only classic load balancers have it: remove it"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-connection-draining-enabled' in variables.judged && 'service.beta.kubernetes.io/aws-load-balancer-connection-draining-enabled' in variables.now && variables.kind in ['network'])",
          "message": "service.beta.kubernetes.io/aws-load-balancer-connection-draining-enabled: only classic load balancers have it: remove it"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-connection-draining-timeout' in variables.judged && 'service.beta.kubernetes.io/aws-load-balancer-connection-draining-timeout' in variables.now && variables.kind in ['network'])",
          "message": "service.beta.kubernetes.io/aws-load-balancer-connection-draining-timeout: only classic load balancers have it: remove it"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-connection-idle-timeout' in variables.judged && 'service.beta.kubernetes.io/aws-load-balancer-connection-idle-timeout' in variables.now && variables.kind in ['network'])",
          "message": "service.beta.kubernetes.io/aws-load-balancer-connection-idle-timeout: only classic load balancers have it: remove it"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-internal' in variables.changed && variables.formerKind == variables.kind && variables.kind in ['classic', 'network'])",
          "message": "service.beta.kubernetes.io/aws-load-balancer-internal: it only counts when the load balancer is made: change it back, or make the Service anew to have another load balancer"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-eip-allocations' in variables.changed && variables.formerKind == variables.kind && variables.kind in ['network'])",
          "message": "service.beta.kubernetes.io/aws-load-balancer-eip-allocations: it only counts when the load balancer is made: change it back, or make the Service anew to have another load balancer"
        },
        {
          "expression": "!('service.beta.kubernetes.io/aws-load-balancer-private-ipv4-addresses' in variables.changed && variables.formerKind == variables.kind && variables.kind in ['network'])",
          "message": "service.beta.kubernetes.io/aws-load-balancer-private-ipv4-addresses: it only counts when the load balancer is made: change it back, or make the Service anew to have another load balancer"
        },
        {
          "expression": "!(variables.kind in ['classic', 'network'] && ('service.beta.kubernetes.io/aws-load-balancer-healthcheck-path' in variables.judged || 'service.beta.kubernetes.io/aws-load-balancer-healthcheck-protocol' in variables.judged) && (('service.beta.kubernetes.io/aws-load-balancer-healthcheck-path' in variables.now && variables.now['service.beta.kubernetes.io/aws-load-balancer-healthcheck-path'].matches(r'^(?:[ \\t\\r\\n]|[^ \\t\\r\\n])')) && ('service.beta.kubernetes.io/aws-load-balancer-healthcheck-protocol' in variables.now && variables.now['service.beta.kubernetes.io/aws-load-balancer-healthcheck-protocol'].matches(r'^[ \\t\\r\\n]*(?:[Tt][Cc][Pp]|[Ss][Ss][Ll])[ \\t\\r\\n]*$'))))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-healthcheck-path: only HTTP and HTTPS checks have a path: remove it, or choose another protocol"
        },
        {
          "expression": "!(variables.kind in ['classic', 'network'] && ('service.beta.kubernetes.io/aws-load-balancer-ssl-ports' in variables.judged || 'service.beta.kubernetes.io/aws-load-balancer-ssl-cert' in variables.judged) && (('service.beta.kubernetes.io/aws-load-balancer-ssl-ports' in variables.now && variables.now['service.beta.kubernetes.io/aws-load-balancer-ssl-ports'].matches(r'[^, \\t\\r\\n]')) && !('service.beta.kubernetes.io/aws-load-balancer-ssl-cert' in variables.now && variables.now['service.beta.kubernetes.io/aws-load-balancer-ssl-cert'].matches(r'[^ \\t\\r\\n]'))))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-ssl-ports: it only counts with service.beta.kubernetes.io/aws-load-balancer-ssl-cert: add that, or remove it"
        },
        {
          "expression": "!(variables.kind in ['classic', 'network'] && ('service.beta.kubernetes.io/aws-load-balancer-ssl-negotiation-policy' in variables.judged || 'service.beta.kubernetes.io/aws-load-balancer-ssl-cert' in variables.judged) && (('service.beta.kubernetes.io/aws-load-balancer-ssl-negotiation-policy' in variables.now && variables.now['service.beta.kubernetes.io/aws-load-balancer-ssl-negotiation-policy'].matches(r'[^, \\t\\r\\n]')) && !('service.beta.kubernetes.io/aws-load-balancer-ssl-cert' in variables.now && variables.now['service.beta.kubernetes.io/aws-load-balancer-ssl-cert'].matches(r'[^ \\t\\r\\n]'))))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-ssl-negotiation-policy: it only counts with service.beta.kubernetes.io/aws-load-balancer-ssl-cert: add that, or remove it"
        },
        {
          "expression": "!(variables.kind in ['network'] && ('service.beta.kubernetes.io/aws-load-balancer-backend-protocol' in variables.judged || 'service.beta.kubernetes.io/aws-load-balancer-ssl-cert' in variables.judged) && (('service.beta.kubernetes.io/aws-load-balancer-backend-protocol' in variables.now && variables.now['service.beta.kubernetes.io/aws-load-balancer-backend-protocol'].matches(r'[^, \\t\\r\\n]')) && (('service.beta.kubernetes.io/aws-load-balancer-backend-protocol' in variables.now && variables.now['service.beta.kubernetes.io/aws-load-balancer-backend-protocol'].matches(r'^ssl$')) && !('service.beta.kubernetes.io/aws-load-balancer-ssl-cert' in variables.now && variables.now['service.beta.kubernetes.io/aws-load-balancer-ssl-cert'].matches(r'[^ \\t\\r\\n]')))))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-backend-protocol: it only counts with service.beta.kubernetes.io/aws-load-balancer-ssl-cert: add that, or remove it"
        },
        {
          "expression": "!(variables.kind in ['classic', 'network'] && ('service.beta.kubernetes.io/aws-load-balancer-access-log-s3-bucket-name' in variables.judged || 'service.beta.kubernetes.io/aws-load-balancer-access-log-enabled' in variables.judged) && (('service.beta.kubernetes.io/aws-load-balancer-access-log-s3-bucket-name' in variables.now && variables.now['service.beta.kubernetes.io/aws-load-balancer-access-log-s3-bucket-name'].matches(r'[^, \\t\\r\\n]')) && !('service.beta.kubernetes.io/aws-load-balancer-access-log-enabled' in variables.now)))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-access-log-s3-bucket-name: it only counts with service.beta.kubernetes.io/aws-load-balancer-access-log-enabled: add that, or remove it"
        },
        {
          "expression": "!(variables.kind in ['classic'] && ('service.beta.kubernetes.io/aws-load-balancer-access-log-emit-interval' in variables.judged || 'service.beta.kubernetes.io/aws-load-balancer-access-log-enabled' in variables.judged) && (('service.beta.kubernetes.io/aws-load-balancer-access-log-emit-interval' in variables.now && variables.now['service.beta.kubernetes.io/aws-load-balancer-access-log-emit-interval'].matches(r'[^, \\t\\r\\n]')) && !('service.beta.kubernetes.io/aws-load-balancer-access-log-enabled' in variables.now)))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-access-log-emit-interval: it only counts with service.beta.kubernetes.io/aws-load-balancer-access-log-enabled: add that, or remove it"
        },
        {
          "expression": "!(variables.kind in ['classic'] && ('service.beta.kubernetes.io/aws-load-balancer-connection-draining-timeout' in variables.judged || 'service.beta.kubernetes.io/aws-load-balancer-connection-draining-enabled' in variables.judged) && (('service.beta.kubernetes.io/aws-load-balancer-connection-draining-timeout' in variables.now && variables.now['service.beta.kubernetes.io/aws-load-balancer-connection-draining-timeout'].matches(r'[^, \\t\\r\\n]')) && !('service.beta.kubernetes.io/aws-load-balancer-connection-draining-enabled' in variables.now)))",
          "message": "service.beta.kubernetes.io/aws-load-balancer-connection-draining-timeout: it only counts with service.beta.kubernetes.io/aws-load-balancer-connection-draining-enabled: add that, or remove it"
        }
      ]
    }
  },
  {
    "apiVersion": "admissionregistration.k8s.io/v1",
    "kind": "ValidatingAdmissionPolicyBinding",
    "metadata": {
      "name": "aws-service-annotation-remarks"
    },
    "spec": {
      "policyName": "aws-service-annotation-remarks",
      "validationActions": ["Warn"]
    }
  }
]`}}
{{- end -}}
