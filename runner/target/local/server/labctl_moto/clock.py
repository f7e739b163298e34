"""The clock of what is observed: metrics, log events and alarms.

It shows real time until the control loop sets it. A loop that runs at a speed of 60 makes a
simulated minute of each second. What CloudWatch dates is dated by this clock, and how old data may
be is judged by it; all other services know real time only.
"""

import time
from datetime import datetime, timezone


class Clock:
    def __init__(self) -> None:
        self.shown, self.set_at, self.speed = 0.0, 0.0, 1.0

    def set(self, now: float, speed: float) -> None:
        """Now is in milliseconds since the epoch, like all moments here."""
        self.shown, self.set_at, self.speed = now, time.time() * 1000, speed

    def millis(self) -> int:
        return int(self.shown + (time.time() * 1000 - self.set_at) * self.speed)


CLOCK = Clock()


def millis() -> int:
    return CLOCK.millis()


def moment(at: float) -> datetime:
    """A moment as moto has it: UTC that does not say so."""
    return datetime.fromtimestamp(at / 1000, timezone.utc).replace(tzinfo=None)


def since_epoch(at: datetime | str | float) -> int:
    """The milliseconds of a moment as requests have it."""
    if isinstance(at, str):
        at = datetime.fromisoformat(at.replace("Z", "+00:00"))
    if isinstance(at, datetime):
        at = at if at.tzinfo else at.replace(tzinfo=timezone.utc)
        return round(at.timestamp() * 1000)
    return round(at * 1000)


def java(at: float) -> str:
    """A moment in the form that CloudWatch writes in its messages: 2030-01-02T03:04:05.678+0000."""
    return f"{moment(at).isoformat(timespec='milliseconds')}+0000"
