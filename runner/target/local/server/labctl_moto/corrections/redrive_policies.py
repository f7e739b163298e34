"""The redrive policies of queues.

AWS returns a redrive policy without blanks:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html
moto 5.2.1 puts blanks into it, which Terraform takes for a change.
"""

import json

from moto.sqs.models import Queue


def apply() -> None:
    original = Queue.attributes.fget

    def attributes(self):
        result = original(self)
        if self.redrive_policy:
            result["RedrivePolicy"] = json.dumps(self.redrive_policy, separators=(",", ":"))
        return result

    Queue.attributes = property(attributes)
