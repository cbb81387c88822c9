"""The repaired moto, with policies judged as AWS judges them.

    python enforcing_moto.py -H 127.0.0.1 -p PORT

moto itself asks for an action on the resource `*` and passes over conditions, so that it knows neither ARNs nor tags. Here
each request is judged for every resource that it names, with the tags that this has and those that the request gives it, and
for the tagging that AWS does with a creation. Enforcement begins as in moto, with a POST to /moto-api/reset-auth.
"""

import fnmatch
import json
import os
import sys
from urllib.parse import parse_qs

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "goldens"))

import repaired_moto  # noqa: E402
from moto.ec2.models import ec2_backends  # noqa: E402
from moto.elb.models import elb_backends  # noqa: E402
from moto.elbv2.models import elbv2_backends  # noqa: E402
from moto.iam.access_control import IAMRequest  # noqa: E402
from moto.server import main  # noqa: E402

TAGGED_WITH_CREATION = {
    "CreateSecurityGroup": "ec2:CreateTags",
    "CreateLoadBalancer": "elasticloadbalancing:AddTags",
    "CreateTargetGroup": "elasticloadbalancing:AddTags",
    "CreateListener": "elasticloadbalancing:AddTags",
}
EC2_KINDS = {"i": "instance", "sg": "security-group", "rtb": "route-table", "vpc": "vpc"}


class Form:
    def __init__(self, body, data):
        text = body.decode() if isinstance(body, bytes) else str(body or "")
        parsed = parse_qs(text, keep_blank_values=True) or dict(data or {})
        self.values = {key: each[0] if isinstance(each, list) else each for key, each in parsed.items()}

    def get(self, key):
        return self.values.get(key)

    def members(self, prefix):
        return [value for key, value in self.values.items() if key.startswith(prefix)]

    def tags(self):
        return {
            value: self.values.get(key[: -len("Key")] + "Value", "")
            for key, value in self.values.items()
            if key.endswith(".Key") and "Tag" in key
        }


def wildcard(patterns, value):
    patterns = [patterns] if isinstance(patterns, str) else patterns
    return any(fnmatch.fnmatchcase(value, pattern.replace("[", "[[]")) for pattern in patterns)


def holds(condition, context):
    for operator, wanted in condition.items():
        for key, value in wanted.items():
            values = [value] if isinstance(value, str) else value
            actual = context.get(key)
            if operator == "StringEquals":
                met = actual in values
            elif operator == "Null":
                met = (actual is None) == (values[0] == "true")
            else:
                raise ValueError(f"no policy of the suite has {operator}")
            if not met:
                return False
    return True


def decide(statements, action, arn, context):
    verdict = False
    for statement in statements:
        if not wildcard(statement["Action"], action):
            continue
        # What names no resource is asked about all.
        if arn != "*" and not wildcard(statement["Resource"], arn):
            continue
        if arn == "*" and "*" not in statement["Resource"]:
            continue
        if not holds(statement.get("Condition", {}), context):
            continue
        if statement["Effect"] == "Deny":
            return False
        verdict = True
    return verdict


def resource_tags(tags):
    return {f"aws:ResourceTag/{key}": value for key, value in tags.items()}


def request_tags(tags):
    return {f"aws:RequestTag/{key}": value for key, value in tags.items()}


def ec2_questions(action, form, account, region):
    backend = ec2_backends[account][region]

    def arn(name):
        return f"arn:aws:ec2:{region}:{account}:{EC2_KINDS.get(name.split('-')[0], 'other')}/{name}"

    if action == "CreateSecurityGroup":
        made = f"arn:aws:ec2:{region}:{account}:security-group/*"
        yield made, request_tags(form.tags())
        yield arn(form.get("VpcId")), {}
        return
    # A route is a matter of its table alone, whatever it leads to.
    keys = ("RouteTableId",) if action.endswith("Route") else ("GroupId", "InstanceId")
    named = [form.get(key) for key in keys if form.get(key)]
    named += form.members("ResourceId.")
    if action.startswith("Describe") or not named:
        yield "*", {}
        return
    for name in named:
        yield arn(name), resource_tags(backend.tags.get(name, {}))


def classic_questions(action, form, account, region):
    backend = elb_backends[account][region]
    named = [form.get("LoadBalancerName")] if form.get("LoadBalancerName") else []
    named += form.members("LoadBalancerNames.")
    if action.startswith("Describe") or not named:
        yield "*", {}
        return
    for name in named:
        found = backend.load_balancers.get(name)
        context = resource_tags(found.tags if found else {})
        if action == "CreateLoadBalancer":
            context = request_tags(form.tags())
        yield f"arn:aws:elasticloadbalancing:{region}:{account}:loadbalancer/{name}", context


def network_questions(action, form, account, region):
    backend = elbv2_backends[account][region]
    head = f"arn:aws:elasticloadbalancing:{region}:{account}:"
    if action == "CreateLoadBalancer":
        yield f"{head}loadbalancer/net/{form.get('Name')}/*", request_tags(form.tags())
        return
    if action == "CreateTargetGroup":
        yield f"{head}targetgroup/{form.get('Name')}/*", request_tags(form.tags())
        return
    named = [form.get(key) for key in ("LoadBalancerArn", "TargetGroupArn", "ListenerArn") if form.get(key)]
    named += form.members("ResourceArns.")
    if action.startswith("Describe") or not named:
        yield "*", {}
        return
    # A listener is made of the load balancer; the group that it leads to is not asked for.
    for arn in named:
        yield arn, resource_tags(backend.tagging_service.get_tag_dict_for_resource(arn))


def questions(service, action, form, account, region):
    if service == "ec2":
        return ec2_questions(action, form, account, region)
    if service == "elasticloadbalancing":
        is_network = form.get("Version") == "2015-12-01"
        return (network_questions if is_network else classic_questions)(action, form, account, region)
    return iter([("*", {})])


def check_action_permitted(self, resource):
    statements = []
    for policy in self._access_key.collect_policies():
        if not isinstance(policy, dict):
            document = next(each for each in policy.versions if each.is_default).document
        else:
            document = policy["policy_document"]
        listed = json.loads(document)["Statement"]
        statements += listed if isinstance(listed, list) else [listed]
    service, action = self._action.split(":")
    form = Form(self._body, self._data)
    asked = [(self._action, arn, context) for arn, context in questions(service, action, form, self.account_id, self._region)]
    if action in TAGGED_WITH_CREATION and form.tags():
        made = {**request_tags(form.tags()), f"{service}:CreateAction": action}
        kind = {"CreateSecurityGroup": "security-group/*", "CreateTargetGroup": "targetgroup/*/*"}.get(action)
        kind = kind or ("listener/net/*/*/*" if action == "CreateListener" else "loadbalancer/*")
        asked.append((TAGGED_WITH_CREATION[action], f"arn:aws:{service}:{self._region}:{self.account_id}:{kind}", made))
    for each, arn, context in asked:
        if not decide(statements, each, arn, context):
            self._raise_access_denied()


def check_signature(original):
    def check(self):
        # Users are looked after by the suite, which does not sign.
        if self._service != "iam":
            original(self)

    return check


IAMRequest.check_action_permitted = check_action_permitted
IAMRequest.check_signature = check_signature(IAMRequest.check_signature)

if __name__ == "__main__":
    main(sys.argv[1:])
