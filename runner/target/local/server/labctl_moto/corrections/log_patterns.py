"""Filter patterns.

TestMetricFilter says which messages a pattern matches and what it extracts from them;
FilterLogEvents returns the events that match, of all streams in the order of time:
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TestMetricFilter.html
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
moto 5.2.1 answers 500 to the one, and in the other matches everything with a pattern that is more
than words, stream by stream. Here the engine answers that judges metric filters; a call is refused
where the documentation does not decide.
"""

import json

from labctl_moto import engine
from labctl_moto.patch import replace
from moto.logs.exceptions import InvalidParameterException
from moto.logs.models import LogGroup, LogStream
from moto.logs.responses import LogsResponse


def match(pattern: str, messages: list[str]) -> list[dict]:
    answer = engine.ask("match", pattern=pattern, messages=messages)
    if problem := engine.refusal(answer):
        raise InvalidParameterException(f"Invalid filter pattern: {problem}")
    return answer["matches"]


def test_metric_filter(self) -> str:
    messages = self._get_param("logEventMessages")
    matches = match(self._get_param("filterPattern"), messages)
    return json.dumps(
        {
            "matches": [
                {"eventNumber": number, "eventMessage": message, "extractedValues": found["fields"] or {}}
                for number, (message, found) in enumerate(zip(messages, matches), 1)
                if found["matched"]
            ]
        }
    )


def apply() -> None:
    LogsResponse.test_metric_filter = test_metric_filter

    @replace(LogStream, "filter_log_events")
    def of_stream(original, self, start_time, end_time, filter_pattern):
        events = original(self, start_time, end_time, "")
        if not filter_pattern:
            return events
        found = match(filter_pattern, [event["message"] for event in events])
        return [event for event, f in zip(events, found) if f["matched"]]

    @replace(LogGroup, "filter_log_events")
    def of_group(original, self, *args):
        return original(self, *args[:-1], True)  # "interleaved" is ignored, and true
