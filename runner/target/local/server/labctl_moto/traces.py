"""What the corrections of X-Ray share: routes, refusals, names, and tags.

The tags of groups and sampling rules are also listed by the tagging API:
https://docs.aws.amazon.com/xray/latest/api/API_TagResource.html
https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html
"""

import json
import re

from labctl_moto.patch import replace
from moto.core.exceptions import JsonRESTError
from moto.moto_api._internal import mock_random
from moto.resourcegroupstaggingapi.models import ResourceGroupsTaggingAPIBackend
from moto.utilities.tagging_service import TaggingService
from moto.xray import urls
from moto.xray.models import xray_backends
from moto.xray.responses import XRayResponse

LONGEST_NAME = 32


class InvalidRequest(JsonRESTError):
    def __init__(self, message: str) -> None:
        super().__init__("InvalidRequestException", message)


class NotFound(JsonRESTError):
    def __init__(self, message: str) -> None:
        super().__init__("ResourceNotFoundException", message)


def answer(body: dict) -> tuple[str, dict]:
    return json.dumps(body), {"Content-Type": "application/json"}


def arn(backend, resource: str) -> str:
    return f"arn:{backend.partition}:xray:{backend.region_name}:{backend.account_id}:{resource}"


def unique() -> str:
    return mock_random.uuid4().hex[:26].upper()


def route(owner, calls: dict) -> None:
    """Gives X-Ray calls that moto does not know; moto makes the name of a method of the path."""
    for path, call in calls.items():
        urls.url_paths["{0}/" + path + "$"] = owner.dispatch
        setattr(owner, re.sub(r"(?<=[a-z])(?=[A-Z])", "_", path).lower(), call)


def tagger(backend) -> TaggingService:
    return backend.__dict__.setdefault("tagger", TaggingService())


def tag(backend, resource: str, tags: list[dict]) -> None:
    tagger(backend).tag_resource(resource, tags)
    tagged(backend).add(resource)


def forget(backend, resource: str) -> None:
    tagger(backend).delete_all_tags_for_resource(resource)
    tagged(backend).discard(resource)


def tagged(backend) -> set[str]:
    """The ARNs of what can have tags."""
    return backend.__dict__.setdefault("taggable", set())


def known(self) -> str:
    resource = self._get_param("ResourceARN")
    if resource not in tagged(self.xray_backend):
        raise NotFound("The resource does not exist.")
    return resource


def list_tags(self):
    return answer(tagger(self.xray_backend).list_tags_for_resource(known(self)))


def add_tags(self):
    tagger(self.xray_backend).tag_resource(known(self), self._get_param("Tags"))
    return answer({})


def remove_tags(self):
    tagger(self.xray_backend).untag_resource_using_names(known(self), self._get_param("TagKeys"))
    return answer({})


def route_tags() -> None:
    """Once, however many corrections ask for it."""
    if hasattr(XRayResponse, "tag_resource"):
        return
    route(XRayResponse, {"ListTagsForResource": list_tags, "TagResource": add_tags, "UntagResource": remove_tags})

    @replace(ResourceGroupsTaggingAPIBackend, "_get_resources_generator")
    def resources(original, self, tag_filters=None, resource_type_filters=None):
        yield from original(self, tag_filters, resource_type_filters)
        backend = xray_backends[self.account_id][self.region_name]
        for resource in sorted(tagged(backend)):
            kind = "xray:" + resource.split(":")[5].split("/")[0]
            tags = tagger(backend).list_tags_for_resource(resource)["Tags"]
            wanted = not resource_type_filters or {"xray", kind} & set(resource_type_filters)
            if tags and wanted and all(fits(f, tags) for f in tag_filters or ()):
                yield {"ResourceARN": resource, "Tags": tags}


def fits(tag_filter: dict, tags: list[dict]) -> bool:
    values = tag_filter.get("Values") or ()
    return any(t["Key"] == tag_filter["Key"] and (not values or t["Value"] in values) for t in tags)
