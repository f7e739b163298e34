"""Makes moto fast enough for a lab; what it answers stays the same.

moto 5.2.1 finds the tags of one EC2 resource by matching a regular expression against
each tag of all resources, and does so for each resource that it describes: a
DescribeSubnets in an account with 500 tagged resources takes 100 ms. Here it looks
them up.
"""

from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.utils import EC2_PREFIX_TO_RESOURCE, get_prefix


def get_tags(resource) -> list[dict[str, str]]:
    tags = resource.ec2_backend.tags.get(resource.id) if resource.id else None
    if not tags:
        return []
    kind = EC2_PREFIX_TO_RESOURCE.get(get_prefix(resource.id), "")
    return [{"resource_id": resource.id, "key": k, "value": v, "resource_type": kind} for k, v in tags.items()]


def apply() -> None:
    TaggedEC2Resource.get_tags = get_tags
