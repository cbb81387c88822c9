"""moto with what AWS does beyond it, as far as load balancers, security groups and routes need that.

    python repaired_moto.py -H 127.0.0.1 -p PORT

Takes the flags of moto's own server. Python because moto is: each repair replaces a method of one of moto's models.
"""

import functools
import hashlib
import re
import sys

import moto.ec2.responses.instances as instance_responses
from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import ec2_backends
from moto.ec2.models.route_tables import Route
from moto.ec2.models.security_groups import SecurityGroupBackend
from moto.elb import models as classic
from moto.elb.models import elb_backends
from moto.elbv2 import models as network
from moto.elbv2.models import elbv2_backends
from moto.server import main

NETWORK_PROTOCOLS = ("TCP", "UDP", "TCP_UDP", "TLS")


def replaces(owner, name=None):
    """The decorated function gets what it replaces as its first argument."""

    def install(function):
        attribute = name or function.__name__
        original = getattr(owner, attribute)

        @functools.wraps(original)
        def replacement(*args, **kwargs):
            return function(original, *args, **kwargs)

        setattr(owner, attribute, replacement)
        return function

    return install


class DependencyViolation(EC2ClientError):
    def __init__(self, group_id):
        super().__init__("DependencyViolation", f"resource {group_id} has a dependent object")


class UnknownProtocol(EC2ClientError):
    def __init__(self, protocol):
        super().__init__("InvalidParameterValue", f"Invalid value '{protocol}' for IP protocol. Unknown protocol.")


# --- EC2 ---------------------------------------------------------------------------------------------------------------


@replaces(SecurityGroupBackend)
def delete_security_group(original, self, name=None, group_id=None):
    """A group that a rule or a load balancer refers to stays."""
    if group_id is not None:
        for groups in self.groups.values():
            for group in groups.values():
                rules = [*group.ingress_rules, *group.egress_rules]
                refers = any((rule.source_group or {}).get("GroupId") == group_id for rule in rules)
                if refers and group.id != group_id:
                    raise DependencyViolation(group_id)
        for backends in (elb_backends, elbv2_backends):
            for load_balancer in backends[self.account_id][self.region_name].load_balancers.values():
                if group_id in (load_balancer.security_groups or []):
                    raise DependencyViolation(group_id)
    return original(self, name=name, group_id=group_id)


@replaces(SecurityGroupBackend)
def authorize_security_group_ingress(original, self, *args, **kwargs):
    protocol = str(kwargs["ip_protocol"] if "ip_protocol" in kwargs else args[1])
    if re.fullmatch(r"tcp|udp|icmp|icmpv6|-1|\d+", protocol) is None:
        raise UnknownProtocol(protocol)
    return original(self, *args, **kwargs)


def route_state(route):
    """A route to a machine that is gone leads nowhere."""
    machine = route.instance
    return "blackhole" if machine is not None and machine.state == "terminated" else "active"


Route.state = property(route_state)


def describe_instance_topology(self):
    """Three layers for the types that have a place in the network, which moto does not know of."""
    placed = []
    for instance_id in self._get_param("InstanceIds", []):
        instance = ec2_backends[self.current_account][self.region].get_instance(instance_id)
        if re.match(r"(hpc|trn|p)\d", instance.instance_type) is None:
            continue
        zone = instance.placement.zone if hasattr(instance.placement, "zone") else str(instance.placement)
        layers = [hashlib.md5(f"{zone}{layer}".encode()).hexdigest()[:17] for layer in range(3)]
        placed.append(
            {
                "InstanceId": instance_id,
                "InstanceType": instance.instance_type,
                "AvailabilityZone": zone,
                "NetworkNodes": [f"nn-{layer}" for layer in layers],
            }
        )
    return ActionResult({"Instances": placed})


instance_responses.InstanceResponse.describe_instance_topology = describe_instance_topology

# --- Classic load balancers ----------------------------------------------------------------------------------------------

classic.FakeListener.instance_protocol = property(lambda self: self.backend_protocol)


@replaces(classic.FakeListener, "__init__")
def make_classic_listener(original, self, *args, **kwargs):
    original(self, *args, **kwargs)
    self.backend_protocol = {"HTTPS": "HTTP", "SSL": "TCP"}.get(self.protocol, self.protocol)


def complete_ports(load_balancer, ports):
    """The protocol behind each listener, and what is known about each port of the instances."""
    for port in ports:
        if port.get("InstanceProtocol"):
            for listener in load_balancer.listeners:
                if int(listener.load_balancer_port) == int(port["LoadBalancerPort"]):
                    listener.backend_protocol = port["InstanceProtocol"].upper()
        if int(port["InstancePort"]) not in [int(backend.instance_port) for backend in load_balancer.backends]:
            load_balancer.backends.append(classic.FakeBackend(instance_port=port["InstancePort"]))


