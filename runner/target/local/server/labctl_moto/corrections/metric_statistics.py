"""Statistics of metrics, and metric math.

GetMetricData and GetMetricStatistics return a data point for each period in which a metric of
exactly these dimensions has data, percentiles too, and GetMetricData computes expressions:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
moto 5.2.1 ignores dimensions or takes metrics with more of them, begins the periods of
GetMetricStatistics at the first data point, knows no percentiles, and no expression but the id of
another query. Here the engine answers that evaluates alarms; what it does not model is refused.
"""

from collections import defaultdict

from labctl_moto import clock, engine, metric_points
from labctl_moto.patch import replace
from moto.cloudwatch.exceptions import InvalidParameterCombination, InvalidParameterValue, ValidationError
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

MINUTE = 60 * 1000
MOST = 1440  # data points of GetMetricStatistics
STATISTICS = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")


def beginning(start: int, periods: list[int]) -> int:
    """The start is rounded down to the whole minute, or to the period where that is shorter."""
    step = min([MINUTE, *(period * 1000 for period in periods if period > 0)])
    return start - start % step


def compute(backend, queries: list[dict], start: int, end: int) -> list[dict]:
    """The series that the engine makes of the queries, the oldest moment first."""
    stats = [q["MetricStat"] for q in queries if q.get("MetricStat")]
    wanted = {
        metric_points.key(s["Metric"]["Namespace"], s["Metric"]["MetricName"], metric_points.named(s["Metric"].get("Dimensions")))
        for s in stats
    }
    have = metric_points.published(backend)
    points = [
        {name: p[name] for name in metric_points.NAMES} for k in wanted for p in have.get(k, ()) if start <= p["at"] < end
    ]
    answer = engine.ask("query", queries=queries, points=points, **{"from": start, "to": end})
    if problem := engine.refusal(answer):
        raise ValidationError(problem)
    return answer["series"]


def label(query: dict) -> str:
    return query.get("Label") or query.get("MetricStat", {}).get("Metric", {}).get("MetricName") or query["Id"]


def get_metric_data(self) -> ActionResult:
    asked = self._get_params()
    start, end = clock.since_epoch(asked["StartTime"]), clock.since_epoch(asked["EndTime"])
    if start > end:
        raise ValidationError("The parameter EndTime must be greater than StartTime.")
    if start == end:
        raise ValidationError("The parameter StartTime must not equal parameter EndTime.")
    queries = asked.get("MetricDataQueries", [])
    for number, query in enumerate(queries, 1):
        if "MetricStat" not in query and "Expression" not in query:
            raise ValidationError(f"The parameter MetricDataQueries.member.{number}.MetricStat is required.\n")
    start = beginning(start, [q["MetricStat"]["Period"] for q in queries if q.get("MetricStat")])
    labels = {q["Id"]: label(q) for q in queries}
    newest_first = asked.get("ScanBy") != "TimestampAscending"
    results = []
    for series in compute(self.cloudwatch_backend, queries, start, end):
        order = slice(None, None, -1 if newest_first else 1)
        results.append(
            {
                "Id": series["id"],
                "Label": labels[series["id"]],
                "Timestamps": [clock.moment(at) for at in (series["at"] or [])[order]],
                "Values": (series["values"] or [])[order],
                "StatusCode": "Complete",
            }
        )
    return ActionResult({"MetricDataResults": results, "Messages": []})


def get_metric_statistics(self) -> ActionResult:
    asked = self._get_params()
    start, end, period = clock.since_epoch(asked["StartTime"]), clock.since_epoch(asked["EndTime"]), int(asked["Period"])
    if start >= end:
        raise InvalidParameterValue("The parameter StartTime must be less than the parameter EndTime.")
    plain, extended = asked.get("Statistics", []), asked.get("ExtendedStatistics", [])
    if not plain and not extended:
        raise InvalidParameterCombination("Must specify either Statistics or ExtendedStatistics")
    if unknown := [s for s in plain if s not in STATISTICS]:
        raise InvalidParameterValue(f"The value {unknown[0]} for parameter Statistics is not supported.")
    if period not in (1, 5, 10, 20, 30) and (period < 60 or period % 60):
        raise InvalidParameterValue("The parameter Period must be a multiple of 60.")
    if (end - start) / 1000 / period > MOST:
        raise InvalidParameterCombination(
            f"You have requested up to {int((end - start) / 1000 / period)} datapoints, which exceeds the limit of {MOST}. "
            "You may reduce the datapoints requested by increasing Period, or decreasing the time range."
        )
    metric = {"Namespace": asked["Namespace"], "MetricName": asked["MetricName"], "Dimensions": asked.get("Dimensions", [])}
    place = metric_points.key(metric["Namespace"], metric["MetricName"], metric_points.named(metric["Dimensions"]))
    published = metric_points.published(self.cloudwatch_backend).get(place, ())
    units = [asked["Unit"]] if asked.get("Unit") else sorted({p["unit"] for p in published})
    points = defaultdict(dict)
    for unit in units:
        for number, statistic in enumerate([*plain, *extended]):
            query = {"Id": f"q{number}", "MetricStat": {"Metric": metric, "Period": period, "Stat": statistic, "Unit": unit}}
            for series in compute(self.cloudwatch_backend, [query], beginning(start, [period]), end):
                for at, value in zip(series["at"] or (), series["values"] or ()):
                    point = points[unit, at]
                    (point if statistic in plain else point.setdefault("ExtendedStatistics", {}))[statistic] = value
    return ActionResult(
        {
            "Label": metric["MetricName"],
            "Datapoints": [{"Timestamp": clock.moment(at), "Unit": unit, **point} for (unit, at), point in sorted(points.items())],
        }
    )


def apply() -> None:
    for call in (get_metric_data, get_metric_statistics):
        replace(CloudWatchResponse, call.__name__)(lambda _original, self, call=call: call(self))
