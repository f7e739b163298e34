"""What AWS Backup protects.

Each resource that has a recovery point in the region is listed, with its newest one, and the region's
settings say which types are opted in:
https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListProtectedResources.html
https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DescribeRegionSettings.html
moto 5.2.1 answers 404. Here the types of which no copies are made are not opted in.
"""

import json

from moto.backup.exceptions import ResourceNotFoundException
from moto.backup.models import BackupBackend
from moto.backup.responses import BackupResponse
from moto.backup.urls import url_paths

TYPES = {"DynamoDB": True, "EBS": True, "S3": True}
OTHERS = ("Aurora", "DocumentDB", "EC2", "EFS", "FSx", "Neptune", "RDS", "Redshift", "Storage Gateway", "VirtualMachine")


def protected(backend: BackupBackend) -> dict[str, dict]:
    points = sorted((p for vault in backend.recovery_points.values() for p in vault.values()), key=lambda p: p.created)
    return {
        p.resource_arn: {
            "ResourceArn": p.resource_arn,
            "ResourceType": p.copy.type,
            "ResourceName": p.copy.name,
            "LastBackupTime": p.created,
            "LastBackupVaultArn": p.vault.backup_vault_arn,
            "LastRecoveryPointArn": p.copy.arn,
        }
        for p in points
    }


def list_protected_resources(self):
    return json.dumps({"Results": list(protected(self.backup_backend).values())})


def describe_protected_resource(self):
    found = protected(self.backup_backend).get(self._get_param("resourceArn"))
    if found is None:
        raise ResourceNotFoundException(f"Cannot find protected resource {self._get_param('resourceArn')}")
    return json.dumps(found)


def describe_region_settings(self):
    return json.dumps(
        {
            "ResourceTypeOptInPreference": self.backup_backend.opted_in or {**dict.fromkeys(OTHERS, False), **TYPES},
            "ResourceTypeManagementPreference": {"DynamoDB": True, "EFS": True},
        }
    )


def update_region_settings(self):
    settings = json.loads(describe_region_settings(self))["ResourceTypeOptInPreference"]
    self.backup_backend.opted_in = settings | (self._get_param("ResourceTypeOptInPreference") or {})
    return "{}"


def apply() -> None:
    BackupBackend.opted_in = None
    for call in (list_protected_resources, describe_protected_resource, describe_region_settings, update_region_settings):
        setattr(BackupResponse, call.__name__, call)
    url_paths["{0}/resources/?$"] = BackupResponse.dispatch
    url_paths["{0}/resources/(?P<arn>.+)$"] = BackupResponse.dispatch
    url_paths["{0}/account-settings$"] = BackupResponse.dispatch
