"""The targets of an Auto Scaling group.

AWS registers a new member with the group's target groups and deregisters one that leaves, however it leaves:
https://docs.aws.amazon.com/autoscaling/ec2/userguide/attach-load-balancer-asg.html
https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-detach-attach-instances.html
moto 5.2.1 keeps members that were scaled in or detached as targets, and does not register replacements.
"""

from labctl_moto import members
from labctl_moto.patch import replace
from moto.autoscaling.models import AutoScalingBackend


def target_groups(group, arns: list[str] | None = None) -> list:
    known = group.autoscaling_backend.elbv2_backend.target_groups
    return [known[arn] for arn in arns or group.target_group_arns if arn in known]


def register(group, member) -> None:
    """Registers a member where it has not been yet. Who was launched while that was suspended stays out."""
    offered = member.__dict__.setdefault("offered_to", set())
    if members.may(group, "AddToLoadBalancer"):
        for target_group in target_groups(group):
            if target_group.arn not in offered and member.instance.state == "running":
                target_group.register([{"Id": member.instance_id}])
    offered.update(group.target_group_arns)


def deregister(group, leaving: list, arns: list[str] | None = None) -> None:
    for target_group in target_groups(group, arns):
        for m in leaving:
            m.__dict__.get("offered_to", set()).discard(target_group.arn)
            if m.instance_id in target_group.targets:
                target_group.deregister([{"Id": m.instance_id}])


def apply() -> None:
    @replace(members, "launch")
    def launch(original, group, reason):
        if member := original(group, reason):
            register(group, member)
        return member

    @replace(members, "leave")
    def leave(original, group, leaving, reason):
        deregister(group, leaving)
        original(group, leaving, reason)

    @replace(AutoScalingBackend, "update_attached_target_groups")
    def update_attached_target_groups(_original, self, group_name):
        group = self.autoscaling_groups[group_name]
        for member in group.active_instances():
            register(group, member)

    @replace(AutoScalingBackend, "detach_instances")
    def detach_instances(original, self, group_name, instance_ids, should_decrement):
        group = self.autoscaling_groups[group_name]
        deregister(group, [m for m in group.instance_states if m.instance_id in instance_ids])
        return original(self, group_name, instance_ids, should_decrement)

    @replace(AutoScalingBackend, "detach_load_balancer_target_groups")
    def detach_load_balancer_target_groups(_original, self, group_name, target_group_arns):
        group = self.autoscaling_groups[group_name]
        deregister(group, group.instance_states, target_group_arns)
        group.target_group_arns = [arn for arn in group.target_group_arns if arn not in target_group_arns]
