"""Bucket policies.

On AWS a statement concerns the principals that it names, under the conditions that it sets; a
policy that is no policy document, or has a statement without a principal, is refused with
MalformedPolicy:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-auth-workflow-bucket-operation.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html
moto 5.2.1 applies a denial to everybody whatever its conditions, so that a bucket which asks for
TLS refuses all objects, and opens an allowed object to the public whomever the statement names.

Here only what concerns everybody without condition is enforced, on reads, writes and deletions of
objects as moto does it. All other statements are stored and read back, and decide nothing.
"""

from labctl_moto.corrections.trust_policies import names_principal, statements
from labctl_moto.patch import replace
from moto.iam.access_control import IAMPolicyStatement, PermissionResult
from moto.s3.exceptions import S3ClientError
from moto.s3.models import FakeBucket, S3Backend

EVERYBODY = ("*", {"AWS": "*"}, {"AWS": ["*"]})


def unconditional(statement: dict) -> bool:
    return statement.get("Principal") in EVERYBODY and not statement.get("Condition") and "Resource" in statement


def apply() -> None:
    @replace(FakeBucket, "get_permission")
    def get_permission(_original, self, action, resource):
        found = statements(self.policy.decode()) if self.policy else []
        results = [IAMPolicyStatement(s).is_action_permitted(action, resource) for s in found if unconditional(s)]
        for result in (PermissionResult.DENIED, PermissionResult.PERMITTED):
            if result in results:
                return result
        return PermissionResult.NEUTRAL

    @replace(S3Backend, "put_bucket_policy")
    def put(original, self, bucket_name, policy):
        try:
            found = statements(policy.decode())
        except ValueError:
            raise S3ClientError("MalformedPolicy", "Policies must be valid JSON and the first byte must be '{'")
        if not all(names_principal(s) for s in found):
            raise S3ClientError("MalformedPolicy", "Missing required field Principal")
        original(self, bucket_name, policy)
