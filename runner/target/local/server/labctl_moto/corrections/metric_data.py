"""Metrics that are published.

PutMetricData takes data points of up to two weeks ago and two hours ahead, each a value, values
with counts or a statistic set. Every combination of dimensions is a metric of its own, and
ListMetrics lists each once:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html
moto 5.2.1 takes points of any time and points without a value, and mixes up metrics that differ in
more than one dimension. What ListMetrics forgets after two weeks is not forgotten here.
"""

from labctl_moto import clock, metric_points
from labctl_moto.patch import replace
from moto.cloudwatch.exceptions import InvalidParameterCombination, InvalidParameterValue
from moto.cloudwatch.models import CloudWatchBackend
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

HOUR = 60 * 60 * 1000
OLDEST, NEWEST = 14 * 24 * HOUR, 2 * HOUR
PAGE = 500
RECENTLY = 3 * HOUR


def moment(datum: dict, place: str) -> int:
    now = clock.millis()
    at = clock.since_epoch(datum["Timestamp"]) if datum.get("Timestamp") else now
    if at < now - OLDEST:
        raise InvalidParameterValue(f"The parameter {place}.Timestamp must specify a time within the last two weeks.")
    if at > now + NEWEST:
        raise InvalidParameterValue(f"The parameter {place}.Timestamp must specify a time no more than two hours in the future.")
    return at


def points(namespace: str, datum: dict, place: str) -> list[dict]:
    """The points of one datum of the request."""
    metric = (namespace, datum["MetricName"], metric_points.named(datum.get("Dimensions")), datum.get("Unit"), moment(datum, place))
    if values := datum.get("Values"):
        counts = datum.get("Counts") or [1] * len(values)
        return [metric_points.value(*metric, float(v), float(c)) for v, c in zip(values, counts)]
    if statistics := datum.get("StatisticValues"):
        point = metric_points.value(*metric, 0)
        names = {"count": "SampleCount", "sum": "Sum", "minimum": "Minimum", "maximum": "Maximum"}
        return [point | {name: float(statistics[given]) for name, given in names.items()}]
    if datum.get("Value") is None:
        raise InvalidParameterCombination("At least one of the parameters must be specified.")
    return [metric_points.value(*metric, float(datum["Value"]))]


def put(_original, self, namespace, metric_data):
    if namespace.startswith("AWS/"):
        raise InvalidParameterValue("The value AWS/ for parameter Namespace is invalid.")
    taken = []
    for number, datum in enumerate(metric_data, 1):
        self._validate_parameters_put_metric_data(datum, number)
        resolution = 1 if datum.get("StorageResolution") == 1 else 60
        taken += [(p, resolution) for p in points(namespace, datum, f"MetricData.member.{number}")]
    for point, resolution in taken:
        metric_points.keep(self, point, resolution=resolution)


def listed(self) -> ActionResult:
    asked = self._get_params()
    wanted = {"namespace": asked.get("Namespace"), "name": asked.get("MetricName")}
    dimensions = asked.get("Dimensions", [])
    since = clock.millis() - RECENTLY if asked.get("RecentlyActive") else None

    def fits(point: dict) -> bool:
        return all(v is None or v == point[k] for k, v in wanted.items()) and all(
            d["Name"] in point["dimensions"] and d.get("Value") in (None, point["dimensions"][d["Name"]]) for d in dimensions
        )

    found = [
        points[0]
        for _, points in sorted(metric_points.published(self.cloudwatch_backend).items())
        if fits(points[0]) and (since is None or any(p["at"] >= since for p in points))
    ]
    first = int(asked.get("NextToken") or 0)
    metrics = [
        {
            "Namespace": p["namespace"],
            "MetricName": p["name"],
            "Dimensions": [{"Name": k, "Value": v} for k, v in p["dimensions"].items()],
        }
        for p in found[first : first + PAGE]
    ]
    return ActionResult({"Metrics": metrics, "NextToken": str(first + PAGE) if first + PAGE < len(found) else None})


def apply() -> None:
    replace(CloudWatchBackend, "put_metric_data")(put)
    replace(CloudWatchResponse, "list_metrics")(lambda _original, self: listed(self))
