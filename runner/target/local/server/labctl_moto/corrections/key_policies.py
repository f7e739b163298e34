"""Key policies that AWS would not take.

A key policy is a policy document whose statements name a principal; AWS answers
MalformedPolicyDocumentException to others. Its name is always "default" and need not be given:
https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html
moto 5.2.1 takes anything, and insists on the name. AWS also refuses a policy that shuts out its
author (BypassPolicyLockoutSafetyCheck); that is not shown here.
"""

from labctl_moto.corrections.trust_policies import names_principal, statements
from labctl_moto.patch import replace
from moto.core.exceptions import JsonRESTError
from moto.kms import responses
from moto.kms.models import KmsBackend


def check(policy: str) -> None:
    try:
        valid = all(names_principal(s) for s in statements(policy))
    except ValueError:
        valid = False
    if not valid:
        raise JsonRESTError("MalformedPolicyDocumentException", "The new key policy is not valid.")


def apply() -> None:
    @replace(responses, "_assert_default_policy")
    def assert_default(original, policy_name):
        original(policy_name or "default")

    @replace(KmsBackend, "create_key")
    def create(original, self, policy, *args, **kwargs):
        if policy:
            check(policy)
        return original(self, policy, *args, **kwargs)

    @replace(KmsBackend, "put_key_policy")
    def put(original, self, key_id, policy):
        check(policy)
        original(self, key_id, policy)
