"""Deleted tables of DynamoDB.

DeleteTable answers with a table that is being deleted. A table with point-in-time recovery leaves a
system backup of its last state, from which it can be restored; ListBackups returns it only where it
is asked for. A table with deletion protection stays:
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteTable.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListBackups.html
moto 5.2.1 answers with an active table and keeps nothing. Here the table is gone at once, and the
backup does not expire after its 35 days.
"""

from labctl_moto.patch import replace
from moto.dynamodb.exceptions import DeletionProtectedException, MockValidationException
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Backup
from moto.dynamodb.responses import DynamoHandler

PROTECTED = "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first."


def recovers(table) -> bool:
    description = table.continuous_backups["PointInTimeRecoveryDescription"]
    return description["PointInTimeRecoveryStatus"] == "ENABLED"


def apply() -> None:
    @replace(DynamoDBBackend, "delete_table")
    def delete(original, self, name):
        try:
            table = original(self, name)
        except DeletionProtectedException as refused:
            raise MockValidationException(PROTECTED) from refused
        if recovers(table):
            backup = Backup(self.account_id, self.region_name, f"{table.name}$DeletedTableBackup", table, type_="SYSTEM")
            self.backups[backup.arn] = backup
        return table

    @replace(DynamoHandler, "delete_table")
    def respond(original, self):
        answer = original(self)
        answer.result["TableDescription"]["TableStatus"] = "DELETING"
        return answer

    @replace(DynamoHandler, "list_backups")
    def list_backups(original, self):
        wanted, answer = self.body.get("BackupType", "USER"), original(self)
        kept = [b for b in answer.result["BackupSummaries"] if wanted in ("ALL", b["BackupType"])]
        answer.result["BackupSummaries"] = kept
        return answer
