"""What happened to alarms, in the form in which CloudWatch tells it.

The history of an alarm outlives it: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_AlarmHistoryItem.html
The API describes the items, not their HistoryData: those are as accounts show them.
"""

import json
from datetime import datetime

from labctl_moto import alarms, clock

VERSION = "1.0"
# The member of the data, and the verb of the summary.
CONFIGURED = {"Create": ("createdAlarm", "created"), "Update": ("updatedAlarm", "updated"), "Delete": ("deletedAlarm", "deleted")}


def kept(backend) -> list[dict]:
    """The items, the oldest first as they were noted."""
    return backend.__dict__.setdefault("alarm_history", [])


def note(backend, alarm, at: int, item: str, summary: str, data: dict) -> None:
    kept(backend).append(
        {
            **{"AlarmName": alarm.name, "AlarmType": alarms.kind(alarm), "Timestamp": clock.moment(at)},
            **{"HistoryItemType": item, "HistorySummary": summary, "HistoryData": json.dumps(data)},
        }
    )


def lower(value):
    """A value of the API as the history writes it: alarmName for AlarmName, okactions for OKActions."""
    match value:
        case dict():
            return {"okactions" if k == "OKActions" else k[0].lower() + k[1:]: lower(v) for k, v in value.items()}
        case list():
            return [lower(v) for v in value]
        case datetime():
            return clock.java(clock.since_epoch(value))
    return value


def configured(backend, alarm, change: str) -> None:
    """Change is Create, Update or Delete."""
    member, verb = CONFIGURED[change]
    data = {"version": VERSION, "type": change, member: lower(alarms.described(alarm))}
    note(backend, alarm, clock.millis(), "ConfigurationUpdate", f'Alarm "{alarm.name}" {verb}', data)


def state(alarm) -> dict:
    shown = {"stateValue": alarm.state_value, "stateReason": alarm.state_reason}
    return {**shown, "stateReasonData": json.loads(alarm.state_reason_data)} if alarm.state_reason_data else shown


def moved(backend, alarm, old: dict, at: int) -> None:
    data = {"version": VERSION, "oldState": old, "newState": state(alarm)}
    note(backend, alarm, at, "StateUpdate", f"Alarm updated from {old['stateValue']} to {alarm.state_value}", data)


def acted(backend, alarm, action: str, message: str, problem: str, at: int) -> None:
    data = {
        "actionState": "Failed" if problem else "Succeeded",
        "stateUpdateTimestamp": at,
        "notificationResource": action,
        "publishedMessage": json.dumps({"default": message}),
        "error": problem or None,
    }
    verb = "Failed to execute" if problem else "Successfully executed"
    note(backend, alarm, at, "Action", f"{verb} action {action}", data)
