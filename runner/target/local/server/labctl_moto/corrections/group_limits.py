"""The limits of an Auto Scaling group.

On AWS the desired capacity is within the minimum and the maximum: a call that asks for another one is refused,
changed limits pull it along, and scaling policies and terminations stop at them:
https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-capacity-limits.html
https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_UpdateAutoScalingGroup.html
moto 5.2.1 takes any number from each of them.
"""

from labctl_moto.patch import replace
from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.models import AutoScalingBackend
from moto.autoscaling.responses import AutoScalingResponse


def refuse(minimum: int, maximum: int, desired: int | None) -> None:
    if minimum > maximum:
        raise ValidationError(f"Max bound, {maximum}, must be greater than or equal to min bound, {minimum}")
    if desired is not None and not minimum <= desired <= maximum:
        raise ValidationError(
            f"Desired capacity:{desired} must be between the specified min size:{minimum} and max size:{maximum}"
        )


def group_of(self):
    name = self._get_param("AutoScalingGroupName")
    if name not in self.autoscaling_backend.autoscaling_groups:
        raise ValidationError("AutoScalingGroup name not found - null")
    return self.autoscaling_backend.autoscaling_groups[name]


def apply() -> None:
    @replace(AutoScalingResponse, "create_auto_scaling_group")
    def create(original, self):
        refuse(*(self._get_int_param(name) for name in ("MinSize", "MaxSize", "DesiredCapacity")))
        return original(self)

    @replace(AutoScalingResponse, "update_auto_scaling_group")
    def update(original, self):
        group = group_of(self)
        minimum = self._get_int_param("MinSize", group.min_size)
        maximum = self._get_int_param("MaxSize", group.max_size)
        desired = self._get_int_param("DesiredCapacity")
        refuse(minimum, maximum, desired)
        if desired is None and group.desired_capacity != (within := max(minimum, min(group.desired_capacity, maximum))):
            self.params["DesiredCapacity"] = within
        return original(self)

    @replace(AutoScalingResponse, "set_desired_capacity")
    def set_desired_capacity(original, self):
        group, desired = group_of(self), self._get_int_param("DesiredCapacity")
        for beyond, side, bound in (
            (desired > group.max_size, "above max", group.max_size),
            (desired < group.min_size, "below min", group.min_size),
        ):
            if beyond:
                raise ValidationError(
                    f"New SetDesiredCapacity value {desired} is {side} value {bound} for the AutoScalingGroup."
                )
        return original(self)

    @replace(AutoScalingBackend, "set_desired_capacity")
    def stop_at_limits(original, self, group_name, desired_capacity):
        group = self.autoscaling_groups[group_name]
        original(self, group_name, max(group.min_size, min(desired_capacity, group.max_size)))

    @replace(AutoScalingBackend, "terminate_instance")
    def terminate_instance(original, self, instance_id, should_decrement):
        members = (m for group in self.autoscaling_groups.values() for m in group.instance_states)
        group = next((m.auto_scaling_group for m in members if m.instance_id == instance_id), None)
        if group and should_decrement and group.desired_capacity <= group.min_size:
            raise ValidationError(
                f"Currently, desiredSize equals minSize ({group.min_size}). Terminating instance without replacement "
                "will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or "
                "lower group's min size."
            )
        return original(self, instance_id, should_decrement)
