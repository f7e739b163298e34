"""What the control loop has to hear of: data points, log events and states set by hand, in the order in which they came.

The loop is the one reader. Its cursor says how far it has read; what lies before is forgotten. The
revision changes with each definition of an alarm or of a metric filter.
"""

LIMIT = 10_000  # entries in one answer


class Feed:
    def __init__(self) -> None:
        self.entries, self.first, self.revision = [], 0, 1

    def add(self, kind: str, backend, **entry) -> dict:
        added = {"kind": kind, "account": backend.account_id, "region": backend.region_name, **entry}
        self.entries.append(added)
        return added

    def redefined(self) -> None:
        self.revision += 1

    def read(self, cursor: int) -> dict:
        done = min(max(cursor - self.first, 0), len(self.entries))
        del self.entries[:done]
        self.first += done
        entries = self.entries[:LIMIT]
        return {"cursor": self.first + len(entries), "entries": entries, "more": len(entries) < len(self.entries)}


FEED = Feed()
