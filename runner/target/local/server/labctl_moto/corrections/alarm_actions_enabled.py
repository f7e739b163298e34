"""The actions of alarms, enabled and disabled.

An alarm whose actions are disabled changes its state and takes no actions:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DisableAlarmActions.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_EnableAlarmActions.html
moto 5.2.1 answers 500 to both calls.
"""

from labctl_moto import alarm_history, alarms
from labctl_moto.feed import FEED
from labctl_moto.patch import replace
from moto.cloudwatch.exceptions import ResourceNotFound
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import EmptyResult


def enable(self, enabled: bool) -> EmptyResult:
    backend, names = self.cloudwatch_backend, self._get_param("AlarmNames", [])
    if missing := [name for name in names if name not in backend.alarms]:
        raise ResourceNotFound(f"Alarms {missing} do not exist")
    for alarm in (backend.alarms[name] for name in names):
        if alarm.actions_enabled != enabled:
            alarm.actions_enabled, alarm.configuration_updated_timestamp = enabled, alarms.now()
            alarm_history.configured(backend, alarm, "Update")
            FEED.redefined()
    return EmptyResult()


def apply() -> None:
    replace(CloudWatchResponse, "enable_alarm_actions")(lambda _original, self: enable(self, True))
    replace(CloudWatchResponse, "disable_alarm_actions")(lambda _original, self: enable(self, False))
