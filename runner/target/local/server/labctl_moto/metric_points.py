"""The data points of CloudWatch, as they were published.

A point is a value that was published count times, or a statistic set. It is the same dictionary
here, in the feed of the control loop, and in a question to the engine.
"""

from labctl_moto import clock
from labctl_moto.feed import FEED

Dimensions = dict[str, str]
NAMES = ("namespace", "name", "dimensions", "unit", "at", "count", "sum", "minimum", "maximum")


def kept(backend) -> dict[tuple, list[dict]]:
    """The points by metric."""
    return backend.__dict__.setdefault("metric_points", {})


def named(dimensions) -> Dimensions:
    return {d["Name"]: d["Value"] for d in dimensions or ()}


def key(namespace: str, name: str, dimensions: Dimensions) -> tuple:
    return namespace, name, tuple(sorted(dimensions.items()))


def keep(backend, point: dict, **more) -> None:
    """Keeps a point, which has what NAMES says, and tells the loop of it."""
    added = FEED.add("point", backend, **{name: point[name] for name in NAMES}, **more)
    kept(backend).setdefault(key(point["namespace"], point["name"], point["dimensions"]), []).append(added)


def value(namespace: str, name: str, dimensions: Dimensions, unit: str | None, at: float, value: float, count: float = 1) -> dict:
    return {
        **{"namespace": namespace, "name": name, "dimensions": dimensions, "unit": unit or "None", "at": at},
        **{"count": count, "sum": value * count, "minimum": value, "maximum": value},
    }


def published(backend) -> dict[tuple, list[dict]]:
    """The points by metric, with those that services of AWS publish."""
    points = dict(kept(backend))
    for datum in backend.aws_metric_data:
        dimensions = {d.name: d.value for d in datum.dimensions}
        at = clock.since_epoch(datum.timestamp)
        point = value(datum.namespace, datum.name, dimensions, datum.unit, at, datum.value)
        place = key(datum.namespace, datum.name, dimensions)
        points[place] = [*points.get(place, ()), point]
    return points
