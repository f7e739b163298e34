"""Which events a trail records.

On AWS a trail has either basic or advanced event selectors, each PutEventSelectors replaces what
was there, and a new trail records all management events; HasCustomEventSelectors says whether
that was changed:
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_EventSelector.html
moto 5.2.1 keeps advanced selectors beside later basic ones, starts with none, leaves out what a
selector does not say, and always denies that there are custom ones, so that the Terraform
provider does not even read them.
"""

from labctl_moto.patch import replace
from moto.cloudtrail.models import Trail


def complete(selector: dict) -> dict:
    return {
        "ReadWriteType": "All",
        "IncludeManagementEvents": True,
        "DataResources": [],
        "ExcludeManagementEventSources": [],
        **selector,
    }


DEFAULT = [complete({})]


def apply() -> None:
    @replace(Trail, "__init__")
    def init(original, self, *args, **kwargs):
        original(self, *args, **kwargs)
        self.event_selectors = DEFAULT

    @replace(Trail, "put_event_selectors")
    def put(_original, self, event_selectors, advanced_event_selectors):
        self.event_selectors = [complete(s) for s in event_selectors or []]
        self.advanced_event_selectors = [] if event_selectors else advanced_event_selectors

    @replace(Trail, "get_event_selectors")
    def get(_original, self):
        return self.event_selectors or None, self.advanced_event_selectors or None

    @replace(Trail, "description")
    def description(original, self, include_region=False):
        answer = original(self, include_region)
        answer["HasCustomEventSelectors"] = bool(self.advanced_event_selectors) or self.event_selectors != DEFAULT
        return answer