@replaces(classic.ELBBackend)
def create_load_balancer(original, self, name, zones, ports, *args, **kwargs):
    if name in self.load_balancers:
        raise classic.DuplicateLoadBalancerName(name)
    for subnet_id in kwargs.get("subnets") or []:
        ec2_backends[self.account_id][self.region_name].get_subnet(subnet_id)
    load_balancer = original(self, name, zones, ports, *args, **kwargs)
    complete_ports(load_balancer, ports)
    load_balancer.attributes["connection_draining"]["timeout"] = 300
    load_balancer.attributes["additional_attributes"] = [("elb.http.desyncmitigationmode", "defensive")]
    target = f"TCP:{ports[0]['InstancePort']}"
    load_balancer.health_check = classic.FakeHealthCheck("5", "10", "2", "30", target)
    return load_balancer


@replaces(classic.ELBBackend)
def create_load_balancer_listeners(original, self, name, ports):
    load_balancer = original(self, name, ports)
    if load_balancer is not None:
        complete_ports(load_balancer, ports)
    return load_balancer


@replaces(classic.ELBBackend)
def delete_load_balancer_listeners(_, self, name, ports):
    load_balancer = self.get_load_balancer(name)
    gone = {int(port) for port in ports}
    load_balancer.listeners = [each for each in load_balancer.listeners if int(each.load_balancer_port) not in gone]
    return load_balancer


@replaces(classic.ELBBackend)
def modify_load_balancer_attributes(original, self, load_balancer_name, **changes):
    """What is not asked for stays, within a block too."""
    attributes = self.get_load_balancer(load_balancer_name).attributes
    before = {"draining": dict(attributes["connection_draining"]), "more": list(attributes["additional_attributes"])}
    result = original(self, load_balancer_name, **changes)
    attributes["additional_attributes"] = changes.get("additional_attributes") or before["more"]
    attributes["connection_draining"].setdefault("timeout", before["draining"].get("timeout", 300))
    return result


@replaces(classic.ELBBackend)
def attach_load_balancer_to_subnets(_, self, load_balancer_name, subnets):
    load_balancer = self.get_load_balancer(load_balancer_name)
    load_balancer.subnets = [*load_balancer.subnets, *(each for each in subnets if each not in load_balancer.subnets)]
    return load_balancer.subnets


@replaces(classic.ELBBackend)
def register_instances(_, self, load_balancer_name, instance_ids, from_autoscaling=False):
    load_balancer = self.get_load_balancer(load_balancer_name)
    for instance_id in instance_ids:
        ec2_backends[self.account_id][self.region_name].get_instance(instance_id)
        if instance_id not in load_balancer.instance_sparse_ids:
            load_balancer.instance_sparse_ids.append(instance_id)
    return load_balancer


# --- Network load balancers ----------------------------------------------------------------------------------------------


@replaces(network, "make_arn_for_load_balancer")
def network_arn(_, account_id, region_name, name, lb_id):
    return f"arn:aws:elasticloadbalancing:{region_name}:{account_id}:loadbalancer/net/{name}/{lb_id}"


@replaces(network.ELBv2Backend, "create_load_balancer")
def create_network_load_balancer(original, self, name, security_groups, subnet_ids, *args, **kwargs):
    kwargs["scheme"] = kwargs.get("scheme") or "internet-facing"
    for known in self.load_balancers.values():
        if known.name != name:
            continue
        is_same = set(known.security_groups or []) == set(security_groups or []) and known.scheme == kwargs["scheme"]
        if is_same:
            return known
        raise network.DuplicateLoadBalancerName()
    load_balancer = original(self, name, security_groups, subnet_ids, *args, **kwargs)
    load_balancer.addresses = {each["SubnetId"]: each for each in kwargs.get("subnet_mappings") or []}
    load_balancer.dns_name = f"{name}-{load_balancer.arn.rsplit('/', 1)[1]}.elb.{self.region_name}.amazonaws.com"
    load_balancer.attrs = {
        "access_logs.s3.enabled": "false",
        "access_logs.s3.bucket": "",
        "access_logs.s3.prefix": "",
        "deletion_protection.enabled": "false",
        "dns_record.client_routing_policy": "any_availability_zone",
        "ipv6.deny_all_igw_traffic": "false",
        "load_balancing.cross_zone.enabled": "false",
    }
    return load_balancer


class Zone:
    """One subnet of a network load balancer, with the addresses that were chosen for it."""

    def __init__(self, subnet, mapping):
        self.subnet_id = subnet.id
        self.zone_name = subnet.availability_zone
        chosen = {key: mapping[key] for key in ("AllocationId", "PrivateIPv4Address") if mapping.get(key)}
        self.load_balancer_addresses = [chosen] if chosen else []


def zones_of(load_balancer):
    addresses = getattr(load_balancer, "addresses", {})
    return [Zone(subnet, addresses.get(subnet.id, {})) for subnet in load_balancer.subnets]


network.FakeLoadBalancer.availability_zones = property(zones_of)


