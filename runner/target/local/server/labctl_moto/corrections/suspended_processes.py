"""Suspended processes of an Auto Scaling group.

On AWS a suspended process does not run: without Launch nobody is launched, without Terminate nobody is let go, without
ReplaceUnhealthy who is unhealthy stays, without AddToLoadBalancer new members are not registered. A resumed process
catches up:
https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html
moto 5.2.1 notes the names, with an empty reason, and does all the same.
"""

from labctl_moto import members
from labctl_moto.corrections import group_zones
from labctl_moto.patch import replace
from moto.autoscaling.models import AutoScalingBackend, FakeAutoScalingGroup


def suspended(group) -> dict[str, str]:
    """Since when, by process."""
    return group.__dict__.setdefault("suspended_since", {})


def reasons(group) -> list[dict[str, str]]:
    return [{"ProcessName": p, "SuspensionReason": f"User suspended at {since}"} for p, since in suspended(group).items()]


def note(group, processes: list[str]) -> None:
    since = suspended(group)
    group.suspended_since = {p: since.get(p, members.now()) for p in sorted(processes)}


def apply() -> None:
    FakeAutoScalingGroup.suspended_processes = property(reasons, note)

    @replace(members, "may")
    def may(_original, group, process):
        return process not in suspended(group)

    @replace(AutoScalingBackend, "resume_processes")
    def resume_processes(original, self, group_name, scaling_processes):
        original(self, group_name, scaling_processes)
        group = self.autoscaling_groups[group_name]
        members.check(group)
        group_zones.balance(group)
