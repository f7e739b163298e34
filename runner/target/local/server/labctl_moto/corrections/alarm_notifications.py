"""Notifications of alarms.

An alarm that changes its state publishes to the topics of its new state, where policy and key of the
topic let it. SetAlarmState is such a change:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html
moto 5.2.1 notifies nobody. What another alarm can suppress is left to the control loop, which knows
for how long; actions other than notifications of topics are not performed.
"""

from labctl_moto import alarm_messages, alarm_states, clock
from labctl_moto.patch import replace
from moto.cloudwatch.models import CloudWatchBackend


def apply() -> None:
    @replace(CloudWatchBackend, "set_alarm_state")
    def set_state(original, self, alarm_name, reason, reason_data, state_value):
        old = getattr(self.alarms.get(alarm_name), "state_value", None)
        original(self, alarm_name, reason, reason_data, state_value)
        alarm = self.alarms[alarm_name]
        if state_value != old and not alarm_states.suppressible(alarm):
            alarm_messages.publish(self, alarm, old, alarm_states.actions(alarm), clock.millis())
