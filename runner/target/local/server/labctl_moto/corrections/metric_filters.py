"""Metric filters of log groups.

PutMetricFilter of AWS updates the filter of that name, or creates it; the log group must exist,
and takes its filters along when it is deleted:
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteMetricFilter.html
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html
moto 5.2.1 always adds one more filter, to log groups that do not exist too, keeps them when the
group goes, counts none, and deletes what there is not.
"""

from labctl_moto.patch import replace
from moto.logs.exceptions import ResourceNotFoundException
from moto.logs.models import LogGroup, LogsBackend, logs_backends


def apply() -> None:
    @replace(LogsBackend, "put_metric_filter")
    def put(original, self, filter_name, filter_pattern, log_group_name, metric_transformations):
        if log_group_name not in self.groups:
            raise ResourceNotFoundException()
        self.filters.delete_filter(filter_name, log_group_name)
        original(self, filter_name, filter_pattern, log_group_name, metric_transformations)

    @replace(LogsBackend, "delete_metric_filter")
    def delete(original, self, filter_name=None, log_group_name=None):
        found = self.filters.get_matching_filters(log_group_name=log_group_name)
        if not any(f["filterName"] == filter_name for f in found):
            raise ResourceNotFoundException("The specified metric filter does not exist.")
        original(self, filter_name, log_group_name)

    @replace(LogsBackend, "delete_log_group")
    def delete_group(original, self, log_group_name):
        original(self, log_group_name)
        for f in self.filters.get_matching_filters(log_group_name=log_group_name):
            self.filters.delete_filter(f["filterName"], log_group_name)

    @replace(LogGroup, "to_describe_dict")
    def describe(original, self):
        answer = original(self)
        filters = logs_backends[self.account_id][self.region].filters
        answer["metricFilterCount"] = len(filters.get_matching_filters(log_group_name=self.name))
        return answer
