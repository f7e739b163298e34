"""Restored tables of DynamoDB.

A restored table has the billing mode, the capacity and the encryption of its source, unless others
are asked for; tags, stream, time to live, recovery and deletion protection it has not:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/backuprestore_HowItWorks.html
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_RestoreTableFromBackup.html
moto 5.2.1 loses billing mode and encryption, and takes no overrides. Overrides of indexes are not
shown here.
"""

from labctl_moto.patch import replace
from labctl_moto.tables import keep_settings
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.responses import DynamoHandler, DynamoResult

OVERRIDES = ("BillingModeOverride", "ProvisionedThroughputOverride", "SSESpecificationOverride")

def apply() -> None:
    @replace(DynamoDBBackend, "restore_table_from_backup")
    def from_backup(original, self, target_table_name, backup_arn):
        source = self.get_backup(backup_arn).table
        return keep_settings(original(self, target_table_name, backup_arn), source)

    @replace(DynamoDBBackend, "restore_table_to_point_in_time")
    def to_moment(original, self, target_table_name, source_table_name):
        table = original(self, target_table_name, source_table_name)
        return keep_settings(table, self.get_table(source_table_name))

    for call in ("restore_table_from_backup", "restore_table_to_point_in_time"):

        @replace(DynamoHandler, call)
        def respond(original, self):
            original(self)
            table = self.dynamodb_backend.tables[self.body["TargetTableName"]]
            return DynamoResult(keep_settings(table, table, *(self.body.get(name) for name in OVERRIDES)).describe())
