"""The state of alarms.

A new alarm has insufficient data; one that is changed keeps its state and ignores tags; SetAlarmState
sets state and reason until the alarm is next evaluated. The moment of the last transition is not
that of the last update, and the tags of an alarm go with it:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html
moto 5.2.1 begins with OK, loses the state when an alarm is changed, knows no transitions, and leaves
the tags to the next alarm of that name.
"""

from labctl_moto import alarm_history, alarm_states, alarms, clock
from labctl_moto.feed import FEED
from labctl_moto.patch import replace
from moto.cloudwatch.models import Alarm, CloudWatchBackend, cloudwatch_backends
from moto.utilities.arns import parse_arn


def apply() -> None:
    @replace(CloudWatchBackend, "put_metric_alarm")
    def put(original, self, name, *args, tags=None, **kwargs):
        before = self.alarms.get(name)
        alarm = original(self, name, *args, tags=None if before else tags, **kwargs)
        alarm.configuration_updated_timestamp = alarms.now()
        if before:
            alarm_states.keep(alarm, before)
        else:
            alarm_states.begin(alarm)
        alarm_history.configured(self, alarm, "Update" if before else "Create")
        FEED.redefined()
        return alarm

    @replace(CloudWatchBackend, "delete_alarms")
    def delete(original, self, alarm_names):
        gone = [self.alarms[name] for name in dict.fromkeys(alarm_names) if name in self.alarms]
        original(self, alarm_names)
        for alarm in gone:
            self.tagger.delete_all_tags_for_resource(alarm.alarm_arn)
            alarm_history.configured(self, alarm, "Delete")
            FEED.redefined()

    @replace(Alarm, "update_state")
    def update(_original, self, reason, reason_data, state_value):
        arn = parse_arn(self.alarm_arn)
        alarm_states.move(cloudwatch_backends[arn.account][arn.region], self, state_value, reason, reason_data, clock.millis())

    @replace(CloudWatchBackend, "set_alarm_state")
    def set_state(original, self, alarm_name, reason, reason_data, state_value):
        original(self, alarm_name, reason, reason_data, state_value)
        notified = not alarm_states.suppressible(self.alarms[alarm_name])
        FEED.add("set", self, alarm=alarm_name, state=state_value, reason=reason, at=clock.millis(), notified=notified)
