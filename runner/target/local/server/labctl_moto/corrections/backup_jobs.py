"""Backup jobs.

StartBackupJob copies a resource into a vault, with a role that AWS Backup can assume, and makes a
recovery point with the resource's tags and those asked for. A job whose retention is outside of what
the vault's lock demands fails:
https://docs.aws.amazon.com/aws-backup/latest/devguide/API_StartBackupJob.html
https://docs.aws.amazon.com/aws-backup/latest/devguide/API_PutBackupVaultLockConfiguration.html
moto 5.2.1 has no jobs. Here tables, volumes and buckets with versioning are copied, at once; what the
role may do is not looked at, and no window expires.
"""

import json

from labctl_moto.backup_copies import Failure, kind_of
from labctl_moto.backup_roles import check_role
from labctl_moto.corrections.backup_plans import check_lifecycle
from labctl_moto.corrections.vault_policies import refuse_denied
from labctl_moto.patch import replace
from labctl_moto.recovery_points import Job, RecoveryPoint, add, chosen, refuse_short
from moto.backup.exceptions import InvalidParameterValueException, InvalidRequestException, ResourceNotFoundException
from moto.backup.models import BackupBackend
from moto.backup.responses import BackupResponse
from moto.backup.urls import url_paths

KINDS = ("Backup", "Copy", "Restore")


def start_backup_job(self):
    backend, arn = self.backup_backend, self._get_param("ResourceArn")
    vault, lifecycle = backend.describe_backup_vault(self._get_param("BackupVaultName")), self._get_param("Lifecycle")
    refuse_denied(self, vault, "backup:StartBackupJob")
    check_lifecycle(lifecycle)
    check_role(self.current_account, self._get_param("IamRoleArn"))
    kind = kind_of(arn)
    if kind is None:
        raise InvalidParameterValueException(f"Unsupported resource type: {arn}")
    fields = {
        "ResourceArn": arn,
        "ResourceType": kind.type,
        "BackupVaultName": vault.backup_vault_name,
        "BackupVaultArn": vault.backup_vault_arn,
        "IamRoleArn": self._get_param("IamRoleArn"),
    }

    def work() -> dict:
        refuse_short(vault, lifecycle)
        copy = kind.take(backend.account_id, backend.region_name, arn, vault.encryption_key_arn)
        if copy is None:
            raise Failure(f"Cannot find {kind.type} resource {arn}")
        add(RecoveryPoint(vault, copy, arn, fields["IamRoleArn"], lifecycle), self._get_param("RecoveryPointTags") or {})
        return {"RecoveryPointArn": copy.arn, "BackupSizeInBytes": copy.size, "BytesTransferred": copy.size, "ResourceName": copy.name}

    done = Job(backend, "Backup", fields).run(work)
    return json.dumps({k: done[k] for k in ("BackupJobId", "CreationDate", "RecoveryPointArn") if k in done})


def found(response, kind: str) -> Job:
    job_id = response._get_param(f"{kind.lower()}JobId")
    job = response.backup_backend.jobs[kind].get(job_id)
    if job is None:
        raise ResourceNotFoundException(f"Cannot find {kind.lower()} job {job_id}")
    return job


def describe_backup_job(self):
    return json.dumps(found(self, "Backup").fields)


def stop_backup_job(self):
    job = found(self, "Backup")
    raise InvalidRequestException(f"Backup job {job.id} is {job.fields['State']} and cannot be stopped.")


def list_backup_jobs(self):
    jobs = [j.fields for j in reversed(self.backup_backend.jobs["Backup"].values())]
    listed = chosen(
        self,
        jobs,
        **{"resourceArn": "ResourceArn", "resourceType": "ResourceType", "backupVaultName": "BackupVaultName"},
        **{"state": "State", "createdBefore": "CreationDate", "createdAfter": "CreationDate"},
    )
    return json.dumps({"BackupJobs": listed})


def apply() -> None:
    for call in (start_backup_job, describe_backup_job, stop_backup_job, list_backup_jobs):
        setattr(BackupResponse, call.__name__, call)
    url_paths["{0}/backup-jobs/?$"] = BackupResponse.dispatch
    url_paths["{0}/backup-jobs/(?P<job>[^/]+)$"] = BackupResponse.dispatch

    @replace(BackupBackend, "__init__")
    def init(original, self, *args, **kwargs):
        original(self, *args, **kwargs)
        self.jobs: dict[str, dict[str, Job]] = {kind: {} for kind in KINDS}
