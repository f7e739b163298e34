"""Notifications of Auto Scaling groups.

On AWS a group tells topics what it has done and could not do. Each topic hears of the types that it
was configured for, and of the configuration itself with a test notification:
https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutNotificationConfiguration.html
https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-sns-notifications.html
moto 5.2.1 answers 500 to the calls and tells nobody.
"""

import json

from labctl_moto import members
from labctl_moto.corrections import scaling_activities
from labctl_moto.patch import replace
from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.models import AutoScalingBackend
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult, EmptyResult
from moto.moto_api._internal import mock_random
from moto.sns.models import sns_backends

TYPES = [
    f"autoscaling:{event}"
    for event in (
        *("EC2_INSTANCE_LAUNCH", "EC2_INSTANCE_LAUNCH_ERROR"),
        *("EC2_INSTANCE_TERMINATE", "EC2_INSTANCE_TERMINATE_ERROR", "TEST_NOTIFICATION"),
    )
]
ABOUT = {
    "EC2_INSTANCE_LAUNCH": "launch",
    "EC2_INSTANCE_LAUNCH_ERROR": "failed launch",
    "EC2_INSTANCE_TERMINATE": "termination",
    "TEST_NOTIFICATION": "test notification",
}


def configured(backend) -> dict[tuple[str, str], list[str]]:
    """The types by group and topic."""
    return backend.__dict__.setdefault("notification_configurations", {})


def publish(group, topic: str, event: str, about: dict) -> None:
    backend = group.autoscaling_backend
    message = {
        "AccountId": backend.account_id,
        "RequestId": str(mock_random.uuid4()),
        "AutoScalingGroupARN": group.arn,
        "AutoScalingGroupName": group.name,
        "Service": "AWS Auto Scaling",
        "Event": f"autoscaling:{event}",
        "Time": members.now(),
        **about,
    }
    subject = f'Auto Scaling: {ABOUT[event]} for group "{group.name}"'[:100]
    try:
        sns_backends[backend.account_id][backend.region_name].publish(json.dumps(message), arn=topic, subject=subject)
    except members.REFUSALS:
        return  # the topic is gone, or the queue behind it, and nobody hears


def put_notification_configuration(self):
    backend, name, topic = self.autoscaling_backend, self._get_param("AutoScalingGroupName"), self._get_param("TopicARN")
    types = self._get_param("NotificationTypes", [])
    group = backend.autoscaling_groups.get(name)
    if not group:
        raise ValidationError(f"AutoScalingGroup name not found - AutoScalingGroup '{name}' not found")
    if unknown := [t for t in types if t not in TYPES]:
        raise ValidationError(f'"{unknown[0]}" is not a valid Notification Type.')
    if topic not in sns_backends[backend.account_id][backend.region_name].topics:
        raise ValidationError("Unable to publish test message to notification target " + topic)
    configured(backend)[name, topic] = types
    publish(group, topic, "TEST_NOTIFICATION", {})
    return EmptyResult()


def describe_notification_configurations(self):
    names = self._get_param("AutoScalingGroupNames", [])
    return ActionResult(
        {
            "NotificationConfigurations": [
                {"AutoScalingGroupName": name, "TopicARN": topic, "NotificationType": each}
                for (name, topic), types in configured(self.autoscaling_backend).items()
                for each in types
                if not names or name in names
            ]
        }
    )


def delete_notification_configuration(self):
    key = self._get_param("AutoScalingGroupName"), self._get_param("TopicARN")
    configured(self.autoscaling_backend).pop(key, None)
    return EmptyResult()


def describe_auto_scaling_notification_types(self):
    return ActionResult({"AutoScalingNotificationTypes": TYPES})


def apply() -> None:
    AutoScalingResponse.put_notification_configuration = put_notification_configuration
    AutoScalingResponse.describe_notification_configurations = describe_notification_configurations
    AutoScalingResponse.delete_notification_configuration = delete_notification_configuration
    AutoScalingResponse.describe_auto_scaling_notification_types = describe_auto_scaling_notification_types

    @replace(scaling_activities, "record")
    def record(original, group, event, description, *args, **kwargs):
        activity = original(group, event, description, *args, **kwargs)
        about = {
            "ActivityId": activity.activity_id,
            "Cause": activity.cause,
            "Description": description,
            "Details": json.loads(activity.details),
            "EC2InstanceId": description.rpartition(": ")[2] if activity.status_code == "Successful" else "",
            "StartTime": activity.start_time.isoformat(),
            "EndTime": activity.end_time.isoformat(),
            "Progress": activity.progress,
            "StatusCode": activity.status_code,
            "StatusMessage": activity.status_message or "",
        }
        for (name, topic), types in list(configured(group.autoscaling_backend).items()):
            if name == group.name and f"autoscaling:{event}" in types:
                publish(group, topic, event, about)
        return activity

    @replace(AutoScalingBackend, "delete_auto_scaling_group")
    def delete_auto_scaling_group(original, self, group_name):
        original(self, group_name)
        for key in [key for key in configured(self) if key[0] == group_name]:
            del configured(self)[key]
