"""Point-in-time recovery of DynamoDB.

A table with recovery can be restored to any moment between the earliest one, at most 35 days ago or
when recovery was turned on, and the latest one, which moves along some minutes behind the present.
Other moments are refused, and so is a table without recovery. The restored table has the items of
that moment:
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_RestoreTableToPointInTime.html
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PointInTimeRecoveryDescription.html
moto 5.2.1 restores the newest items whatever the moment, also without recovery, and the latest
moment stands still.

Here LAG, two seconds, stands for the five minutes that are typical of AWS, so that a drill need not
wait for them. Indexes and settings are those of now, not of then.
"""

from datetime import datetime, timedelta, timezone

from labctl_moto.item_history import History, now
from labctl_moto.patch import replace
from moto.core.exceptions import JsonRESTError
from moto.dynamodb.exceptions import MockValidationException, PointInTimeRecoveryUnavailable, SourceTableNotFoundException
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler

LAG = timedelta(seconds=2)
DAYS = 35  # the recovery period where none is asked for


class InvalidRestoreTime(JsonRESTError):
    def __init__(self, earliest: datetime, latest: datetime) -> None:
        kind = "com.amazonaws.dynamodb.v20120810#InvalidRestoreTimeException"
        super().__init__(kind, f"An invalid restore time was specified. RestoreDateTime must be between {earliest} and {latest}.")


def window(table: Table) -> tuple[datetime, datetime]:
    days = table.continuous_backups["PointInTimeRecoveryDescription"].get("RecoveryPeriodInDays", DAYS)
    earliest = max(table.history.began, now() - timedelta(days=days))
    return earliest, max(earliest, now() - LAG)


def refresh(table: Table) -> dict:
    description = table.continuous_backups["PointInTimeRecoveryDescription"]
    if table.history:
        earliest, latest = window(table)
        description["EarliestRestorableDateTime"] = earliest.timestamp()
        description["LatestRestorableDateTime"] = latest.timestamp()
    return table.continuous_backups


def source(response) -> Table:
    name, arn = response.body.get("SourceTableName"), response.body.get("SourceTableArn")
    for table in list(response.dynamodb_backend.tables.values()):
        if table.name == name or table.table_arn == arn:
            return table
    raise SourceTableNotFoundException(name or arn)


def asked_moment(body: dict, table: Table) -> datetime:
    earliest, latest = window(table)
    asked, newest = body.get("RestoreDateTime"), body.get("UseLatestRestorableTime")
    if bool(newest) == (asked is not None):
        raise MockValidationException("Specify either RestoreDateTime or UseLatestRestorableTime.")
    if newest:
        return latest
    moment = asked.replace(tzinfo=timezone.utc)
    # The SDKs send whole milliseconds, so that the earliest moment itself comes back a little earlier.
    if not earliest - timedelta(milliseconds=1) <= moment <= latest:
        raise InvalidRestoreTime(earliest, latest)
    return moment


def apply() -> None:
    Table.history = None
    note_changes()

    @replace(DynamoDBBackend, "describe_continuous_backups")
    def describe(original, self, table_name):
        original(self, table_name)
        return refresh(self.get_table(table_name))

    @replace(DynamoDBBackend, "update_continuous_backups")
    def update(original, self, table_name, point_in_time_spec):
        original(self, table_name, point_in_time_spec)
        table = self.get_table(table_name)
        if not point_in_time_spec["PointInTimeRecoveryEnabled"]:
            table.history = None
        elif table.history is None:
            table.history = History(table.items)
        return refresh(table)

    @replace(DynamoHandler, "restore_table_to_point_in_time")
    def restore(original, self):
        table = source(self)
        if table.history is None:
            raise PointInTimeRecoveryUnavailable(table.name)
        moment = asked_moment(self.body, table)
        self.body["SourceTableName"] = table.name
        answer = original(self)
        restored = self.dynamodb_backend.tables[self.body["TargetTableName"]]
        restored.items, restored.restore_date_time = table.history.at(moment), moment
        return answer


def note_changes() -> None:
    @replace(Table, "put_item")
    def put(original, self, *args, **kwargs):
        item = original(self, *args, **kwargs)
        if self.history:
            self.history.note(item.hash_key, item.range_key, item)
        return item

    @replace(Table, "delete_item")
    def delete(original, self, hash_key, range_key):
        item = original(self, hash_key, range_key)
        if self.history and item is not None:
            self.history.note(hash_key, range_key, None)
        return item

    @replace(DynamoDBBackend, "update_item")
    def update(original, self, table_name, *args, **kwargs):
        item = original(self, table_name, *args, **kwargs)
        table = self.get_table(table_name)
        if table.history:
            table.history.note(item.hash_key, item.range_key, item)
        return item
