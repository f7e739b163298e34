"""Backup vaults.

A vault without a key of its own is encrypted with the one that AWS Backup brings along. A vault that
is not there can't be deleted:
https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateBackupVault.html
https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DeleteBackupVault.html
moto 5.2.1 returns no key, and takes the deletion of an unknown vault for done.
"""

from labctl_moto.patch import replace
from moto.backup.models import BackupBackend
from moto.kms.models import kms_backends

MANAGED = "alias/aws/backup"


def managed_key(account: str, region: str) -> str:
    """The ARN of AWS Backup's key in the region, which is made when it is first needed."""
    kms = kms_backends[account][region]
    if not kms.alias_exists(MANAGED):
        key = kms.create_key("", "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", "Default key that protects my backups", None)
        kms.create_alias(key.id, MANAGED)
    return kms.describe_key(MANAGED).arn


def apply() -> None:
    @replace(BackupBackend, "create_backup_vault")
    def create(original, self, *args, **kwargs):
        vault = original(self, *args, **kwargs)
        vault.encryption_key_arn = vault.encryption_key_arn or managed_key(self.account_id, self.region_name)
        return vault

    @replace(BackupBackend, "delete_backup_vault")
    def delete(original, self, backup_vault_name):
        original(self, self.describe_backup_vault(backup_vault_name).backup_vault_name)
