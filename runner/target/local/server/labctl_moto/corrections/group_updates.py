"""The settings of an Auto Scaling group.

AWS keeps what CreateAutoScalingGroup sets, and UpdateAutoScalingGroup changes only what it names. A grace period or
a cooldown of 0 is one of 0:
https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_UpdateAutoScalingGroup.html
https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html
moto 5.2.1 drops the mixed instances policy at any update, never keeps the instance warm-up, changes cooldown, capacity
rebalancing and termination policies only at creation, and makes 300 of 0.
"""

from labctl_moto.patch import replace
from moto.autoscaling.responses import AutoScalingResponse

INTEGERS = {
    "DefaultCooldown": "default_cooldown",
    "DefaultInstanceWarmup": "default_instance_warmup",
    "HealthCheckGracePeriod": "health_check_grace_period",
    "MaxInstanceLifetime": "max_instance_lifetime",
}
OTHERS = {
    "CapacityRebalance": "capacity_rebalance",
    "Context": "context",
    "DesiredCapacityType": "desired_capacity_type",
    "PlacementGroup": "placement_group",
    "TerminationPolicies": "termination_policies",
}
# https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstancesDistribution.html
DISTRIBUTION = {
    "OnDemandAllocationStrategy": "prioritized",
    "OnDemandBaseCapacity": 0,
    "OnDemandPercentageAboveBaseCapacity": 100,
    "SpotAllocationStrategy": "lowest-price",
}


def keep(group, response) -> None:
    for name, attribute in INTEGERS.items():
        value = response._get_int_param(name)
        if value is not None:
            # -1 takes the warm-up away, 0 the lifetime.
            taken = value < 0 or (name == "MaxInstanceLifetime" and value == 0)
            setattr(group, attribute, None if taken else value)
    for name, attribute in OTHERS.items():
        if (value := response._get_param(name)) is not None:
            setattr(group, attribute, value)


def complete(policy: dict, former: dict | None) -> dict:
    """The policy with what it leaves out: as it was, or else as AWS has it."""
    former = former or {}
    distribution = {**DISTRIBUTION, **former.get("InstancesDistribution", {}), **policy.get("InstancesDistribution", {})}
    template = {**former.get("LaunchTemplate", {}), **policy.get("LaunchTemplate", {})}
    spec = template["LaunchTemplateSpecification"]
    if spec.get("LaunchTemplateId"):  # moto has put the name beside it, and would refuse both
        template["LaunchTemplateSpecification"] = {k: v for k, v in spec.items() if k != "LaunchTemplateName"}
    return {"LaunchTemplate": template, "InstancesDistribution": distribution}


def apply() -> None:
    @replace(AutoScalingResponse, "create_auto_scaling_group")
    def create(original, self):
        if policy := self.params.get("MixedInstancesPolicy"):
            self.params["MixedInstancesPolicy"] = complete(policy, None)
        answer = original(self)
        group = self.autoscaling_backend.autoscaling_groups[self._get_param("AutoScalingGroupName")]
        group.health_check_grace_period = 0
        keep(group, self)
        return answer

    @replace(AutoScalingResponse, "update_auto_scaling_group")
    def update(original, self):
        group = self.autoscaling_backend.autoscaling_groups.get(self._get_param("AutoScalingGroupName"))
        if group:
            former = group.mixed_instances_policy
            if policy := self.params.get("MixedInstancesPolicy"):
                self.params["MixedInstancesPolicy"] = complete(policy, former)
            elif former and not (self.params.get("LaunchTemplate") or self.params.get("LaunchConfigurationName")):
                self.params["MixedInstancesPolicy"] = complete({}, former)
            keep(group, self)
        return original(self)
