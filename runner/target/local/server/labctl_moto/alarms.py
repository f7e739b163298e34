"""Alarms of CloudWatch in the form in which its API shows them.

A composite alarm is an alarm of moto that has a rule, and attributes of its own beside it.
"""

from labctl_moto import clock

METRIC, COMPOSITE = "MetricAlarm", "CompositeAlarm"
# As in the example of https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html
SUPPRESSED = {
    "Alarm": "Actions suppressed by alarm {}",
    "WaitPeriod": "Actions suppressed by WaitPeriod",
    "ExtensionPeriod": "Actions suppressed by ExtensionPeriod",
}


def kind(alarm) -> str:
    return METRIC if alarm.rule is None else COMPOSITE


def now():
    return clock.moment(clock.millis())


def described(alarm) -> dict:
    """What DescribeAlarms shows; what is not set is not there."""
    shown = common(alarm) | (metric(alarm) if kind(alarm) == METRIC else composite(alarm))
    return {name: value for name, value in shown.items() if value is not None}


def common(alarm) -> dict:
    return {
        "AlarmName": alarm.name,
        "AlarmArn": alarm.alarm_arn,
        "AlarmDescription": alarm.description,
        "AlarmConfigurationUpdatedTimestamp": alarm.configuration_updated_timestamp,
        "ActionsEnabled": alarm.actions_enabled,
        "OKActions": alarm.ok_actions or [],
        "AlarmActions": alarm.alarm_actions or [],
        "InsufficientDataActions": alarm.insufficient_data_actions or [],
        "StateValue": alarm.state_value,
        "StateReason": alarm.state_reason,
        "StateReasonData": alarm.state_reason_data or None,
        "StateUpdatedTimestamp": alarm.state_updated_timestamp,
        "StateTransitionedTimestamp": alarm.state_transitioned_timestamp,
    }


def dimensions(of) -> list[dict]:
    return [{"Name": d.name, "Value": d.value} for d in of or ()]


def metric(alarm) -> dict:
    single = not alarm.metric_data_queries
    return {
        "MetricName": alarm.metric_name,
        "Namespace": alarm.namespace,
        "Statistic": alarm.statistic,
        "ExtendedStatistic": alarm.extended_statistic,
        "Dimensions": dimensions(alarm.dimensions) if single else None,
        "Period": alarm.period and int(alarm.period),
        "Unit": alarm.unit,
        "EvaluationPeriods": int(alarm.evaluation_periods),
        "DatapointsToAlarm": alarm.datapoints_to_alarm and int(alarm.datapoints_to_alarm),
        "Threshold": None if alarm.threshold is None else float(alarm.threshold),
        "ComparisonOperator": alarm.comparison_operator,
        "ThresholdMetricId": alarm.threshold_metric_id,
        "TreatMissingData": alarm.treat_missing_data,
        "EvaluateLowSampleCountPercentile": alarm.evaluate_low_sample_count_percentile,
        "Metrics": None if single else [query(q) for q in alarm.metric_data_queries],
    }


def query(q) -> dict:
    shown = {"Id": q.id, "Label": q.label, "Expression": q.expression, "Period": q.period and int(q.period)}
    shown["ReturnData"] = q.return_data is not False and str(q.return_data).lower() != "false"
    if stat := q.metric_stat:
        watched = {"Namespace": stat.metric.namespace, "MetricName": stat.metric.metric_name}
        shown["MetricStat"] = {
            "Metric": {**watched, "Dimensions": dimensions(stat.metric.dimensions)},
            **{"Period": int(stat.period), "Stat": stat.stat},
            **({"Unit": stat.unit} if stat.unit else {}),
        }
    return {name: value for name, value in shown.items() if value is not None}


def composite(alarm) -> dict:
    by = alarm.suppressed_by
    return {
        "AlarmRule": alarm.rule,
        "ActionsSuppressor": alarm.suppressor,
        "ActionsSuppressorWaitPeriod": alarm.wait_period,
        "ActionsSuppressorExtensionPeriod": alarm.extension_period,
        "ActionsSuppressedBy": by or None,
        "ActionsSuppressedReason": SUPPRESSED[by].format(alarm.suppressor) if by else None,
    }


def name_of(reference: str) -> str:
    """The name of an alarm that is named by name or ARN."""
    return reference.split(":", 6)[6] if reference.startswith("arn:") else reference


def parents(backend, name: str) -> list:
    """The composite alarms whose rules name the alarm."""
    return [a for a in backend.alarms.values() if kind(a) == COMPOSITE and name in a.children]
