"""Versioning under Object Lock.

A bucket with Object Lock keeps versions for good: PutBucketVersioning answers InvalidBucketState to
a suspension:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketVersioning.html
moto 5.2.1 suspends it.
"""

from labctl_moto.patch import replace
from moto.s3.exceptions import S3ClientError
from moto.s3.models import S3Backend


class InvalidBucketState(S3ClientError):
    code = "InvalidBucketState"
    message = "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed."


def apply() -> None:
    @replace(S3Backend, "put_bucket_versioning")
    def put(original, self, bucket_name, status):
        if status == "Suspended" and self.get_bucket(bucket_name).object_lock_enabled:
            raise InvalidBucketState()
        original(self, bucket_name, status)
