"""Tags of what AWS Backup keeps.

A vault, a plan and a recovery point have the tags that they were given, and take them along when
they are deleted:
https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListTags.html
https://docs.aws.amazon.com/aws-backup/latest/devguide/API_TagResource.html
moto 5.2.1 looks for the ARN in the wrong part of the path and returns no tags, and gives those of a
deleted vault to the next one of its name.
"""

import json

from labctl_moto.patch import replace
from moto.backup.models import BackupBackend
from moto.backup.responses import BackupResponse


def list_tags(self):
    return json.dumps({"Tags": self.backup_backend.list_tags(self._get_param("resourceArn"))})


def tag_resource(self):
    self.backup_backend.tag_resource(self._get_param("resourceArn"), self._get_param("Tags"))
    return "{}"


def untag_resource(self):
    self.backup_backend.untag_resource(self._get_param("resourceArn"), self._get_param("TagKeyList"))
    return "{}"


def apply() -> None:
    for call in (list_tags, tag_resource, untag_resource):
        replace(BackupResponse, call.__name__)(lambda _original, self, call=call: call(self))

    @replace(BackupBackend, "delete_backup_vault")
    def delete_vault(original, self, backup_vault_name):
        vault = self.vaults.get(backup_vault_name)
        original(self, backup_vault_name)
        if vault:
            self.tagger.delete_all_tags_for_resource(vault.backup_vault_arn)

    @replace(BackupBackend, "delete_backup_plan")
    def delete_plan(original, self, backup_plan_id):
        deleted = original(self, backup_plan_id)
        self.tagger.delete_all_tags_for_resource(self.plans[backup_plan_id].backup_plan_arn)
        return deleted
