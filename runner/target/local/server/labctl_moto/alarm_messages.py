"""What alarms send to topics.

The topic's policy has to let CloudWatch publish, and the policy of its key has to let CloudWatch
use it; the key of AWS lets nobody:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions.html
https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
The default policy of a topic lets its owner's alarms publish. The form of the message is that of
messages that arrive, AWS does not describe it.
"""

import json
import sys
import traceback
from functools import cache

import botocore.session
from labctl_moto import alarm_history, alarms, clock
from labctl_moto.resource_policies import Principal, allows
from moto.kms.models import kms_backends
from moto.sns.models import sns_backends
from moto.utilities.arns import parse_arn

CLOUDWATCH = Principal(service="cloudwatch.amazonaws.com")
NOT_SNS = "The local AWS performs no actions but notifications of topics."
NO_TOPIC = "Topic does not exist"
NO_POLICY = "CloudWatch Alarms is not authorized to perform: SNS:Publish on resource: {}"
NO_KEY = "CloudWatch Alarms does not have authorization to access the SNS topic encryption key."


@cache
def places() -> dict[str, str]:
    """The names of the regions, such as US East (N. Virginia)."""
    partitions = botocore.session.get_session().get_data("endpoints")["partitions"]
    return {name: region["description"] for p in partitions for name, region in p["regions"].items()}


def place(backend) -> str:
    return places().get(backend.region_name, backend.region_name)


def message(backend, alarm, old: str, at: int) -> dict:
    return {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": backend.account_id,
        "AlarmConfigurationUpdatedTimestamp": clock.java(clock.since_epoch(alarm.configuration_updated_timestamp)),
        "NewStateValue": alarm.state_value,
        "NewStateReason": alarm.state_reason,
        "StateChangeTime": clock.java(at),
        "Region": place(backend),
        "AlarmArn": alarm.alarm_arn,
        "OldStateValue": old,
        "OKActions": alarm.ok_actions or [],
        "AlarmActions": alarm.alarm_actions or [],
        "InsufficientDataActions": alarm.insufficient_data_actions or [],
    } | ({"Trigger": trigger(alarm)} if alarms.kind(alarm) == alarms.METRIC else composite(backend, alarm))


def trigger(alarm) -> dict:
    shown = alarms.described(alarm)
    compared = {
        "Period": shown.get("Period"),
        "EvaluationPeriods": shown["EvaluationPeriods"],
        "DatapointsToAlarm": shown.get("DatapointsToAlarm"),
        "ComparisonOperator": shown["ComparisonOperator"],
        "Threshold": shown.get("Threshold"),
        "TreatMissingData": shown.get("TreatMissingData", ""),
        "EvaluateLowSampleCountPercentile": shown.get("EvaluateLowSampleCountPercentile", ""),
    }
    compared = {name: value for name, value in compared.items() if value is not None}
    if "Metrics" in shown:
        return compared | {"Metrics": shown["Metrics"]}
    extended = shown.get("ExtendedStatistic")
    statistic = {"StatisticType": "ExtendedStatistic", "ExtendedStatistic": extended}
    if not extended:
        statistic = {"StatisticType": "Statistic", "Statistic": shown["Statistic"].upper()}
    return {
        "MetricName": shown["MetricName"],
        "Namespace": shown["Namespace"],
        **statistic,
        "Unit": shown.get("Unit"),
        "Dimensions": [{"value": d["Value"], "name": d["Name"]} for d in shown["Dimensions"]],
        **compared,
    }


def composite(backend, alarm) -> dict:
    children = [backend.alarms[name] for name in alarm.children if name in backend.alarms]
    return {
        "AlarmRule": alarm.rule,
        "TriggeringChildren": [
            {
                "Arn": child.alarm_arn,
                "State": {"Value": child.state_value, "Timestamp": clock.java(clock.since_epoch(child.state_transitioned_timestamp))},
            }
            for child in children
            if child.state_value == "ALARM"
        ],
    }


def publish(backend, alarm, old: str, actions: list[str], at: int) -> list[dict]:
    """Takes the actions, notes each in the history, and returns those that failed."""
    text, failed = json.dumps(message(backend, alarm, old, at)), []
    for action in actions:
        problem = send(backend, alarm, action, text)
        alarm_history.acted(backend, alarm, action, text, problem, at)
        if problem:
            failed.append({"alarm": alarm.name, "action": action, "problem": problem})
    return failed


def send(backend, alarm, action: str, text: str) -> str:
    """Publishes to a topic, and returns why it could not be."""
    arn = parse_arn(action)
    if arn.service != "sns":
        return NOT_SNS
    topic = sns_backends[arn.account][arn.region].topics.get(action)
    if not topic:
        return NO_TOPIC
    context = {"aws:SourceArn": alarm.alarm_arn, "aws:SourceAccount": backend.account_id, "aws:SourceOwner": backend.account_id}
    if not allows(topic.policy, CLOUDWATCH, "sns:Publish", topic.arn, context):
        return NO_POLICY.format(topic.arn)
    if topic.kms_master_key_id and not usable(topic, context):
        return NO_KEY
    subject = f'{alarm.state_value}: "{alarm.name}" in {place(backend)}'
    try:
        topic.publish(text, subject=subject[:100])
    except Exception:  # a subscriber is gone: those before it have heard
        traceback.print_exc(file=sys.stderr)
    return ""


def usable(topic, context: dict[str, str]) -> bool:
    """Whether CloudWatch may use the key of the topic, which is named by ARN, id or alias."""
    keys = kms_backends[topic.account_id][topic.sns_backend.region_name]
    try:
        key = keys.describe_key(topic.kms_master_key_id)
    except Exception:
        return False
    needed = ("kms:Decrypt", "kms:GenerateDataKey")
    return key.enabled and all(allows(key.policy, CLOUDWATCH, action, key.arn, context) for action in needed)
