"""Trails by name and by ARN.

A call of AWS takes a trail's name or its ARN, and answers TrailNotFoundException where there is
none; a name exists once in a region, and a deleted trail takes its tags along. DescribeTrails
returns the trails that it is asked for: those of its own region by name, others by ARN:
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StartLogging.html
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DeleteTrail.html
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html
moto 5.2.1 answers 500 to StartLogging and StopLogging by ARN, takes a deletion by ARN for done,
replaces a trail by another of its name, and returns all trails whatever it is asked for.
"""

import json

from labctl_moto.patch import replace
from moto.cloudtrail.models import CloudTrailBackend
from moto.cloudtrail.responses import CloudTrailResponse
from moto.core.exceptions import JsonRESTError


def by_name_or_arn(call: str) -> None:
    @replace(CloudTrailBackend, call)
    def act(original, self, name):
        return original(self, self.get_trail(name).trail_name)


def apply() -> None:
    by_name_or_arn("start_logging")
    by_name_or_arn("stop_logging")

    @replace(CloudTrailBackend, "create_trail")
    def create(original, self, name, *args, **kwargs):
        if name in self.trails:
            raise JsonRESTError("TrailAlreadyExistsException", f"Trail {name} already exists for customer: {self.account_id}")
        return original(self, name, *args, **kwargs)

    @replace(CloudTrailBackend, "delete_trail")
    def delete(original, self, name):
        trail = self.get_trail(name)
        self.tagging_service.delete_all_tags_for_resource(trail.arn)
        original(self, trail.trail_name)

    @replace(CloudTrailResponse, "describe_trails")
    def describe(original, self):
        answer = json.loads(original(self))
        wanted = self._get_param("trailNameList") or []
        if wanted:
            answer["trailList"] = [
                t
                for t in answer["trailList"]
                if t["TrailARN"] in wanted or (t["Name"] in wanted and t["HomeRegion"] == self.region)
            ]
        return json.dumps(answer)
