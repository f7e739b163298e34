"""Lifecycle rules of buckets.

A rule is read back as it was written, with the number of newer versions that it spares and the sizes
of the objects that it concerns:
https://docs.aws.amazon.com/AmazonS3/latest/API/API_NoncurrentVersionExpiration.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRuleFilter.html
moto 5.2.1 loses both, so that a rule seems to expire more than it does. No rule is carried out.
"""

import copy

from labctl_moto.patch import replace
from moto.core.responses import ActionResult
from moto.s3.models import FakeBucket
from moto.s3.responses import S3Response

# What is smaller is not moved, unless a rule says so.
SMALLEST = "all_storage_classes_128K"
PLURALS = {"Transition": "Transitions", "NoncurrentVersionTransition": "NoncurrentVersionTransitions"}


def listed(value) -> list:
    return value if isinstance(value, list) else [value]


def answer(element):
    """An element of the request in the form of the answer: an empty text is one, and truth is no text."""
    if isinstance(element, list):
        return [answer(e) for e in element]
    if isinstance(element, dict):
        return {k: answer(v) for k, v in element.items()}
    return {None: "", "true": True, "false": False}.get(element, element)


def rule(written: dict) -> dict:
    read = {PLURALS.get(k, k): answer(listed(v) if k in PLURALS else v) for k, v in written.items()}
    if "Filter" in read:
        read["Filter"] = read["Filter"] or {}
    both = read.get("Filter", {}).get("And")
    if both and "Tag" in both:
        both["Tags"] = listed(both.pop("Tag"))
    return read


def apply() -> None:
    FakeBucket.lifecycle_document = ()

    @replace(FakeBucket, "set_lifecycle")
    def put(original, self, rules):
        document = copy.deepcopy(rules)
        original(self, rules)
        self.lifecycle_document = document

    @replace(S3Response, "get_bucket_lifecycle")
    def get(original, self):
        original(self)  # refuses where there are none
        rules = [rule(r) for r in self.backend.get_bucket(self.bucket_name).lifecycle_document]
        return self.serialized(ActionResult({"Rules": rules, "TransitionDefaultMinimumObjectSize": SMALLEST}))
