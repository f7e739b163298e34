"""Traces of X-Ray, put together from the segment documents of which they are made.

https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
"""

import json


def kept(backend) -> dict[str, dict[str, dict]]:
    """The documents by trace and segment. A segment that has ended takes the place of itself in progress."""
    return backend.__dict__.setdefault("trace_documents", {})


def keep(backend, document: dict) -> None:
    kept(backend).setdefault(document["trace_id"], {})[document["id"]] = document


class Trace:
    """Some documents of a trace: all of them, or those of one service."""

    def __init__(self, documents: list[dict]) -> None:
        self.documents = sorted(documents, key=lambda d: d["start_time"])

    def of(self, service: str) -> "Trace":
        return Trace([d for d in self.documents if d["name"] == service])

    @property
    def root(self) -> dict:
        return next((d for d in self.documents if not d.get("parent_id")), self.documents[0])

    @property
    def partial(self) -> bool:
        return any("end_time" not in d for d in self.documents)

    @property
    def duration(self) -> float:
        ends = [d["end_time"] for d in self.documents if "end_time" in d]
        return max(ends) - self.documents[0]["start_time"] if ends else 0.0

    @property
    def response_time(self) -> float:
        return self.root["end_time"] - self.root["start_time"] if "end_time" in self.root else 0.0

    def flag(self, name: str) -> bool:
        """Error and fault are those of the answer, a throttle may be anywhere."""
        documents = self.documents if name == "throttle" else [self.root]
        return any(bool(d.get(name)) for d in documents)

    def http(self) -> dict:
        """What the trace says of its request."""
        asked, answered = (self.root.get("http", {}).get(part, {}) for part in ("request", "response"))
        names = {"method": "HttpMethod", "url": "HttpURL", "user_agent": "UserAgent", "client_ip": "ClientIp"}
        shown = {shown: asked[given] for given, shown in names.items() if given in asked}
        return {**shown, "HttpStatus": int(answered["status"])} if "status" in answered else shown

    def users(self) -> list[str]:
        return list(dict.fromkeys(d["user"] for d in self.documents if d.get("user")))

    def annotations(self) -> dict[str, list]:
        """The values of each annotation, with the names of the services that gave them."""
        found: dict[str, dict] = {}
        for document in self.documents:
            for part in parts(document):
                for name, value in (part.get("annotations") or {}).items():
                    found.setdefault(name, {}).setdefault(json.dumps(value), []).append(document["name"])
        return {name: [(json.loads(v), services) for v, services in values.items()] for name, values in found.items()}


def parts(document: dict):
    """A segment and all its subsegments."""
    yield document
    for sub in document.get("subsegments") or ():
        yield from parts(sub)
