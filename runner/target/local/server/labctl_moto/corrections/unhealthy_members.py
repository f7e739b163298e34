"""Unhealthy members of an Auto Scaling group.

AWS replaces a member that is set unhealthy once its grace period is over, or at once if the call says so, and one
that has been stopped or terminated whatever its age:
https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_SetInstanceHealth.html
https://docs.aws.amazon.com/autoscaling/ec2/userguide/health-check-grace-period.html
https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-health-checks.html
moto 5.2.1 only notes the health that it is told, and keeps stopped members. Here the members are looked at
before each call to Auto Scaling. Nothing is there to answer a load balancer's health check, so that no
member becomes unhealthy by one.
"""

from datetime import timedelta

from labctl_moto import members
from labctl_moto.patch import replace
from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import EmptyResult
from moto.core.utils import utcnow


def member_of(backend, instance_id: str):
    for group in backend.autoscaling_groups.values():
        for member in group.instance_states:
            if member.instance_id == instance_id:
                return member
    raise ValidationError(f"Instance Id not found - No managed instance found for instance ID {instance_id}")


def set_instance_health(self):
    health = self._get_param("HealthStatus")
    if health not in ("Healthy", "Unhealthy"):
        raise ValidationError("Valid instance health states are: [Healthy, Unhealthy].")
    member = member_of(self.autoscaling_backend, self._get_param("InstanceId"))
    member.health_status, member.replace_at = health, utcnow()
    if self._get_bool_param("ShouldRespectGracePeriod", True):
        grace = timedelta(seconds=member.auto_scaling_group.health_check_grace_period or 0)
        member.replace_at = max(utcnow(), member.instance.launch_time + grace)
    members.check(member.auto_scaling_group)
    return EmptyResult()


def failed(group) -> list:
    """Who is to be replaced now. Who stands by is not looked at."""
    due = []
    for m in group.active_instances():
        if m.instance.state != "running" and m.health_status == "Healthy" and members.may(group, "HealthCheck"):
            m.health_status, m.replace_at = "Unhealthy", utcnow()
        if m.health_status == "Unhealthy" and m.replace_at <= utcnow():
            due.append(m)
    return due


def apply() -> None:
    AutoScalingResponse.set_instance_health = set_instance_health

    @replace(members, "check")
    def check(_original, group):
        due = failed(group)
        if not (members.may(group, "ReplaceUnhealthy") and members.may(group, "Terminate")):
            due = []
        for m in due:
            why = "a user health-check"
            if m.instance.state != "running":
                why = "an EC2 health check indicating it has been terminated or stopped"
            members.leave(group, [m], f"At {members.now()} an instance was taken out of service in response to {why}.")
        replacing = f"At {members.now()} an instance was launched in response to an unhealthy instance needing to be replaced."
        members.settle(group, "", replacing if due else None)

    @replace(AutoScalingResponse, "call_action")
    def call_action(original, self):
        for group in list(self.autoscaling_backend.autoscaling_groups.values()):
            members.check(group)
        return original(self)
