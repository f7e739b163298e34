"""The retention of one object.

GetObjectRetention returns mode and date, or NoSuchObjectLockConfiguration. A retention can be made
longer by everybody; in governance mode it is shortened or taken off only with the bypass header, and
in compliance mode not at all:
https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectRetention.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectRetention.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html
moto 5.2.1 answers GetObjectRetention with the object itself, and takes any change. That the bypass
needs a permission is not shown here.
"""

from datetime import datetime

from labctl_moto.patch import replace
from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.s3.exceptions import AccessDeniedByLock, LockNotEnabled, S3ClientError
from moto.s3.responses import S3Response


class NoRetention(S3ClientError):
    code = "NoSuchObjectLockConfiguration"
    message = "The specified object does not have a ObjectLock configuration"


def date(text: str) -> datetime:
    """A date of the API, without zone as moto's own: it is in UTC."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).replace(tzinfo=None)


def get_object_retention(response):
    if not response.backend.get_bucket(response.bucket_name).object_lock_enabled:
        raise LockNotEnabled
    key, _ = response._get_key(validate_storage_class=False)
    if not key.lock_mode:
        raise NoRetention()
    response.data["Action"] = "GetObjectRetention"
    return response.serialized(ActionResult({"Retention": {"Mode": key.lock_mode, "RetainUntilDate": date(key.lock_until)}}))


def weaker(key, mode: str | None, until: str | None) -> bool:
    """Whether a retention that still runs would end earlier, or be easier to get around."""
    if not key.lock_mode or date(key.lock_until) <= utcnow().replace(tzinfo=None):
        return False
    softened = key.lock_mode == "COMPLIANCE" and mode != "COMPLIANCE"
    return softened or until is None or date(until) < date(key.lock_until)


def apply() -> None:
    @replace(S3Response, "_key_response_get")
    def get(original, self, query, key_name):
        if "retention" not in query:
            return original(self, query, key_name)
        self._set_action("KEY", "GET", query)
        self._authenticate_and_authorize_s3_action(bucket_name=self.bucket_name, key_name=key_name)
        return get_object_retention(self)

    @replace(S3Response, "put_object_retention")
    def put(original, self):
        if self.backend.get_bucket(self.bucket_name).object_lock_enabled:
            key, _ = self._get_key(validate_storage_class=False)
            bypass = self.headers.get("x-amz-bypass-governance-retention", "").lower() == "true"
            if weaker(key, *self._mode_until_from_body()) and not (bypass and key.lock_mode == "GOVERNANCE"):
                raise AccessDeniedByLock
        return original(self)
