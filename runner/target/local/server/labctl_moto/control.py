"""The private endpoints of the control loop.

The loop runs in the process that started the server. It reads what came in and what is defined,
and writes the data points of metric filters and the transitions of alarms. Each request carries
the random name of this life of the server, which no page in a browser can send.
"""

import json
from http import HTTPStatus
from urllib.parse import parse_qs

from labctl_moto import alarm_messages, alarm_states, alarms, clock, metric_points
from labctl_moto.feed import FEED
from moto.cloudwatch.models import cloudwatch_backends
from moto.logs.models import logs_backends

PREFIX = "/labctl/"
HEADER = "HTTP_LABCTL_INSTANCE"
# The form in which the loop reads definitions: nothing is left out.
NO_STAT = {"Metric": {"Namespace": "", "MetricName": "", "Dimensions": []}, "Period": 0, "Stat": "", "Unit": ""}
NO_QUERY = {"Id": "", "Expression": "", "Label": "", "Period": 0, "ReturnData": True, "MetricStat": None}
NO_ALARM = {"ActionsEnabled": True, "OKActions": [], "AlarmActions": [], "InsufficientDataActions": [], "StateValue": "", "StateReason": ""}
NO_METRIC_ALARM = NO_ALARM | {
    **{"Namespace": "", "MetricName": "", "Dimensions": [], "Statistic": "", "ExtendedStatistic": "", "Unit": "", "Period": 0},
    **{"EvaluationPeriods": 0, "DatapointsToAlarm": 0, "Threshold": 0, "ComparisonOperator": "", "ThresholdMetricId": ""},
    **{"TreatMissingData": "", "EvaluateLowSampleCountPercentile": "", "Metrics": []},
}
NO_COMPOSITE = NO_ALARM | {
    **{"AlarmRule": "", "ActionsSuppressor": "", "ActionsSuppressorWaitPeriod": 0, "ActionsSuppressorExtensionPeriod": 0},
}
NO_TRANSFORMATION = {"defaultValue": None, "dimensions": {}, "unit": "None"}


def backends(of):
    """The backends that were used, in all accounts and regions."""
    return [backend for regions in list(of.values()) for backend in list(regions.values())]


def filled(empty: dict, given: dict) -> dict:
    """What is given, and the rest empty; timestamps and what the loop does not read are left out."""
    names = {*empty, "AlarmName", "AlarmArn"} & {*empty, *given}
    return {name: given[name] if given.get(name) is not None else empty[name] for name in names}


def query(given: dict) -> dict:
    stat = given.get("MetricStat")
    return filled(NO_QUERY, given) | {"MetricStat": filled(NO_STAT, stat) if stat else None}


def metric_alarm(alarm) -> dict:
    shown = filled(NO_METRIC_ALARM, alarms.described(alarm))
    return shown | {"Metrics": [query(q) for q in shown["Metrics"]]}


def definitions() -> dict:
    found = {"alarms": [], "composites": [], "filters": []}
    for backend in backends(cloudwatch_backends):
        owner = {"Account": backend.account_id, "Region": backend.region_name}
        for alarm in backend.alarms.values():
            if alarms.kind(alarm) == alarms.METRIC:
                found["alarms"].append(owner | metric_alarm(alarm))
            else:
                found["composites"].append(owner | filled(NO_COMPOSITE, alarms.described(alarm)))
    for backend in backends(logs_backends):
        owner = {"Account": backend.account_id, "Region": backend.region_name}
        for each in backend.filters.get_matching_filters():
            transformations = [NO_TRANSFORMATION | t for t in each["metricTransformations"]]
            found["filters"].append(owner | each | {"metricTransformations": transformations})
    return found


def feed(asked: dict) -> dict:
    answer = FEED.read(int(asked["cursor"]))
    known = int(asked["revision"]) == FEED.revision
    return {**answer, "revision": FEED.revision, "definitions": None if known else definitions()}


def points(asked: dict) -> dict:
    for point in asked["points"]:
        metric_points.keep(cloudwatch_backends[point["account"]][point["region"]], point, resolution=60, emitted=True)
    return {}


def states(asked: dict) -> dict:
    """Stores transitions and takes their actions."""
    answer = {"published": 0, "unknown": [], "failed": []}
    for transition in asked["transitions"]:
        backend = cloudwatch_backends[transition["account"]][transition["region"]]
        alarm = backend.alarms.get(transition["alarm"])
        if not alarm:
            answer["unknown"].append(transition["alarm"])
            continue
        old, at, actions = alarm.state_value, alarm_states.moment(alarm, transition["at"]), transition.get("actions") or []
        alarm_states.move(backend, alarm, transition["state"], transition["reason"], "", at)
        if alarms.kind(alarm) == alarms.COMPOSITE:
            withheld = transition.get("withheld", "")
            alarm.suppressed_by = withheld if withheld in alarms.SUPPRESSED else ""
        failed = alarm_messages.publish(backend, alarm, old, actions, at)
        answer["failed"] += failed
        answer["published"] += len(actions) - len(failed)
    return answer


def set_clock(asked: dict) -> dict:
    clock.CLOCK.set(asked["now"], asked["speed"])
    return {}


CALLS = {
    ("GET", "feed"): feed,
    ("POST", "points"): points,
    ("POST", "states"): states,
    ("POST", "clock"): set_clock,
}


def answer(environ: dict, instance: str) -> tuple[HTTPStatus, dict]:
    call = CALLS.get((environ["REQUEST_METHOD"], environ["PATH_INFO"].removeprefix(PREFIX)))
    if not call:
        return HTTPStatus.NOT_FOUND, {"error": "there is no such endpoint"}
    if environ.get(HEADER) != instance:
        return HTTPStatus.FORBIDDEN, {"error": "the request is not for this server"}
    try:
        if environ["REQUEST_METHOD"] == "GET":
            asked = {name: values[0] for name, values in parse_qs(environ.get("QUERY_STRING", "")).items()}
        else:
            asked = json.load(environ["wsgi.input"])
        return HTTPStatus.OK, call(asked)
    except (KeyError, TypeError, ValueError) as problem:
        return HTTPStatus.BAD_REQUEST, {"error": f"{type(problem).__name__}: {problem}"}
