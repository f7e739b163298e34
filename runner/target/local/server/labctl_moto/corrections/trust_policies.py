"""Trust policies that AWS would not take.

A role's trust policy is a policy document with at least one statement, each of which names a
principal; AWS answers MalformedPolicyDocument to others, when a role is created and when the
policy is changed:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAssumeRolePolicy.html
moto 5.2.1 takes a statement without a principal, and anything at all when it creates a role.
"""

import json

from labctl_moto.patch import replace
from moto.iam.exceptions import MalformedPolicyDocument
from moto.iam.responses import IamResponse


def statements(document: str) -> list[dict]:
    """The statements of a policy document; ValueError where it is none."""
    policy = json.loads(document)
    found = policy.get("Statement") if isinstance(policy, dict) else None
    found = found if isinstance(found, list) else [found]
    if not found or not all(isinstance(s, dict) for s in found):
        raise ValueError("no statements")
    return found


def names_principal(statement: dict) -> bool:
    return bool(statement.get("Principal") or statement.get("NotPrincipal"))


def check(document: str) -> None:
    try:
        found = statements(document)
    except ValueError:
        raise MalformedPolicyDocument("This policy contains invalid Json")
    if not all(names_principal(s) for s in found):
        raise MalformedPolicyDocument("Missing required field Principal")


def checked(call: str, parameter: str) -> None:
    @replace(IamResponse, call)
    def respond(original, self):
        check(self._get_param(parameter))
        return original(self)


def apply() -> None:
    checked("create_role", "AssumeRolePolicyDocument")
    checked("update_assume_role_policy", "PolicyDocument")
