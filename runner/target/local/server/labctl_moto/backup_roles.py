"""The role with which AWS Backup works."""

import json
from urllib.parse import unquote

from labctl_moto.resource_policies import Principal, allows
from moto.backup.exceptions import InvalidParameterValueException
from moto.iam.exceptions import NotFoundException
from moto.iam.models import iam_backends


def check_role(account: str, arn: str) -> None:
    """AWS Backup is given a role that exists and trusts it; what the role may do shows only later.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/iam-service-roles.html
    """
    try:
        role = iam_backends[account]["aws"].get_role_by_arn(arn)
    except NotFoundException:
        role = None
    if role is None or not trusts_backup(role, account):
        raise InvalidParameterValueException(f"IAM Role {arn} cannot be assumed by AWS Backup")


def trusts_backup(role, account: str) -> bool:
    document = role.assume_role_policy_document
    document = document if isinstance(document, str) else json.dumps(document)
    service = Principal(service="backup.amazonaws.com")
    return allows(unquote(document), service, "sts:AssumeRole", role.arn, {"aws:SourceAccount": account})
