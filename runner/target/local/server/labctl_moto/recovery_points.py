"""Recovery points and the jobs that make, copy and restore them.

The records behind the corrections of AWS Backup. A job is done, or has failed, when the call that
starts it returns; its states follow one another without time between them.
"""

from datetime import datetime

from labctl_moto.backup_copies import Failure
from moto.backup.models import BackupBackend, Vault, backup_backends
from moto.core.utils import unix_time
from moto.moto_api._internal import mock_random

DAY = 24 * 60 * 60


class RecoveryPoint:
    """A copy in a vault."""

    def __init__(self, vault: Vault, copy, resource_arn: str, role_arn: str, lifecycle: dict | None) -> None:
        self.vault, self.copy, self.resource_arn, self.role_arn = vault, copy, resource_arn, role_arn
        self.lifecycle, self.created = lifecycle or {}, unix_time()
        self.source_vault_arn: str | None = None

    def to_dict(self) -> dict:
        days = {"MoveToColdStorageAt": "MoveToColdStorageAfterDays", "DeleteAt": "DeleteAfterDays"}
        at = {k: self.created + self.lifecycle[v] * DAY for k, v in days.items() if self.lifecycle.get(v) is not None}
        return present(
            {
                "RecoveryPointArn": self.copy.arn,
                "BackupVaultName": self.vault.backup_vault_name,
                "BackupVaultArn": self.vault.backup_vault_arn,
                "SourceBackupVaultArn": self.source_vault_arn,
                "ResourceArn": self.resource_arn,
                "ResourceType": self.copy.type,
                "ResourceName": self.copy.name,
                "IamRoleArn": self.role_arn,
                "Status": "COMPLETED",
                "CreationDate": self.created,
                "CompletionDate": self.created,
                "BackupSizeInBytes": self.copy.size,
                "Lifecycle": self.lifecycle or None,
                "CalculatedLifecycle": at or None,
                "EncryptionKeyArn": self.copy.key,
                "IsEncrypted": bool(self.copy.key),
                "IsParent": False,
                "VaultType": "BACKUP_VAULT",
            }
        )


class Job:
    """A job of one of three kinds; the fields are those of the API."""

    def __init__(self, backend: BackupBackend, kind: str, fields: dict) -> None:
        self.backend, self.kind, self.id = backend, kind, str(mock_random.uuid4()).upper()
        # A restore job has a status where the others have a state.
        self.state_field = "Status" if kind == "Restore" else "State"
        self.fields = {
            f"{kind}JobId": self.id,
            "AccountId": backend.account_id,
            "CreationDate": unix_time(),
            **present(fields),
        }
        backend.jobs[kind][self.id] = self

    def enter(self, state: str, **fields) -> None:
        self.fields |= {self.state_field: state, **present(fields)}

    def run(self, work) -> dict:
        """Does the work, which returns further fields."""
        self.enter("CREATED")
        self.enter("RUNNING")
        try:
            fields = work()
        except Failure as failure:
            self.enter("FAILED", StatusMessage=str(failure), CompletionDate=unix_time(), PercentDone="0.0")
        else:
            self.enter("COMPLETED", CompletionDate=unix_time(), PercentDone="100.0", **fields)
        return self.fields


def present(fields: dict) -> dict:
    return {k: v for k, v in fields.items() if v is not None}


def add(point: RecoveryPoint, tags: dict[str, str]) -> RecoveryPoint:
    """Puts a new point into its vault."""
    account, region = point.vault.backup_vault_arn.split(":")[4], point.vault.backup_vault_arn.split(":")[3]
    backend = backup_backends[account][region]
    backend.recovery_points[point.vault.backup_vault_name][point.copy.arn] = point
    backend.tag_resource(point.copy.arn, {**point.copy.tags, **tags})
    return point


def refuse_short(vault: Vault, lifecycle: dict | None) -> None:
    """A locked vault takes no backup that it would have to keep for less, or more, than its lock says.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/API_PutBackupVaultLockConfiguration.html
    """
    days = (lifecycle or {}).get("DeleteAfterDays")
    if not vault.locked:
        return
    if vault.min_retention_days and days is not None and days < vault.min_retention_days:
        raise Failure(f"Retention of {days} days is shorter than the minimum of backup vault {vault.backup_vault_name}.")
    if vault.max_retention_days and (days is None or days > vault.max_retention_days):
        raise Failure(f"Retention is longer than the maximum of backup vault {vault.backup_vault_name}.")


def chosen(response, records: list[dict], **fields: str) -> list[dict]:
    """The records that match the query: what a parameter names equals the field, or is before or after it."""
    for parameter, field in fields.items():
        wanted = response.querystring.get(parameter, [None])[0]
        if wanted is None:
            continue
        if parameter.endswith("Before"):
            records = [r for r in records if r.get(field, 0) < moment(wanted)]
        elif parameter.endswith("After"):
            records = [r for r in records if r.get(field, 0) > moment(wanted)]
        else:
            records = [r for r in records if str(r.get(field)) == wanted]
    return records


def moment(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
