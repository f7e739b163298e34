"""The history of alarms.

DescribeAlarmHistory tells of changes of the configuration, of the state, and of actions, for metric
alarms unless it is asked for composite ones, the newest first; a deleted alarm keeps its history:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html
moto 5.2.1 answers 500. What is older than 30 days is not forgotten here.
"""

from labctl_moto import alarm_history, alarms, clock
from moto.cloudwatch.exceptions import InvalidParameterValue
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

PAGE = 100


def describe(self) -> ActionResult:
    asked = self._get_params()
    types, name, item = asked.get("AlarmTypes") or [alarms.METRIC], asked.get("AlarmName"), asked.get("HistoryItemType")
    since, until = (clock.since_epoch(asked[p]) if asked.get(p) else None for p in ("StartDate", "EndDate"))
    if since and until and since > until:
        raise InvalidParameterValue("StartDate must be before EndDate.")

    def fits(entry: dict) -> bool:
        at = clock.since_epoch(entry["Timestamp"])
        return (
            entry["AlarmType"] in types
            and name in (None, entry["AlarmName"])
            and item in (None, entry["HistoryItemType"])
            and (since is None or since <= at)
            and (until is None or at <= until)
        )

    # Sorting keeps the order of what has one moment; the newest first is its reverse.
    found = sorted(filter(fits, alarm_history.kept(self.cloudwatch_backend)), key=lambda entry: entry["Timestamp"])
    if asked.get("ScanBy") != "TimestampAscending":
        found.reverse()
    first, size = int(asked.get("NextToken") or 0), int(asked.get("MaxRecords") or PAGE)
    token = str(first + size) if first + size < len(found) else None
    return ActionResult({"AlarmHistoryItems": found[first : first + size], "NextToken": token})


def apply() -> None:
    CloudWatchResponse.describe_alarm_history = describe
