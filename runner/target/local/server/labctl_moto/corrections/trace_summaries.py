"""Traces.

GetTraceSummaries returns the traces that began in a time range and fit a filter expression, with
what their segments say together; BatchGetTraces returns the segments of each trace:
https://docs.aws.amazon.com/xray/latest/api/API_GetTraceSummaries.html
https://docs.aws.amazon.com/xray/latest/api/API_TraceSummary.html
https://docs.aws.amazon.com/xray/latest/api/API_BatchGetTraces.html
moto 5.2.1 answers 500 to a filter expression, takes "fault": false for a fault, and makes up duration
and response time. Subsegments that were sent apart stay documents of their own here; services that
only others speak of, and root causes, are not shown.
"""

import json

from labctl_moto import traces
from labctl_moto.patch import replace
from labctl_moto.trace_documents import Trace, keep, kept
from labctl_moto.trace_filters import Unreadable, read
from moto.xray.models import XRayBackend
from moto.xray.responses import XRayResponse

MOST = 5  # traces of one BatchGetTraces
KINDS = {bool: "BooleanValue", int: "NumberValue", float: "NumberValue", str: "StringValue"}


def began(trace_id: str, trace: Trace) -> float:
    """The moment that the id of a trace has in it: 1-58406520-a006649127e371903a2de979."""
    try:
        return int(trace_id.split("-")[1], 16)
    except (IndexError, ValueError):
        return trace.documents[0]["start_time"]


def service(backend, document: dict) -> dict:
    shown = {"Name": document["name"], "Names": [document["name"]], "AccountId": backend.account_id}
    return {**shown, "Type": document["origin"]} if document.get("origin") else shown


def summary(backend, trace_id: str, trace: Trace) -> dict:
    by_name = {d["name"]: service(backend, d) for d in trace.documents}
    return {
        "Id": trace_id,
        "StartTime": trace.documents[0]["start_time"],
        "Duration": round(trace.duration, 3),
        "ResponseTime": round(trace.response_time, 3),
        "HasFault": trace.flag("fault"),
        "HasError": trace.flag("error"),
        "HasThrottle": trace.flag("throttle"),
        "IsPartial": trace.partial,
        "Http": trace.http(),
        "Annotations": {
            name: [
                {"AnnotationValue": {KINDS[type(value)]: value}, "ServiceIds": [by_name[s] for s in dict.fromkeys(services)]}
                for value, services in values
            ]
            for name, values in trace.annotations().items()
        },
        "Users": [{"UserName": user, "ServiceIds": []} for user in trace.users()],
        "ServiceIds": list(by_name.values()),
        "EntryPoint": by_name[trace.root["name"]],
        "Revision": len(trace.documents),
    }


def get_trace_summaries(self):
    start, end = self._get_param("StartTime"), self._get_param("EndTime")
    if start is None or end is None or start >= end:
        raise traces.InvalidRequest("StartTime must be before EndTime.")
    try:
        fits = read(self._get_param("FilterExpression") or "")
    except Unreadable as problem:
        raise traces.InvalidRequest(f"Invalid filter expression: {problem}") from problem
    backend, found = self.xray_backend, []
    for trace_id, documents in kept(backend).items():
        trace = Trace(list(documents.values()))
        if start <= began(trace_id, trace) <= end and fits(trace):
            found.append(summary(backend, trace_id, trace))
    return traces.answer({"TraceSummaries": found, "ApproximateTime": end, "TracesProcessedCount": len(kept(backend))})


def batch_get_traces(self):
    asked = self._get_param("TraceIds") or []
    if len(asked) > MOST:
        raise traces.InvalidRequest(f"{MOST} trace IDs at most can be asked for.")
    have, found = kept(self.xray_backend), []
    for trace_id in filter(have.__contains__, dict.fromkeys(asked)):
        trace = Trace(list(have[trace_id].values()))
        segments = [{"Id": d["id"], "Document": json.dumps(d)} for d in trace.documents]
        found.append({"Id": trace_id, "Duration": round(trace.duration, 3), "LimitExceeded": False, "Segments": segments})
    return traces.answer({"Traces": found, "UnprocessedTraceIds": [t for t in asked if t not in have]})


def apply() -> None:
    replace(XRayResponse, "trace_summaries")(lambda _original, self: get_trace_summaries(self))
    replace(XRayResponse, "traces")(lambda _original, self: batch_get_traces(self))

    @replace(XRayBackend, "process_segment")
    def process(original, self, doc):
        original(self, doc)  # which refuses what is no segment
        keep(self, json.loads(doc))
