"""What a bucket says of its defaults.

Every bucket of AWS encrypts, with S3's own keys where nothing else is configured, and says so; a
default retention is in days or in years, and only that one is returned:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_DefaultRetention.html
moto 5.2.1 answers that there is no encryption, and returns zero for the other unit.
"""

from labctl_moto.patch import replace
from moto.s3.models import S3Backend

S3_MANAGED = {"Rule": {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": "false"}}


def apply() -> None:
    @replace(S3Backend, "get_bucket_encryption")
    def get_bucket_encryption(original, self, bucket_name):
        return original(self, bucket_name) or S3_MANAGED

    @replace(S3Backend, "get_object_lock_configuration")
    def get_object_lock_configuration(original, self, bucket_name):
        enabled, mode, days, years = original(self, bucket_name)
        return enabled, mode, days or None, years or None
