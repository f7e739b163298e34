"""What a backup plan is for.

A selection assigns resources to a plan, by ARN, tag and condition, with a role that AWS Backup can
assume. Its name exists once in a plan, and a plan with selections can't be deleted:
https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateBackupSelection.html
https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DeleteBackupPlan.html
moto 5.2.1 answers 500. Here selections are stored and read back. No schedule is kept: nothing but
StartBackupJob makes a backup.
"""

import json

from labctl_moto.backup_roles import check_role
from labctl_moto.patch import replace
from moto.backup.exceptions import AlreadyExistsException, InvalidRequestException, ResourceNotFoundException
from moto.backup.models import BackupBackend
from moto.backup.responses import BackupResponse
from moto.core.utils import unix_time
from moto.moto_api._internal import mock_random


def of_plan(response) -> dict[str, dict]:
    """The plan's selections, which all of its versions share."""
    plan = response.backup_backend.get_backup_plan(response._get_param("backupPlanId"), None)
    return response.backup_backend.selections.setdefault(plan.backup_plan_id, {})


def found(response) -> dict:
    selection = of_plan(response).get(response._get_param("selectionId"))
    if selection is None:
        raise ResourceNotFoundException(f"Cannot find backup selection {response._get_param('selectionId')}")
    return selection


def create_backup_selection(self):
    selections, asked = of_plan(self), self._get_param("BackupSelection")
    if asked["SelectionName"] in [s["BackupSelection"]["SelectionName"] for s in selections.values()]:
        raise AlreadyExistsException("Backup selection with the same name already exists")
    check_role(self.current_account, asked["IamRoleArn"])
    selection = {
        "SelectionId": str(mock_random.uuid4()),
        "BackupPlanId": self._get_param("backupPlanId"),
        "CreationDate": unix_time(),
        "CreatorRequestId": self._get_param("CreatorRequestId"),
        "BackupSelection": asked,
    }
    selections[selection["SelectionId"]] = selection
    return json.dumps({k: selection[k] for k in ("SelectionId", "BackupPlanId", "CreationDate")})


def get_backup_selection(self):
    return json.dumps({k: v for k, v in found(self).items() if v is not None})


def list_backup_selections(self):
    listed = [
        {
            **{k: v for k, v in s.items() if k != "BackupSelection" and v is not None},
            "SelectionName": s["BackupSelection"]["SelectionName"],
            "IamRoleArn": s["BackupSelection"]["IamRoleArn"],
        }
        for s in of_plan(self).values()
    ]
    return json.dumps({"BackupSelectionsList": listed})


def delete_backup_selection(self):
    del of_plan(self)[found(self)["SelectionId"]]
    return "{}"


def apply() -> None:
    for call in (create_backup_selection, get_backup_selection, list_backup_selections, delete_backup_selection):
        setattr(BackupResponse, call.__name__, call)

    @replace(BackupBackend, "__init__")
    def init(original, self, *args, **kwargs):
        original(self, *args, **kwargs)
        self.selections: dict[str, dict[str, dict]] = {}

    @replace(BackupBackend, "delete_backup_plan")
    def delete_plan(original, self, backup_plan_id):
        if self.selections.get(backup_plan_id):
            raise InvalidRequestException("Related backup plan selections must be deleted prior to backup plan deletion")
        return original(self, backup_plan_id)
