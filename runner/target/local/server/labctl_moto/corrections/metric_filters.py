"""Metric filters of log groups.

PutMetricFilter of AWS updates the filter of that name, or creates it; the log group must exist,
and takes its filters along when it is deleted. It refuses what is no pattern, a value or a dimension
that the pattern can't give, and a default value beside dimensions:
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteMetricFilter.html
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_MetricTransformation.html
moto 5.2.1 always adds one more filter, to log groups that do not exist too, keeps them when the
group goes, counts none, deletes what there is not, and takes any filter. The data points are the
control loop's.
"""

from labctl_moto import clock, engine
from labctl_moto.feed import FEED
from labctl_moto.patch import replace
from moto.logs.exceptions import InvalidParameterException, LimitExceededException, ResourceNotFoundException
from moto.logs.models import LogGroup, LogsBackend, logs_backends

MOST_DIMENSIONS, MOST_FILTERS = 3, 100


def is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def check(pattern: str, transformation: dict) -> None:
    dimensions, value = transformation.get("dimensions") or {}, transformation["metricValue"]
    if dimensions and transformation.get("defaultValue") is not None:
        raise InvalidParameterException("Invalid metric transformation: dimensions and default value are mutually exclusive properties.")
    if len(dimensions) > MOST_DIMENSIONS:
        raise InvalidParameterException(f"A metric transformation has {MOST_DIMENSIONS} dimensions at most.")
    if not value.startswith("$") and not is_number(value):
        raise InvalidParameterException(f"Invalid metric transformation: {value} is neither a number nor a field.")
    references = [r for r in (value, *dimensions.values()) if r.startswith("$")]
    if plain := [r for r in dimensions.values() if not r.startswith("$")]:
        raise InvalidParameterException(f"Invalid metric transformation: the dimension value {plain[0]} is no field.")
    if problem := engine.refusal(engine.ask("match", pattern=pattern, references=references)):
        raise InvalidParameterException(f"Invalid metric filter pattern: {problem}")


def apply() -> None:
    @replace(LogsBackend, "put_metric_filter")
    def put(original, self, filter_name, filter_pattern, log_group_name, metric_transformations):
        if log_group_name not in self.groups:
            raise ResourceNotFoundException()
        for transformation in metric_transformations:
            check(filter_pattern, transformation)
        own = self.filters.get_matching_filters(log_group_name=log_group_name)
        before = next((f for f in own if f["filterName"] == filter_name), None)
        if not before and len(own) >= MOST_FILTERS:
            raise LimitExceededException()
        self.filters.delete_filter(filter_name, log_group_name)
        original(self, filter_name, filter_pattern, log_group_name, metric_transformations)
        self.filters.metric_filters[-1]["creationTime"] = before["creationTime"] if before else clock.millis()
        FEED.redefined()

    @replace(LogsBackend, "delete_metric_filter")
    def delete(original, self, filter_name=None, log_group_name=None):
        found = self.filters.get_matching_filters(log_group_name=log_group_name)
        if not any(f["filterName"] == filter_name for f in found):
            raise ResourceNotFoundException("The specified metric filter does not exist.")
        original(self, filter_name, log_group_name)
        FEED.redefined()

    @replace(LogsBackend, "delete_log_group")
    def delete_group(original, self, log_group_name):
        original(self, log_group_name)
        for f in self.filters.get_matching_filters(log_group_name=log_group_name):
            self.filters.delete_filter(f["filterName"], log_group_name)
            FEED.redefined()

    @replace(LogGroup, "to_describe_dict")
    def describe(original, self):
        answer = original(self)
        filters = logs_backends[self.account_id][self.region].filters
        answer["metricFilterCount"] = len(filters.get_matching_filters(log_group_name=self.name))
        return answer
