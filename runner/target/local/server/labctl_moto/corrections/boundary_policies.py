"""The policies that are permissions boundaries.

On AWS a boundary is a managed policy that exists; the policy knows whom it limits:
ListEntitiesForPolicy returns them, alone with PolicyUsageFilter PermissionsBoundary, and
PermissionsBoundaryUsageCount counts them:
https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePermissionsBoundary.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListEntitiesForPolicy.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_Policy.html
moto 5.2.1 takes any ARN of a policy for a boundary, lists only whom a policy is attached to, and
counts nobody.
"""

from labctl_moto.patch import replace
from moto.iam.exceptions import NoSuchEntity
from moto.iam.models import ManagedPolicy
from moto.iam.responses import IamResponse

CALLS = ("create_role", "put_role_permissions_boundary", "create_user", "put_user_permissions_boundary")


def limited(entities, policy_arn: str) -> list:
    return [e for e in list(entities) if getattr(e, "permissions_boundary_arn", None) == policy_arn]


def limited_by(backend, policy_arn: str) -> dict[str, list]:
    """Users and roles by the key of ListEntitiesForPolicy's answer. Groups have no boundary."""
    return {
        "PolicyUsers": limited(backend.users.values(), policy_arn),
        "PolicyRoles": limited(backend.roles.values(), policy_arn),
        "PolicyGroups": [],
    }


def count(policy) -> int:
    return sum(len(entities) for entities in limited_by(policy.backend, policy.arn).values())


def must_exist(call: str) -> None:
    @replace(IamResponse, call)
    def check(original, self):
        arn = self._get_param("PermissionsBoundary")
        if arn and arn not in self.backend.managed_policies:
            raise NoSuchEntity(f"Scope ARN: {arn} does not exist or is not attachable.")
        return original(self)


def apply() -> None:
    ManagedPolicy.permissions_boundary_usage_count = property(count)
    for call in CALLS:
        must_exist(call)

    @replace(IamResponse, "list_entities_for_policy")
    def list_entities(original, self):
        answer = original(self)
        usage, kind = self._get_param("PolicyUsageFilter"), self._get_param("EntityFilter")
        if usage == "PermissionsPolicy":
            return answer
        for key, entities in limited_by(self.backend, self._get_param("PolicyArn")).items():
            attached = [] if usage == "PermissionsBoundary" else answer.result[key]
            wanted = kind not in ("User", "Role", "Group") or key == f"Policy{kind}s"
            under = [e for e in entities if e.path.startswith(self._get_param("PathPrefix") or "/")]
            answer.result[key] = attached + [e for e in under if wanted and e not in attached]
        return answer
