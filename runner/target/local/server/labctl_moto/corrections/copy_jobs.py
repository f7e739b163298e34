"""Copy jobs.

StartCopyJob copies a recovery point into another vault, in another region or account, with a
lifecycle of its own and the key of that vault. A vault of another account takes copies only where
its policy allows that account to put them there:
https://docs.aws.amazon.com/aws-backup/latest/devguide/API_StartCopyJob.html
https://docs.aws.amazon.com/aws-backup/latest/devguide/create-cross-account-backup.html
moto 5.2.1 has no jobs.
"""

import json

from labctl_moto.backup_copies import Failure
from labctl_moto.backup_roles import check_role
from labctl_moto.corrections.backup_jobs import found
from labctl_moto.corrections.backup_plans import check_lifecycle
from labctl_moto.recovery_points import Job, RecoveryPoint, add, chosen, refuse_short
from labctl_moto.resource_policies import Principal, allows
from moto.backup.exceptions import InvalidParameterValueException, ResourceNotFoundException
from moto.backup.models import Vault, backup_backends
from moto.backup.responses import BackupResponse
from moto.backup.urls import url_paths


def destination(arn: str) -> Vault:
    parts = arn.split(":")
    if len(parts) != 7 or parts[5] != "backup-vault":
        raise InvalidParameterValueException(f"{arn} is not the ARN of a backup vault")
    return backup_backends[parts[4]][parts[3]].describe_backup_vault(parts[6])


def start_copy_job(self):
    backend, lifecycle = self.backup_backend, self._get_param("Lifecycle")
    source = backend.describe_backup_vault(self._get_param("SourceBackupVaultName"))
    point = backend.recovery_points[source.backup_vault_name].get(self._get_param("RecoveryPointArn"))
    if point is None:
        raise ResourceNotFoundException(f"Cannot find recovery point {self._get_param('RecoveryPointArn')}")
    vault, role = destination(self._get_param("DestinationBackupVaultArn")), self._get_param("IamRoleArn")
    check_lifecycle(lifecycle)
    check_role(self.current_account, role)
    fields = {
        "SourceBackupVaultArn": source.backup_vault_arn,
        "SourceRecoveryPointArn": point.copy.arn,
        "DestinationBackupVaultArn": vault.backup_vault_arn,
        "ResourceArn": point.resource_arn,
        "ResourceType": point.copy.type,
        "ResourceName": point.copy.name,
        "BackupSizeInBytes": point.copy.size,
        "IamRoleArn": role,
    }

    def work() -> dict:
        refuse_stranger(vault, backend.account_id)
        refuse_short(vault, lifecycle)
        _, _, _, region, account, _, _ = vault.backup_vault_arn.split(":")
        copy = point.copy.move(account, region, vault.encryption_key_arn)
        made = add(RecoveryPoint(vault, copy, point.resource_arn, role, lifecycle), backend.list_tags(point.copy.arn))
        made.source_vault_arn = source.backup_vault_arn
        return {"DestinationRecoveryPointArn": copy.arn}

    done = Job(backend, "Copy", fields).run(work)
    return json.dumps({k: done[k] for k in ("CopyJobId", "CreationDate")})


def refuse_stranger(vault: Vault, account: str) -> None:
    who = Principal(f"arn:aws:iam::{account}:root", account)
    if vault.backup_vault_arn.split(":")[4] == account:
        return
    if not allows(vault.access_policy, who, "backup:CopyIntoBackupVault", vault.backup_vault_arn, {}):
        raise Failure(f"Access policy of {vault.backup_vault_arn} does not allow account {account} to copy into it.")


def describe_copy_job(self):
    return json.dumps({"CopyJob": found(self, "Copy").fields})


def list_copy_jobs(self):
    listed = chosen(
        self,
        [j.fields for j in reversed(self.backup_backend.jobs["Copy"].values())],
        **{"resourceArn": "ResourceArn", "resourceType": "ResourceType", "destinationVaultArn": "DestinationBackupVaultArn"},
        **{"state": "State", "createdBefore": "CreationDate", "createdAfter": "CreationDate"},
    )
    return json.dumps({"CopyJobs": listed})


def apply() -> None:
    for call in (start_copy_job, describe_copy_job, list_copy_jobs):
        setattr(BackupResponse, call.__name__, call)
    url_paths["{0}/copy-jobs/?$"] = BackupResponse.dispatch
    url_paths["{0}/copy-jobs/(?P<job>[^/]+)$"] = BackupResponse.dispatch
