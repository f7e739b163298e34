"""The times of log events.

PutLogEvents rejects events of more than 14 days ago and more than two hours ahead, takes the others,
and says where the old ones end (exclusive) and the new ones begin (inclusive):
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_RejectedLogEventsInfo.html
moto 5.2.1 names the last old event and the last new one instead.
"""

from labctl_moto import clock
from labctl_moto.feed import FEED
from labctl_moto.patch import replace
from moto.logs.exceptions import InvalidParameterException, ResourceNotFoundException
from moto.logs.models import LogsBackend

HOUR = 60 * 60 * 1000
OLDEST, NEWEST = 14 * 24 * HOUR, 2 * HOUR


def ingest(backend, group, stream: str, events: list[dict]) -> str:
    """Stores events, and tells the loop of them where metric filters look at the log group."""
    token = group.put_log_events(stream, events)
    if events and backend.filters.get_matching_filters(log_group_name=group.name):
        where = {"group": group.name, "stream": stream, "ingested": clock.millis()}
        for event in events:
            FEED.add("line", backend, **where, at=event["timestamp"], message=event["message"])
    return token


def apply() -> None:
    @replace(LogsBackend, "put_log_events")
    def put(_original, self, log_group_name, log_stream_name, log_events):
        group = self.groups.get(log_group_name)
        if not group:
            raise ResourceNotFoundException()
        times = [event["timestamp"] for event in log_events]
        if times != sorted(times):
            raise InvalidParameterException("Log events in a single PutLogEvents request must be in chronological order.")
        now = clock.millis()
        old, new = sum(t < now - OLDEST for t in times), sum(t > now + NEWEST for t in times)
        rejected = {"tooOldLogEventEndIndex": old} if old else {}
        if new:
            rejected["tooNewLogEventStartIndex"] = len(times) - new
        return ingest(self, group, log_stream_name, log_events[old : len(times) - new]), rejected