@replaces(network.FakeListener, "__init__")
def make_network_listener(original, self, load_balancer_arn, arn, protocol, port, ssl_policy, *args, **kwargs):
    policy = ssl_policy if str(protocol).upper() in ("TLS", "HTTPS") else None
    original(self, load_balancer_arn, arn, protocol, port, policy, *args, **kwargs)


@replaces(network.ELBv2Backend)
def create_listener(original, self, load_balancer_arn, protocol, port, *args, **kwargs):
    load_balancer = self.load_balancers.get(load_balancer_arn)
    if load_balancer is not None and str(port) in [str(each.port) for each in load_balancer.listeners.values()]:
        raise network.DuplicateListenerError()
    return original(self, load_balancer_arn, protocol, port, *args, **kwargs)


@replaces(network.ELBv2Backend)
def modify_listener(_, self, arn, port=None, protocol=None, ssl_policy=None, certificates=None, actions=None):
    """moto's own knows no TLS."""
    [listener] = self.describe_listeners(load_balancer_arn=None, listener_arns=[arn])
    listener.port = port if port is not None else listener.port
    listener.protocol = protocol if protocol is not None else listener.protocol
    if listener.protocol in ("TLS", "HTTPS"):
        if certificates:
            certificate = certificates[0]["CertificateArn"]
            if not self._certificate_exists(certificate_arn=certificate):
                raise network.RESTError("CertificateNotFound", f"Certificate {certificate} not found")
            listener.certificate, listener.certificates = certificate, [certificate]
        listener.ssl_policy = ssl_policy or listener.ssl_policy or "ELBSecurityPolicy-2016-08"
    else:
        listener.certificate, listener.certificates, listener.ssl_policy = None, [], None
    if actions:
        listener.default_actions = [network.FakeAction(each) for each in actions]
        listener._default_rule[0].actions = listener.default_actions
        for action in listener.default_actions:
            for target_group in self._get_target_group_arns_from(action_data=action.data):
                served = self.target_groups[target_group].load_balancer_arns
                if listener.load_balancer_arn not in served:
                    served.append(listener.load_balancer_arn)
    return listener


def same_settings(group, wanted):
    """Whether CreateTargetGroup asks for the group that is there."""
    fields = [
        (group.protocol, wanted.get("protocol")),
        (group.port, wanted.get("port")),
        (group.vpc_id, wanted.get("vpc_id")),
        (group.health_check_protocol, wanted.get("healthcheck_protocol") or wanted.get("protocol")),
        (group.health_check_port, wanted.get("healthcheck_port") or "traffic-port"),
        (group.health_check_path, wanted.get("healthcheck_path")),
        (group.health_check_interval_seconds, wanted.get("healthcheck_interval_seconds") or 30),
        (group.healthy_threshold_count, wanted.get("healthy_threshold_count") or group.healthy_threshold_count),
        (group.unhealthy_threshold_count, wanted.get("unhealthy_threshold_count") or group.unhealthy_threshold_count),
    ]
    return all(str(one) == str(other) for one, other in fields)


@replaces(network.ELBv2Backend)
def create_target_group(original, self, name, **wanted):
    for known in self.target_groups.values():
        if known.name == name:
            if same_settings(known, wanted):
                return known
            raise network.DuplicateTargetGroupName()
    protocol = wanted.get("protocol")
    if protocol in NETWORK_PROTOCOLS and (wanted.get("healthcheck_protocol") or "TCP") == "TCP":
        wanted["healthcheck_timeout_seconds"] = wanted.get("healthcheck_timeout_seconds") or 10
    group = original(self, name, **wanted)
    if protocol in NETWORK_PROTOCOLS:
        ends_connections = "true" if protocol in ("UDP", "TCP_UDP") else "false"
        group.attributes = {
            "deregistration_delay.connection_termination.enabled": ends_connections,
            "deregistration_delay.timeout_seconds": "300",
            "load_balancing.cross_zone.enabled": "use_load_balancer_configuration",
            "preserve_client_ip.enabled": "true",
            "proxy_protocol_v2.enabled": "false",
            "stickiness.enabled": "false",
            "stickiness.type": "source_ip",
        }
    return group


@replaces(network.ELBv2Backend)
def describe_target_groups(original, self, load_balancer_arn, target_group_arns, names):
    """None is no error for a load balancer that is there."""
    if load_balancer_arn in self.load_balancers and not target_group_arns and not names:
        served = [group for group in self.target_groups.values() if load_balancer_arn in group.load_balancer_arns]
        return sorted(served, key=lambda group: group.name)
    return original(self, load_balancer_arn, target_group_arns, names)


@replaces(network.ELBv2Backend)
def register_targets(original, self, target_group_arn, instances):
    for target in instances:
        if target["Id"].startswith("i-"):
            self.ec2_backend.get_instance(target["Id"])
    return original(self, target_group_arn, instances)


if __name__ == "__main__":
    main(sys.argv[1:])
