"""Backup plans: what they may say, their versions, their end.

A plan's rules name vaults that exist, and what moves to cold storage stays there for 90 days.
UpdateBackupPlan makes a new version and leaves the old one readable; a deleted plan is not found,
and its name is free:
https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateBackupPlan.html
https://docs.aws.amazon.com/aws-backup/latest/devguide/API_Lifecycle.html
https://docs.aws.amazon.com/aws-backup/latest/devguide/API_UpdateBackupPlan.html
moto 5.2.1 takes any rule, answers 500 to an update, and keeps a deleted plan and its name.
"""

import json

from labctl_moto.patch import replace
from moto.backup.exceptions import InvalidParameterValueException, ResourceNotFoundException
from moto.backup.models import BackupBackend, Plan
from moto.backup.responses import BackupResponse

COLD_DAYS = 90  # what colder storage bills, whether or not it is used


def check_lifecycle(lifecycle: dict | None) -> None:
    cold, delete = ((lifecycle or {}).get(k) for k in ("MoveToColdStorageAfterDays", "DeleteAfterDays"))
    if delete is not None and delete < 1:
        raise InvalidParameterValueException("DeleteAfterDays must be at least 1.")
    if cold is not None and delete is not None and delete < cold + COLD_DAYS:
        raise InvalidParameterValueException(
            f"Invalid lifecycle. DeleteAfterDays cannot be less than {COLD_DAYS} days apart from MoveToColdStorageAfterDays."
        )


def check(backend: BackupBackend, plan: dict) -> None:
    for rule in plan.get("Rules") or ():
        if rule["TargetBackupVaultName"] not in backend.vaults:
            raise InvalidParameterValueException(f"Backup vault {rule['TargetBackupVaultName']} does not exist.")
        check_lifecycle(rule.get("Lifecycle"))
        for copy in rule.get("CopyActions") or ():
            check_lifecycle(copy.get("Lifecycle"))


def update_backup_plan(self):
    backend, document = self.backup_backend, self._get_param("BackupPlan")
    old = backend.get_backup_plan(self._get_param("backupPlanId"), None)
    check(backend, document)
    new = Plan(document, old.creator_request_id, backend)
    new.backup_plan_id, new.backup_plan_arn = old.backup_plan_id, old.backup_plan_arn
    new.older = [old, *old.older]
    backend.plans[new.backup_plan_id] = new
    return json.dumps(new.to_dict())


def list_backup_plan_versions(self):
    plan = self.backup_backend.get_backup_plan(self._get_param("backupPlanId"), None)
    return json.dumps({"BackupPlanVersionsList": [p.to_list_dict() for p in (plan, *plan.older)]})


def apply() -> None:
    Plan.older = ()
    BackupResponse.update_backup_plan = update_backup_plan
    BackupResponse.list_backup_plan_versions = list_backup_plan_versions

    @replace(BackupBackend, "create_backup_plan")
    def create(original, self, backup_plan, *args, **kwargs):
        check(self, backup_plan)
        deleted = {i: p for i, p in self.plans.items() if p.deletion_date}
        for plan_id in deleted:
            del self.plans[plan_id]
        try:
            return original(self, backup_plan, *args, **kwargs)
        finally:
            self.plans.update(deleted)  # ListBackupPlans includes them where it is asked to

    @replace(BackupBackend, "get_backup_plan")
    def get(original, self, backup_plan_id, version_id):
        plan = original(self, backup_plan_id, None)
        for version in () if plan.deletion_date else (plan, *plan.older):
            if version_id in (None, version.version_id):
                return version
        raise ResourceNotFoundException("Failed reading Backup plan with provided version")

    @replace(BackupBackend, "delete_backup_plan")
    def delete(original, self, backup_plan_id):
        return original(self, self.get_backup_plan(backup_plan_id, None).backup_plan_id)
