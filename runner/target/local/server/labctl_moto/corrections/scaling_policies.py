"""Scaling policies.

On AWS a policy belongs to its group and ends with it, is enabled unless it was disabled, and names the alarms that
invoke it. A target tracking policy has its own, which AWS makes and deletes with it:
https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_ScalingPolicy.html
https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html
moto 5.2.1 keeps one policy of a name for all groups and after their end, answers PutScalingPolicy without its ARN, and knows
neither. The alarms here have
the shape of those that AWS makes. Nothing evaluates them.
"""

from uuid import uuid4

from labctl_moto.patch import replace
from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.models import AutoScalingBackend, FakeScalingPolicy
from moto.autoscaling.responses import AutoScalingResponse
from moto.cloudwatch.models import cloudwatch_backends
from moto.core.responses import ActionResult, EmptyResult

# Namespace and metric of what can be tracked by name; ALBRequestCountPerTarget is of a target group.
PREDEFINED = {
    "ASGAverageCPUUtilization": "CPUUtilization",
    "ASGAverageNetworkIn": "NetworkIn",
    "ASGAverageNetworkOut": "NetworkOut",
}


def alarms_of_account(policy):
    backend = policy.autoscaling_backend
    return cloudwatch_backends[backend.account_id][backend.region_name]


def tracked(policy, config: dict) -> dict:
    """The metric, as an alarm names it."""
    if custom := config.get("CustomizedMetricSpecification"):
        return {
            "namespace": custom.get("Namespace"),
            "metric_name": custom.get("MetricName"),
            "statistic": custom.get("Statistic"),
            "dimensions": custom.get("Dimensions", []),
        }
    named = config["PredefinedMetricSpecification"]
    if named["PredefinedMetricType"] in PREDEFINED:
        dimensions = {"AutoScalingGroupName": policy.auto_scaling_group_name}
        metric, namespace, statistic = PREDEFINED[named["PredefinedMetricType"]], "AWS/EC2", "Average"
    else:
        balancer, found, target_group = named["ResourceLabel"].partition("/targetgroup/")
        dimensions = {"LoadBalancer": balancer, "TargetGroup": (found + target_group).removeprefix("/")}
        metric, namespace, statistic = "RequestCountPerTarget", "AWS/ApplicationELB", "Sum"
    named_values = [{"Name": k, "Value": v} for k, v in dimensions.items()]
    return {"namespace": namespace, "metric_name": metric, "statistic": statistic, "dimensions": named_values}


def make_alarms(policy, config: dict) -> None:
    """High after three minutes above the target, low after fifteen below nine tenths of it."""
    if "Metrics" in config.get("CustomizedMetricSpecification", {}):
        return  # metric math: moto's alarms have none
    metric, target = tracked(policy, config), float(config["TargetValue"])
    sides = {"AlarmHigh": ("GreaterThanThreshold", target, 3), "AlarmLow": ("LessThanThreshold", 0.9 * target, 15)}
    if str(config.get("DisableScaleIn", False)).lower() == "true":
        del sides["AlarmLow"]
    for side, (comparison, threshold, periods) in sides.items():
        alarms_of_account(policy).put_metric_alarm(
            name=f"TargetTracking-{policy.auto_scaling_group_name}-{side}-{uuid4()}",
            description=f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {policy.arn}.",
            comparison_operator=comparison,
            threshold=threshold,
            evaluation_periods=periods,
            period=60,
            alarm_actions=[policy.arn],
            **metric,
        )


def invoking(policy) -> list:
    return [a for a in alarms_of_account(policy).alarms.values() if policy.arn in (a.alarm_actions or [])]


def forget_alarms(policy) -> None:
    own = [a.name for a in invoking(policy) if a.name.startswith(f"TargetTracking-{policy.auto_scaling_group_name}-")]
    alarms_of_account(policy).delete_alarms(own)


def find(self) -> FakeScalingPolicy:
    """The policy that a call names, by its ARN or with its group by its name."""
    group, name = self._get_param("AutoScalingGroupName"), self._get_param("PolicyName")
    for policy in self.autoscaling_backend.policies.values():
        if policy.arn == name or (policy.name == name and group in (None, policy.auto_scaling_group_name)):
            return policy
    raise ValidationError(f"Policy name not found - {name}")


def forget(backend, policy) -> None:
    forget_alarms(policy)
    del backend.policies[policy.arn]


def delete_policy(self):
    forget(self.autoscaling_backend, find(self))
    return EmptyResult()


def execute_policy(self):
    find(self).execute()
    return EmptyResult()


def apply() -> None:
    AutoScalingResponse.delete_policy = delete_policy
    AutoScalingResponse.execute_policy = execute_policy
    FakeScalingPolicy.enabled = True
    FakeScalingPolicy.alarms = property(lambda self: [{"AlarmName": a.name, "AlarmARN": a.alarm_arn} for a in invoking(self)])

    @replace(AutoScalingResponse, "put_scaling_policy")
    def put_scaling_policy(original, self):
        backend = self.autoscaling_backend
        if self._get_param("AutoScalingGroupName") not in backend.autoscaling_groups:
            raise ValidationError("Group " + self._get_param("AutoScalingGroupName") + " not found")
        original(self)
        policy = backend.policies.pop(self._get_param("PolicyName"))
        policy.enabled = self._get_bool_param("Enabled", True)
        policy.predictive_scaling_configuration = policy.predictive_scaling_configuration or None
        backend.policies[policy.arn] = policy
        forget_alarms(policy)
        if policy.policy_type == "TargetTrackingScaling":
            make_alarms(policy, self._get_param("TargetTrackingConfiguration", {}))
        return ActionResult({"PolicyARN": policy.arn, "Alarms": policy.alarms})

    @replace(AutoScalingBackend, "delete_auto_scaling_group")
    def delete_auto_scaling_group(original, self, group_name):
        original(self, group_name)
        for policy in [p for p in self.policies.values() if p.auto_scaling_group_name == group_name]:
            forget(self, policy)
