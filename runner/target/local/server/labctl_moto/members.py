"""How an Auto Scaling group gets and loses members, cut at the joints.

moto 5.2.1 chooses, launches and terminates in the middle of other things. Here each step is a
function, so that a correction can stand in for one of them alone. What is here chooses as moto
does; how AWS chooses is in the corrections.

A reason says in AWS's words what made the group act, such as "At 2030-01-02T03:04:05Z a user request
update of AutoScalingGroup constraints to ...".
"""

import math

from labctl_moto.patch import replace
from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.models import (
    ASG_NAME_TAG,
    AutoScalingBackend,
    FakeAutoScalingGroup,
    InstanceState,
    TerminateInstanceActivity,
)
from moto.core.exceptions import ServiceException
from moto.core.utils import utcnow
from werkzeug.exceptions import HTTPException

# How moto refuses.
REFUSALS = (ServiceException, HTTPException)


def now() -> str:
    return utcnow().strftime("%Y-%m-%dT%H:%M:%SZ")


def subnets(group) -> list[str]:
    return group.vpc_zone_identifier.split(",") if group.vpc_zone_identifier else []


def zone(member) -> str:
    return member.instance.placement.zone


def weight(group) -> int:
    """What an instance counts: moto takes the first override for all."""
    template = (group.mixed_instances_policy or {}).get("LaunchTemplate", {})
    first = next(iter(template.get("Overrides") or []), {})
    return int(first.get("WeightedCapacity") or 1)


def wanted(group) -> int:
    return math.ceil((group.desired_capacity or 0) / weight(group))


def may(_group, _process: str) -> bool:
    """Whether a process of the group runs."""
    return True


def request(group) -> dict:
    """What RunInstances is asked for."""
    template = group.ec2_launch_template
    config = group.launch_config
    return {
        "image_id": group.image_id,
        "count": 1,
        "user_data": group.user_data,
        "security_group_names": group.security_groups,
        "instance_type": group.instance_type,
        "tags": {"instance": {**group.get_propagated_tags(), ASG_NAME_TAG: group.name, **group.instance_tags}},
        "placement": group.availability_zones[0],
        "launch_config": config,
        "launch_template": {"LaunchTemplateId": template.id} if template else None,
        "is_instance_type_default": False,
        "associate_public_ip": config.associate_public_ip_address if config else None,
        "subnet_id": next(iter(subnets(group)), None),
    }


def launch(group, _reason: str) -> InstanceState | None:
    """One more member, or None where none could be launched."""
    instance = group.ec2_backend.run_instances(**request(group)).instances[0]
    instance.autoscaling_group = group
    member = InstanceState(instance, protected_from_scale_in=group.new_instances_protected_from_scale_in)
    group.instance_states.append(member)
    return member


def leave(group, members: list[InstanceState], _reason: str) -> None:
    """They are members no more, and end if they have not yet."""
    group.instance_states = [m for m in group.instance_states if m not in members]
    alive = [m.instance_id for m in members if m.instance.state != "terminated"]
    if alive:
        group.ec2_backend.terminate_instances(alive)


def surplus(group, count: int) -> list[InstanceState]:
    """Who leaves when the group shrinks."""
    return [m for m in group.active_instances() if not m.protected_from_scale_in][:count]


def settle(group, reason: str, launching: str | None = None) -> None:
    """Launches who is missing, and lets go who is too many. Launching is the whole reason of launches, where it is another."""
    gap = f"At {now()} an instance was %s in response to a difference between desired and actual capacity, %s the capacity from %d to %d."
    while (size := len(group.active_instances())) < wanted(group) and may(group, "Launch"):
        difference = gap % ("started", "increasing", size, size + 1)
        if not launch(group, launching or f"{reason} {difference}".strip()):
            break
    if size > wanted(group) and may(group, "Terminate"):
        for member in surplus(group, size - wanted(group)):
            difference = gap % ("taken out of service", "shrinking", size, size - 1)
            leave(group, [member], f"{reason} {difference} At {now()} instance {member.instance_id} was selected for termination.".strip())
            size -= 1
    backend = group.autoscaling_backend
    if group.name in backend.autoscaling_groups:
        backend.update_attached_elbs(group.name)
        backend.update_attached_target_groups(group.name)


def check(group) -> None:
    """Replaces who has been terminated."""
    gone = [m for m in group.instance_states if m.instance.state == "terminated"]
    if gone:
        reason = f"At {now()} an instance was taken out of service in response to an EC2 health check indicating it has been terminated or stopped."
        leave(group, gone, reason)
        settle(group, reason)


def resize(group, capacity: int | None) -> None:
    before, group.desired_capacity = getattr(group, "desired_capacity", 0), group.min_size if capacity is None else capacity
    settle(
        group,
        f"At {now()} a user request update of AutoScalingGroup constraints to min: {group.min_size}, max: {group.max_size}, "
        f"desired: {group.desired_capacity} changing the desired capacity from {before} to {group.desired_capacity}.",
    )


def apply() -> None:
    FakeAutoScalingGroup.set_desired_capacity = resize

    @replace(AutoScalingBackend, "notify_terminate_instances")
    def notify_terminate_instances(_original, self, _instance_ids):
        for group in list(self.autoscaling_groups.values()):
            check(group)

    @replace(AutoScalingBackend, "delete_auto_scaling_group")
    def delete_auto_scaling_group(original, self, group_name):
        if group := self.autoscaling_groups.get(group_name):
            group.min_size = group.desired_capacity = 0
            leave(group, list(group.instance_states), f"At {now()} a user request deleted the AutoScalingGroup.")
        original(self, group_name)

    @replace(AutoScalingBackend, "terminate_instance")
    def terminate_instance(_original, self, instance_id, should_decrement):
        members = (m for group in self.autoscaling_groups.values() for m in group.instance_states)
        member = next((m for m in members if m.instance_id == instance_id), None)
        if not member:
            raise ValidationError(f"Instance Id not found - No managed instance found for instance ID {instance_id}")
        group, before = member.auto_scaling_group, member.auto_scaling_group.desired_capacity
        reason = f"At {now()} instance {instance_id} was taken out of service in response to a user request"
        if should_decrement:
            group.desired_capacity -= 1
            reason += f", shrinking the capacity from {before} to {group.desired_capacity}"
        reason += "."
        leave(group, [member], reason)
        settle(group, reason)
        return TerminateInstanceActivity(member.instance, before)
