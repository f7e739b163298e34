"""What can be deleted in IAM.

AWS refuses with DeleteConflict to delete a managed policy that is attached, is somebody's
permissions boundary or has more than one version, and a user with access keys, a password, MFA
devices or groups:
https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html
moto 5.2.1 deletes them, and a role goes on naming a boundary that is gone.
"""

from labctl_moto.corrections.boundary_policies import limited_by
from labctl_moto.patch import replace
from moto.iam.exceptions import DeleteConflictException
from moto.iam.models import IAMBackend


def attached(backend, policy_arn: str) -> bool:
    entities = [*backend.users.values(), *backend.roles.values(), *backend.groups.values()]
    return any(policy_arn in e.managed_policies for e in entities)


def apply() -> None:
    @replace(IAMBackend, "delete_policy")
    def delete_policy(original, self, policy_arn):
        policy = self.get_policy(policy_arn)
        if attached(self, policy_arn) or any(limited_by(self, policy_arn).values()):
            raise DeleteConflictException("Cannot delete a policy attached to entities.")
        if len(policy.versions) > 1:
            raise DeleteConflictException(
                "This policy has more than one version. Before you delete a policy, you must delete the policy's "
                "versions. The default version is deleted with the policy."
            )
        original(self, policy_arn)

    @replace(IAMBackend, "delete_user")
    def delete_user(original, self, user_name):
        user = self.get_user(user_name)
        holds = {
            "delete access keys": user.access_keys,
            "delete login profile": user.password,
            "delete MFA device": user.mfa_devices,
            "remove users from group": self.get_groups_for_user(user_name),
        }
        for step, held in holds.items():
            if held:
                raise DeleteConflictException(f"Cannot delete entity, must {step} first.")
        original(self, user_name)
