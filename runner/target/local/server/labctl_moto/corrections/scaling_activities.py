"""The scaling activities of Auto Scaling groups.

AWS records each launch and each termination with its cause, newest first, and a launch that failed
with the reason. It goes on trying:
https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-verify-scaling-activity.html
https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeScalingActivities.html
moto 5.2.1 always answers that there are none, and fails the call that led to a launch that fails.
"""

import json
from datetime import timedelta

from labctl_moto import members
from labctl_moto.patch import replace
from moto.autoscaling.models import Activity, AutoScalingBackend
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult
from moto.core.utils import utcnow

# AWS tries again after a while, longer each time. Here it is always the same while.
RETRY_AFTER = timedelta(seconds=10)


def recorded(backend) -> list[Activity]:
    return backend.__dict__.setdefault("scaling_activities", [])


def record(group, event: str, description: str, cause: str, details: dict, failure: str | None = None) -> Activity:
    """Event is that of notifications, such as EC2_INSTANCE_LAUNCH."""
    activity = Activity(description, cause, group, status_code="Failed" if failure else "Successful")
    activity.status_message, activity.progress = failure, 100
    activity.details = json.dumps(details)
    activity.auto_scaling_group_arn = group.arn
    recorded(group.autoscaling_backend).append(activity)
    return activity


def place(member) -> dict:
    return {"Subnet ID": member.instance.subnet_id, "Availability Zone": members.zone(member)}


def describe_scaling_activities(self):
    name, ids = self._get_param("AutoScalingGroupName"), self._get_param("ActivityIds", [])
    groups = self.autoscaling_backend.autoscaling_groups.values()
    deleted_too = self._get_bool_param("IncludeDeletedGroups", False)
    asked = [
        a
        for a in reversed(recorded(self.autoscaling_backend))
        if (not name or a.auto_scaling_group_name == name)
        and (not ids or a.activity_id in ids)
        and (deleted_too or a.auto_scaling_group in groups)
    ]
    start, most = int(self._get_param("NextToken", "0")), self._get_int_param("MaxRecords", 100)
    more = str(start + most) if len(asked) > start + most else None
    return ActionResult({"Activities": asked[start : start + most], "NextToken": more})


def apply() -> None:
    AutoScalingResponse.describe_scaling_activities = describe_scaling_activities

    @replace(members, "launch")
    def launch(original, group, reason):
        if group.__dict__.get("retry_at", utcnow()) > utcnow():
            return None
        try:
            member = original(group, reason)
        except members.REFUSALS as refused:
            group.retry_at = utcnow() + RETRY_AFTER
            why = f"{getattr(refused, 'message', refused)} Launching EC2 instance failed."
            record(group, "EC2_INSTANCE_LAUNCH_ERROR", "Launching a new EC2 instance.  Status Reason: " + why, reason, {}, why)
            return None
        description = f"Launching a new EC2 instance: {member.instance_id}"
        record(group, "EC2_INSTANCE_LAUNCH", description, reason, place(member))
        return member

    @replace(members, "leave")
    def leave(original, group, leaving, reason):
        original(group, leaving, reason)
        for m in leaving:
            description = f"Terminating EC2 instance: {m.instance_id}"
            record(group, "EC2_INSTANCE_TERMINATE", description, reason, place(m))

    @replace(AutoScalingBackend, "terminate_instance")
    def terminate_instance(original, self, instance_id, should_decrement):
        original(self, instance_id, should_decrement)
        return next(a for a in reversed(recorded(self)) if a.description.endswith(instance_id))
