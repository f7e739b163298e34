"""Rotation of keys.

AWS rotates a key every 365 days, or every so many as EnableKeyRotation names, and not while it
waits for its deletion; GetKeyRotationStatus tells both:
https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html
https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html
moto 5.2.1 forgets the period, and reports a key on its way out as rotating.
"""

import json

from labctl_moto.patch import replace
from moto.kms.models import Key
from moto.kms.responses import KmsResponse


def key_of(response):
    backend = response.kms_backend
    return backend.keys[backend.get_key_id(response._get_param("KeyId"))]


def apply() -> None:
    Key.rotation_period = 365

    @replace(KmsResponse, "enable_key_rotation")
    def enable(original, self):
        answer = original(self)
        key_of(self).rotation_period = self._get_param("RotationPeriodInDays") or 365
        return answer

    @replace(KmsResponse, "get_key_rotation_status")
    def status(original, self):
        answer = json.loads(original(self))
        key = key_of(self)
        answer["KeyId"] = key.arn
        answer["KeyRotationEnabled"] &= key.key_state != "PendingDeletion"
        if answer["KeyRotationEnabled"]:
            answer["RotationPeriodInDays"] = key.rotation_period
        return json.dumps(answer)
