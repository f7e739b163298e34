"""Delivery of events.

An enabled rule sends what its pattern matches to its targets, also to a topic of SNS, whose policy
has to let EventBridge publish; a rule without pattern waits for its schedule. An application
cannot send events in the name of AWS:
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html
moto 5.2.1 answers 500 where a target is a topic, leaves the account out of what a queue receives,
and lets disabled rules and those with a schedule only deliver every event. The policy of a queue is
not asked here.
"""

import json

from labctl_moto.patch import replace
from labctl_moto.resource_policies import Principal, allows
from moto.core.utils import iso_8601_datetime_without_milliseconds, utcfromtimestamp
from moto.events.models import EventsBackend, Rule
from moto.events.utils import EventTemplateParser
from moto.sns.exceptions import SNSNotFoundError
from moto.sns.models import sns_backends
from moto.sqs.exceptions import QueueDoesNotExist
from moto.sqs.models import sqs_backends
from moto.utilities.arns import parse_arn

RESERVED = {
    "ErrorCode": "NotAuthorizedForSourceException",
    "ErrorMessage": "Not authorized for the source.",
}


def service(target: dict) -> str:
    return parse_arn(target["Arn"]).service


def ours(target: dict) -> bool:
    """Topics, and queues without groups of messages; the rest moto delivers to."""
    return service(target) == "sns" or service(target) == "sqs" and "SqsParameters" not in target


def message(target: dict, event: dict) -> str:
    """What the target receives: its constant input, its template filled in, or the event as it is."""
    if "Input" in target:
        return target["Input"]
    transformer = target.get("InputTransformer")
    if transformer:
        return json.dumps(EventTemplateParser.parse(transformer["InputTemplate"], transformer.get("InputPathsMap", {}), event))
    time = event["time"]
    if not isinstance(time, str):
        time = iso_8601_datetime_without_milliseconds(utcfromtimestamp(float(time)))
    return json.dumps({k: v for k, v in event.items() if k != "ingestion-time"} | {"time": time})


def publish(rule: Rule, target: dict, event: dict) -> None:
    arn = parse_arn(target["Arn"])
    try:
        topic = sns_backends[arn.account][arn.region].get_topic(target["Arn"])
    except SNSNotFoundError:
        return  # AWS counts a failed invocation
    context = {"aws:SourceArn": rule.arn, "aws:SourceAccount": rule.account_id}
    if allows(topic.policy, Principal(service="events.amazonaws.com"), "sns:Publish", topic.arn, context):
        topic.publish(message(target, event))


def enqueue(target: dict, event: dict) -> None:
    arn = parse_arn(target["Arn"])
    try:
        sqs_backends[arn.account][arn.region].send_message(arn.resource_id, message(target, event))
    except QueueDoesNotExist:
        return  # as above


def apply() -> None:
    @replace(Rule, "send_to_targets")
    def send(original, self, original_event, transform_input=True):
        if self.state != "ENABLED" or not self.event_pattern.dump():
            return
        if not self.event_pattern.matches_event(original_event):
            return
        targets = self.targets
        self.targets = [t for t in targets if not ours(t)]
        try:
            original(self, original_event, transform_input)
        finally:
            self.targets = targets
        for target in filter(ours, targets):
            if service(target) == "sns":
                publish(self, target, original_event)
            else:
                enqueue(target, original_event)

    @replace(EventsBackend, "put_events")
    def put(original, self, events):
        refused = [i for i, e in enumerate(events) if (e.get("Source") or "").startswith("aws.")]
        entries = original(self, [e for i, e in enumerate(events) if i not in refused])
        for i in refused:
            entries.insert(i, RESERVED)
        return entries
