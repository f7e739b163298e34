"""Restore jobs.

StartRestoreJob makes a resource out of a recovery point, under the metadata that its kind asks for,
and names what it has made. Tags come along only where the job is asked to copy them:
https://docs.aws.amazon.com/aws-backup/latest/devguide/API_StartRestoreJob.html
https://docs.aws.amazon.com/aws-backup/latest/devguide/restoring-dynamodb.html
https://docs.aws.amazon.com/aws-backup/latest/devguide/restoring-ebs.html
https://docs.aws.amazon.com/aws-backup/latest/devguide/restoring-s3.html
moto 5.2.1 has no jobs.
"""

import json

from labctl_moto.backup_roles import check_role
from labctl_moto.corrections.backup_jobs import found
from labctl_moto.recovery_points import Job, RecoveryPoint, chosen
from moto.backup.exceptions import BackupClientError, ResourceNotFoundException
from moto.backup.responses import BackupResponse
from moto.backup.urls import url_paths


def point_of(response) -> RecoveryPoint:
    arn = response._get_param("RecoveryPointArn")
    for points in response.backup_backend.recovery_points.values():
        if arn in points:
            return points[arn]
    raise ResourceNotFoundException(f"Cannot find recovery point {arn}")


def start_restore_job(self):
    backend, point, asked = self.backup_backend, point_of(self), self._get_param("Metadata") or {}
    missing = [name for name in point.copy.required if not asked.get(name)]
    if missing:
        raise BackupClientError("MissingParameterValueException", f"Restore metadata lacks {', '.join(missing)}")
    if self._get_param("IamRoleArn"):
        check_role(self.current_account, self._get_param("IamRoleArn"))
    tags = backend.list_tags(point.copy.arn) if self._get_param("CopySourceTagsToRestoredResource") else {}
    fields = {
        "RecoveryPointArn": point.copy.arn,
        "RecoveryPointCreationDate": point.created,
        "BackupVaultArn": point.vault.backup_vault_arn,
        "SourceResourceArn": point.resource_arn,
        "ResourceType": point.copy.type,
        "BackupSizeInBytes": point.copy.size,
        "IamRoleArn": self._get_param("IamRoleArn"),
    }

    def work() -> dict:
        return {"CreatedResourceArn": point.copy.restore(backend.account_id, backend.region_name, asked, tags)}

    return json.dumps({"RestoreJobId": Job(backend, "Restore", fields).run(work)["RestoreJobId"]})


def describe_restore_job(self):
    return json.dumps(found(self, "Restore").fields)


def list_restore_jobs(self):
    listed = chosen(
        self,
        [j.fields for j in reversed(self.backup_backend.jobs["Restore"].values())],
        **{"resourceType": "ResourceType", "status": "Status"},
        **{"createdBefore": "CreationDate", "createdAfter": "CreationDate"},
    )
    return json.dumps({"RestoreJobs": listed})


def apply() -> None:
    for call in (start_restore_job, describe_restore_job, list_restore_jobs):
        setattr(BackupResponse, call.__name__, call)
    url_paths["{0}/restore-jobs/?$"] = BackupResponse.dispatch
    url_paths["{0}/restore-jobs/(?P<job>[^/]+)$"] = BackupResponse.dispatch
