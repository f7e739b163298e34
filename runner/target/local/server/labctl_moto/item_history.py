"""What the items of a table were at a moment of the past.

A history begins when point-in-time recovery is turned on, with a copy of the items, and notes each
item that is written or deleted afterwards. It is not thinned out: it lasts as long as the server.
"""

import copy
from datetime import datetime, timezone


class History:
    def __init__(self, items) -> None:
        self.began, self.base, self.entries = now(), copy.deepcopy(items), []

    def __deepcopy__(self, _memo):
        """What was noted never changes, so a copy of the table may share it."""
        twin = History.__new__(History)
        twin.began, twin.base, twin.entries = self.began, self.base, list(self.entries)
        return twin

    def note(self, hash_key, range_key, item) -> None:
        self.entries.append((now(), hash_key, range_key, copy.deepcopy(item)))

    def at(self, moment: datetime):
        """The items as they were then, in the form in which a table holds them."""
        items = copy.deepcopy(self.base)
        for when, hash_key, range_key, item in self.entries:
            if when > moment:
                break
            place, key = (items[hash_key], range_key) if range_key else (items, hash_key)
            if item is None:
                place.pop(key, None)
            else:
                place[key] = copy.deepcopy(item)
        return items


def now() -> datetime:
    return datetime.now(timezone.utc)
