"""How an alarm changes its state, whoever changes it: a client by SetAlarmState, or the control loop."""

from labctl_moto import alarm_history, alarms, clock

INITIAL, UNCHECKED = "INSUFFICIENT_DATA", "Unchecked: Initial alarm creation"


def begin(alarm) -> None:
    """A new alarm has no data yet."""
    alarm.state_value, alarm.state_reason, alarm.state_reason_data = INITIAL, UNCHECKED, ""
    alarm.state_updated_timestamp = alarm.state_transitioned_timestamp = alarm.configuration_updated_timestamp


def keep(alarm, before) -> None:
    """A changed alarm keeps the state that it had."""
    for name in ("state_value", "state_reason", "state_reason_data", "state_updated_timestamp", "state_transitioned_timestamp"):
        setattr(alarm, name, getattr(before, name))


def moment(alarm, at: int) -> int:
    """When the state changes: not before it changed last, though the loop looks at data that are some time old."""
    return max(at, clock.since_epoch(alarm.state_updated_timestamp))


def move(backend, alarm, value: str, reason: str, reason_data: str, at: int) -> None:
    """The state at a moment; the history notes it where it is another one."""
    old, transition = alarm_history.state(alarm), value != alarm.state_value
    alarm.state_value, alarm.state_reason, alarm.state_reason_data = value, reason, reason_data or ""
    alarm.state_updated_timestamp = clock.moment(at)
    if transition:
        alarm.state_transitioned_timestamp = clock.moment(at)
        alarm_history.moved(backend, alarm, old, at)


def actions(alarm) -> list[str]:
    """What the alarm notifies in its state."""
    if not alarm.actions_enabled:
        return []
    by_state = {"OK": alarm.ok_actions, "ALARM": alarm.alarm_actions, INITIAL: alarm.insufficient_data_actions}
    return list(by_state[alarm.state_value] or ())


def suppressible(alarm) -> bool:
    """Whether another alarm can withhold the actions of this one: the control loop decides it."""
    return alarms.kind(alarm) == alarms.COMPOSITE and bool(alarm.suppressor)
