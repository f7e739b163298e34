"""The traffic sources of an Auto Scaling group.

On AWS the target groups of a group are traffic sources, which are in service when a member has passed a health check:
https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeTrafficSources.html
https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LoadBalancerTargetGroupState.html
moto 5.2.1 answers 500 to DescribeTrafficSources, and says of each target group that it has been added.
"""

from labctl_moto.patch import replace
from moto.autoscaling.models import FakeAutoScalingGroup
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult


def in_service(group, arn: str) -> bool:
    if arn not in group.autoscaling_backend.elbv2_backend.target_groups:
        return False
    members = {m.instance_id for m in group.active_instances()}
    found = group.autoscaling_backend.elbv2_backend.describe_target_health(arn, [])
    return any(t.instance_id in members and t.status == "healthy" for t in found)


def sources(group) -> list[dict[str, str]]:
    return [{"Identifier": arn, "Type": "elbv2"} for arn in group.target_group_arns or []]


def describe_traffic_sources(self):
    group = self.autoscaling_backend.autoscaling_groups[self._get_param("AutoScalingGroupName")]
    return ActionResult(
        {
            "TrafficSources": [
                {**s, "TrafficSource": s["Identifier"], "State": "InService" if in_service(group, s["Identifier"]) else "Added"}
                for s in sources(group)
                if self._get_param("TrafficSourceType", "elbv2") == "elbv2"
            ]
        }
    )


def apply() -> None:
    AutoScalingResponse.describe_traffic_sources = describe_traffic_sources
    FakeAutoScalingGroup.traffic_sources = property(sources)

    @replace(AutoScalingResponse, "describe_load_balancer_target_groups")
    def describe_load_balancer_target_groups(original, self):
        answer = original(self)
        group = self.autoscaling_backend.autoscaling_groups[self._get_param("AutoScalingGroupName")]
        for each in answer.result["LoadBalancerTargetGroups"]:
            if in_service(group, each["LoadBalancerTargetGroupARN"]):
                each["State"] = "InService"
        return answer
