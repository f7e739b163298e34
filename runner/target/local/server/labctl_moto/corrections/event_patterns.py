"""TestEventPattern.

It says whether a pattern matches an event, and refuses what is neither:
https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html
moto 5.2.1 answers nothing.
"""

import json

from moto.events.exceptions import ValidationException
from moto.events.models import EventPattern
from moto.events.responses import EventsHandler

FIELDS = ("id", "detail-type", "source", "account", "time", "region", "resources")


def test_event_pattern(self):
    try:
        event = json.loads(self._get_param("Event"))
    except ValueError:
        event = None
    if not isinstance(event, dict):
        raise ValidationException("Parameter Event is not valid.")
    missing = [f for f in FIELDS if f not in event]
    if missing:
        raise ValidationException(f"Parameter Event is not valid. Reason: it lacks {', '.join(missing)}.")
    return json.dumps({"Result": EventPattern.load(self._get_param("EventPattern")).matches_event(event)})


def apply() -> None:
    EventsHandler.test_event_pattern = test_event_pattern
