"""Events of AWS Backup.

Backup, copy and restore jobs send an event to EventBridge as their state changes. The detail names
the job, its resource and its state, which is called status where the job is a restore:
https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html
moto 5.2.1 has no jobs. Here the events of jobs are sent, at once; those of plans, vaults and recovery
points are not.
"""

from datetime import datetime, timezone

from labctl_moto.patch import replace
from labctl_moto.recovery_points import Job
from labctl_moto.service_events import emit

DATES = ("CreationDate", "CompletionDate", "RecoveryPointCreationDate")


def detail(fields: dict) -> dict:
    written = {
        k: datetime.fromtimestamp(v, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z") if k in DATES else v
        for k, v in fields.items()
        if k != "AccountId"
    }
    return {k[0].lower() + k[1:]: v for k, v in written.items()}


def apply() -> None:
    @replace(Job, "enter")
    def enter(original, self, state, **fields):
        original(self, state, **fields)
        about = self.fields.get("ResourceArn") or self.fields.get("RecoveryPointArn")
        emit(
            self.backend.account_id,
            self.backend.region_name,
            "aws.backup",
            f"{self.kind} Job State Change",
            [about],
            detail(self.fields),
        )
