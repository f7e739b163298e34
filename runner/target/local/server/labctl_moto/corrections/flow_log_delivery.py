"""Whether a flow log is delivered.

AWS takes a log group by name or by ARN, and reports DeliverLogsStatus FAILED with "Access
error" while the log group or the role is missing:
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_FlowLog.html
moto 5.2.1 does not find a group by its ARN, and decides once, at creation.
"""

from labctl_moto.patch import replace
from moto.ec2.models.flow_logs import FlowLogs, FlowLogsBackend
from moto.iam.models import iam_backends
from moto.logs.models import logs_backends


def group_name(arn: str) -> str:
    return arn.split(":log-group:", 1)[1].removesuffix(":*")


def delivered(log) -> bool:
    if log.log_destination_type != "cloud-watch-logs":
        return True
    backend = log.ec2_backend
    roles = iam_backends[backend.account_id][backend.partition].roles.values()
    groups = logs_backends[backend.account_id][backend.region_name].groups
    return log.log_group_name in groups and any(r.arn == log.deliver_logs_permission_arn for r in list(roles))


def settable(value):
    """A property that lets moto's constructor set what it decided, and ignores it."""
    return property(value, lambda log, _decided: None)


def apply() -> None:
    FlowLogs.deliver_logs_status = settable(lambda log: "SUCCESS" if delivered(log) else "FAILED")
    FlowLogs.deliver_logs_error_message = settable(lambda log: None if delivered(log) else "Access error")

    @replace(FlowLogs, "get_filter_value")
    def get_filter_value(original, self, name, method_name=None):
        return self.deliver_logs_status if name == "deliver-log-status" else original(self, name, method_name)

    @replace(FlowLogsBackend, "create_flow_logs")
    def create(original, self, *, log_destination, log_group_name, **kwargs):
        if log_destination and ":log-group:" in log_destination and not log_group_name:
            log_group_name = group_name(log_destination)
        return original(self, log_destination=log_destination, log_group_name=log_group_name, **kwargs)
