"""Composite alarms.

A composite alarm watches other alarms by a rule. They have to exist when the rule is saved, and
can't be deleted while the rule names them; one call deletes one composite alarm at most.
DescribeAlarms returns metric alarms unless it is asked for the others, all its filters hold at once,
and it knows children and parents:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html
moto 5.2.1 answers 500 to PutCompositeAlarm, ignores types, applies one filter only, and returns
everything at once. A cycle of rules is saved, as on AWS.
"""

from labctl_moto import alarms, engine
from labctl_moto.patch import replace
from moto.cloudwatch.exceptions import ValidationError
from moto.cloudwatch.models import CloudWatchBackend
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult, EmptyResult

PAGE = 50
BRIEF = ("AlarmName", "AlarmArn", "StateValue", "StateUpdatedTimestamp")  # of children and parents
ALONE = ("AlarmNames", "AlarmNamePrefix", "AlarmTypes", "StateValue", "ActionPrefix")  # what children and parents exclude
DEPENDED_ON = "Cannot delete {} as there are composite alarm(s) depending on {}."


def read_rule(backend, rule: str) -> list[str]:
    """The names of the alarms that a rule speaks of."""
    answer = engine.ask("rule", rule=rule)
    if problem := engine.refusal(answer):
        raise ValidationError(f"Invalid AlarmRule: {problem}")
    names = list(dict.fromkeys(alarms.name_of(a) for a in answer["alarms"] or ()))
    if missing := [name for name in names if name not in backend.alarms]:
        raise ValidationError(f"Could not save the composite alarm as alarms [{', '.join(missing)}] in the alarm rule do not exist")
    return names


def put_composite_alarm(self) -> EmptyResult:
    backend, asked = self.cloudwatch_backend, self._get_params()
    name, suppressor = asked["AlarmName"], asked.get("ActionsSuppressor")
    before = backend.alarms.get(name)
    if before and alarms.kind(before) == alarms.METRIC:
        raise ValidationError(f"The alarm {name} exists already and is a metric alarm.")
    children = read_rule(backend, asked["AlarmRule"])
    periods = [asked.get(f"ActionsSuppressor{p}Period") for p in ("Wait", "Extension")]
    if suppressor and None in periods:
        raise ValidationError("ActionsSuppressorWaitPeriod and ActionsSuppressorExtensionPeriod are required with ActionsSuppressor.")
    if suppressor and alarms.name_of(suppressor) not in backend.alarms:
        raise ValidationError(f"The ActionsSuppressor {suppressor} does not exist.")
    # The backend makes an alarm of it, as of one on a metric.
    nothing = {"namespace": None, "metric_name": None, "comparison_operator": None, "evaluation_periods": None, "period": None}
    alarm = backend.put_metric_alarm(
        name,
        **nothing,
        **{"threshold": None, "statistic": None, "dimensions": []},
        description=asked.get("AlarmDescription"),
        alarm_actions=asked.get("AlarmActions", []),
        ok_actions=asked.get("OKActions", []),
        insufficient_data_actions=asked.get("InsufficientDataActions", []),
        actions_enabled=asked.get("ActionsEnabled", True),
        rule=asked["AlarmRule"],
        tags=asked.get("Tags", []),
        own={
            **{"children": children, "suppressor": suppressor, "suppressed_by": getattr(before, "suppressed_by", "")},
            **{"wait_period": periods[0], "extension_period": periods[1]},
        },
    )
    assert alarms.kind(alarm) == alarms.COMPOSITE
    return EmptyResult()


def describe_alarms(self) -> ActionResult:
    backend, asked = self.cloudwatch_backend, self._get_params()
    relatives = [asked.get(f"{which}OfAlarmName") for which in ("Children", "Parents")]
    if all(relatives) or any(relatives) and any(asked.get(p) for p in ALONE):
        raise ValidationError("ChildrenOfAlarmName and ParentsOfAlarmName exclude each other and all other filters.")
    found = related(backend, *relatives) if any(relatives) else filtered(backend, asked)
    first, size = int(asked.get("NextToken") or 0), int(asked.get("MaxRecords") or PAGE)
    page = found[first : first + size]
    show = {kind: [alarms.described(a) for a in page if alarms.kind(a) == kind] for kind in (alarms.METRIC, alarms.COMPOSITE)}
    if any(relatives):
        show = {kind: [{name: a[name] for name in BRIEF} for a in each] for kind, each in show.items()}
    token = str(first + size) if first + size < len(found) else None
    return ActionResult({"MetricAlarms": show[alarms.METRIC], "CompositeAlarms": show[alarms.COMPOSITE], "NextToken": token})


def related(backend, parent: str | None, child: str | None) -> list:
    """The alarms in the rule of one alarm, or those whose rules name the other."""
    name = alarms.name_of(parent or child)
    if name not in backend.alarms:
        return []
    found = alarms.parents(backend, name)
    if parent:
        found = [backend.alarms[c] for c in getattr(backend.alarms[name], "children", ()) if c in backend.alarms]
    return sorted(found, key=lambda a: a.name)


def filtered(backend, asked: dict) -> list:
    types = asked.get("AlarmTypes") or [alarms.METRIC]
    names, prefix = asked.get("AlarmNames"), asked.get("AlarmNamePrefix")
    if names and prefix:
        raise ValidationError("AlarmNames and AlarmNamePrefix exclude each other.")

    def fits(a) -> bool:
        actions = [*(a.alarm_actions or ()), *(a.ok_actions or ()), *(a.insufficient_data_actions or ())]
        return (
            alarms.kind(a) in types
            and (not names or a.name in names)
            and a.name.startswith(prefix or "")
            and asked.get("StateValue") in (None, a.state_value)
            and (not asked.get("ActionPrefix") or any(action.startswith(asked["ActionPrefix"]) for action in actions))
        )

    return sorted(filter(fits, backend.alarms.values()), key=lambda a: a.name)


def describe_alarms_for_metric(self) -> ActionResult:
    asked = self._get_params()
    found = [
        alarms.described(a)
        for a in self.cloudwatch_backend.alarms.values()
        if a.metric_name == asked["MetricName"] and a.namespace == asked["Namespace"]
    ]
    return ActionResult({"MetricAlarms": found})


def delete(original, self, alarm_names):
    known = [self.alarms[name] for name in dict.fromkeys(alarm_names) if name in self.alarms]
    if sum(alarms.kind(a) == alarms.COMPOSITE for a in known) > 1:
        raise ValidationError("A call deletes one composite alarm at most.")
    depended_on = [a.name for a in known if any(p is not a for p in alarms.parents(self, a.name))]
    if depended_on:
        raise ValidationError(DEPENDED_ON.format(",".join(depended_on), "it" if len(depended_on) == 1 else "them"))
    original(self, alarm_names)


def apply() -> None:
    CloudWatchResponse.put_composite_alarm = put_composite_alarm
    replace(CloudWatchBackend, "delete_alarms")(delete)
    for call in (describe_alarms, describe_alarms_for_metric):
        replace(CloudWatchResponse, call.__name__)(lambda _original, self, call=call: call(self))

    @replace(CloudWatchBackend, "put_metric_alarm")
    def put(original, self, name, *args, own=None, **kwargs):
        before = self.alarms.get(name)
        if own is None and before and alarms.kind(before) == alarms.COMPOSITE:
            raise ValidationError(f"The alarm {name} exists already and is a composite alarm.")
        alarm = original(self, name, *args, **kwargs)
        alarm.__dict__.update(own or {})
        return alarm
