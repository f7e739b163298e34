"""The health of targets.

On AWS a target of a load balancer is initial until its first health check, then healthy; it is unused while no listener
forwards to its target group, its zone is not enabled, or it does not run; and it drains for the deregistration delay when
it leaves:
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
moto 5.2.1 says healthy of every registered target, and at once unused of one that leaves. Here everybody passes the health
check: nobody listens. It takes two seconds for an interval of 5 to 300; draining takes as long as on AWS.
"""

from datetime import timedelta

from labctl_moto.patch import replace
from moto.core.utils import utcnow
from moto.elbv2.models import ELBv2Backend, FakeHealthStatus, FakeTargetGroup

FIRST_CHECK = timedelta(seconds=2)

UNUSED = {
    "Target.NotRegistered": "Target is not registered to the target group",
    "Target.NotInUse": "Target group is not configured to receive traffic from the load balancer",
    "Target.InvalidState": "Target is in the stopped state",
}
ZONE_NOT_ENABLED = "Target is in an Availability Zone that is not enabled for the load balancer"
INITIAL = "Elb.InitialHealthChecking", "Initial health checks in progress"
DRAINING = "Target.DeregistrationInProgress", "Target deregistration is in progress"


def users(backend, arn: str) -> list:
    """The load balancers that forward to a target group."""
    return [
        balancer
        for balancer in backend.load_balancers.values()
        for listener in balancer.listeners.values()
        if any(arn in forwarded(backend, listener, rule) for rule in listener.rules.values())
    ]


def forwarded(backend, listener, rule) -> list[str]:
    actions = listener.default_actions if rule.is_default else rule.actions
    return [arn for action in actions for arn in backend._get_target_group_arns_from(action_data=action.data)]


def why_unused(backend, target_group, target_id: str) -> tuple[str, str] | None:
    balancers = users(backend, target_group.arn)
    if not balancers:
        return "Target.NotInUse", UNUSED["Target.NotInUse"]
    if not target_id.startswith("i-"):
        return None
    instance = backend.ec2_backend.get_instance_by_id(target_id)
    if not instance or instance.state != "running":
        return "Target.InvalidState", UNUSED["Target.InvalidState"]
    if not any(instance.placement.zone == zone.zone_name for b in balancers for zone in b.availability_zones):
        return "Target.NotInUse", ZONE_NOT_ENABLED
    return None


def state(backend, target_group, target: dict) -> tuple:
    """State, reason and description of a registered target."""
    if unused := why_unused(backend, target_group, target["Id"]):
        target.pop("used_since", None)
        return ("unused", *unused)
    if utcnow() - target.setdefault("used_since", utcnow()) < FIRST_CHECK:
        return ("initial", *INITIAL)
    return ("healthy", None, None)


def draining(target_group) -> dict[str, dict]:
    """The targets that leave, and are not gone yet."""
    now = utcnow()
    return {i: t for i, t in target_group.deregistered_targets.items() if t.get("drained_at", now) > now}


def health(backend, target_group, target: dict) -> FakeHealthStatus:
    registered, leaving = target_group.targets.get(target["Id"]), draining(target_group).get(target["Id"])
    if registered:
        found = state(backend, target_group, registered)
    elif leaving:
        found = ("draining", *DRAINING)
    else:
        found = ("unused", "Target.NotRegistered", UNUSED["Target.NotRegistered"])
    port = (registered or leaving or target).get("Port", target_group.port)
    return FakeHealthStatus(target["Id"], port, target_group.health_check_port, *found)


def look(backend) -> None:
    """Notes since when each target is in use: called whenever that may have changed."""
    for target_group in backend.target_groups.values():
        for target in target_group.targets.values():
            state(backend, target_group, target)


def apply() -> None:
    for name in ("create_listener", "modify_listener", "delete_listener", "create_rule", "set_subnets", "register_targets"):

        @replace(ELBv2Backend, name)
        def then_look(original, self, *args, **kwargs):
            answer = original(self, *args, **kwargs)
            look(self)
            return answer

    @replace(ELBv2Backend, "describe_target_health")
    def describe_target_health(original, self, target_group_arn, targets):
        original(self, target_group_arn, targets)  # refuses what is not there
        target_group = self.target_groups[target_group_arn]
        asked = targets or [*target_group.targets.values(), *draining(target_group).values()]
        return [health(self, target_group, target) for target in asked]

    @replace(FakeTargetGroup, "register")
    def register(original, self, targets):
        since = {i: t["used_since"] for i, t in self.targets.items() if "used_since" in t}
        original(self, targets)
        for target_id, used_since in since.items():
            self.targets[target_id]["used_since"] = used_since

    @replace(FakeTargetGroup, "deregister")
    def deregister(original, self, targets):
        delay = timedelta(seconds=int(self.attributes["deregistration_delay.timeout_seconds"]))
        for target in targets:
            if target["Id"] not in self.targets:
                continue  # AWS answers as if it had been
            was = self.targets[target["Id"]]
            original(self, [target])
            if was.pop("used_since", None):
                was["drained_at"] = utcnow() + delay

    @replace(FakeTargetGroup, "deregister_terminated_instances")
    def deregister_terminated_instances(_original, self, instance_ids):
        self.deregister([{"Id": i} for i in instance_ids])
