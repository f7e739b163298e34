"""Recovery points: found, kept, deleted.

A vault lists its recovery points, and counts them. None can be deleted, nor its lifecycle changed,
while the vault is locked or its policy denies it to the caller; and a vault with recovery points
can't be deleted:
https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DeleteRecoveryPoint.html
https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html
https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DeleteBackupVault.html
moto 5.2.1 has no recovery points. Here none moves to cold storage or expires.
"""

import json
from collections import defaultdict

from labctl_moto.corrections.backup_plans import check_lifecycle
from labctl_moto.corrections.vault_policies import refuse_denied, vault_of
from labctl_moto.patch import replace
from labctl_moto.recovery_points import RecoveryPoint, chosen
from moto.backup.exceptions import InvalidParameterValueException, InvalidRequestException, ResourceNotFoundException
from moto.backup.models import BackupBackend, Vault
from moto.backup.responses import BackupResponse
from moto.backup.urls import url_paths
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.elastic_block_store import EBSBackend, Snapshot


def found(response) -> RecoveryPoint:
    vault, arn = vault_of(response), response._get_param("recoveryPointArn")
    point = response.backup_backend.recovery_points[vault.backup_vault_name].get(arn)
    if point is None:
        raise ResourceNotFoundException(f"Cannot find recovery point {arn} in backup vault {vault.backup_vault_name}")
    return point


def refuse_locked(point: RecoveryPoint) -> None:
    if point.vault.locked:
        raise InvalidParameterValueException(
            f"Recovery point {point.copy.arn} is protected by the lock of backup vault {point.vault.backup_vault_name}"
        )


def list_recovery_points_by_backup_vault(self):
    points = self.backup_backend.recovery_points[vault_of(self).backup_vault_name].values()
    listed = chosen(
        self,
        [p.to_dict() for p in points],
        **{"resourceArn": "ResourceArn", "resourceType": "ResourceType"},
        **{"createdBefore": "CreationDate", "createdAfter": "CreationDate"},
    )
    return json.dumps({"RecoveryPoints": listed})


def list_recovery_points_by_resource(self):
    arn, vaults = self._get_param("resourceArn"), self.backup_backend.recovery_points.values()
    points = [p.to_dict() for points in vaults for p in points.values() if p.resource_arn == arn]
    return json.dumps({"RecoveryPoints": [p | {"BackupSizeBytes": p["BackupSizeInBytes"]} for p in points]})


def describe_recovery_point(self):
    return json.dumps(found(self).to_dict() | {"StorageClass": "WARM"})


def get_recovery_point_restore_metadata(self):
    point = found(self)
    return json.dumps(
        {
            "BackupVaultArn": point.vault.backup_vault_arn,
            "RecoveryPointArn": point.copy.arn,
            "ResourceType": point.copy.type,
            "RestoreMetadata": point.copy.restore_metadata(),
        }
    )


def update_recovery_point_lifecycle(self):
    point, lifecycle = found(self), self._get_param("Lifecycle") or {}
    refuse_denied(self, point.vault, "backup:UpdateRecoveryPointLifecycle", point.copy.arn)
    refuse_locked(point)
    check_lifecycle(lifecycle)
    point.lifecycle = lifecycle
    answer = point.to_dict()
    wanted = ("BackupVaultArn", "RecoveryPointArn", "Lifecycle", "CalculatedLifecycle")
    return json.dumps({k: answer[k] for k in wanted if k in answer})


def delete_recovery_point(self):
    point = found(self)
    refuse_denied(self, point.vault, "backup:DeleteRecoveryPoint", point.copy.arn)
    refuse_locked(point)
    point.copy.delete()
    del self.backup_backend.recovery_points[point.vault.backup_vault_name][point.copy.arn]
    self.backup_backend.tagger.delete_all_tags_for_resource(point.copy.arn)
    return "{}"


CALLS = (
    *(list_recovery_points_by_backup_vault, list_recovery_points_by_resource, describe_recovery_point),
    *(get_recovery_point_restore_metadata, update_recovery_point_lifecycle, delete_recovery_point),
)


def apply() -> None:
    for call in CALLS:
        setattr(BackupResponse, call.__name__, call)
    url_paths["{0}/backup-vaults/(?P<name>[^/]+)/recovery-points/$"] = BackupResponse.dispatch
    url_paths["{0}/backup-vaults/(?P<name>[^/]+)/recovery-points/(?P<arn>.+)$"] = BackupResponse.dispatch
    url_paths["{0}/resources/(?P<arn>.+)/recovery-points/$"] = BackupResponse.dispatch
    Snapshot.of_backup = False

    @replace(BackupBackend, "__init__")
    def init(original, self, *args, **kwargs):
        original(self, *args, **kwargs)
        self.recovery_points: dict[str, dict[str, RecoveryPoint]] = defaultdict(dict)

    @replace(BackupBackend, "describe_backup_vault")
    def describe(original, self, backup_vault_name):
        return counted(self, original(self, backup_vault_name))

    @replace(BackupBackend, "list_backup_vaults")
    def list_vaults(original, self):
        return [counted(self, v) for v in original(self)]

    @replace(BackupBackend, "delete_backup_vault")
    def delete_vault(original, self, backup_vault_name):
        if self.recovery_points.get(backup_vault_name):
            raise InvalidRequestException("Backup vault cannot be deleted because it contains recovery points.")
        original(self, backup_vault_name)

    @replace(EBSBackend, "delete_snapshot")
    def delete_snapshot(original, self, snapshot_id):
        if snapshot_id in self.snapshots and self.snapshots[snapshot_id].of_backup:
            raise EC2ClientError(
                "InvalidParameterValue",
                f"This snapshot {snapshot_id} is managed by the AWS Backup service and cannot be deleted via EC2 APIs.",
            )
        return original(self, snapshot_id)


def counted(backend: BackupBackend, vault: Vault) -> Vault:
    vault.num_of_recovery_points = len(backend.recovery_points[vault.backup_vault_name])
    vault.number_of_recovery_points = vault.num_of_recovery_points
    return vault
