"""Events that services of AWS put on the default event bus."""

import copy
import json
import sys
import traceback

from moto.core.utils import unix_time
from moto.events.models import events_backends
from moto.moto_api._internal import mock_random


def emit(account: str, region: str, source: str, detail_type: str, resources: list[str], detail: dict) -> None:
    """Delivers an event to the rules of the account. A target that can't be reached harms nobody else."""
    event = {
        "version": "0",
        "id": str(mock_random.uuid4()),
        "detail-type": detail_type,
        "source": source,
        "account": account,
        "time": unix_time(),
        "region": region,
        "resources": resources,
        "detail": json.loads(json.dumps(detail)),
        "ingestion-time": unix_time(),
    }
    for rule in list(events_backends[account][region].event_buses["default"].rules.values()):
        try:
            rule.send_to_targets(copy.deepcopy(event))
        except Exception:
            traceback.print_exc(file=sys.stderr)
