"""The network interfaces of instances.

A network interface that AWS makes as an instance's first is deleted with the instance, unless
the launch says otherwise; one that was there before stays:
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceNetworkInterfaceSpecification.html
moto 5.2.1 leaves it behind, where it keeps subnet and security groups from being deleted.
"""

from labctl_moto.patch import replace
from moto.ec2.models.instances import Instance


def goes_along(spec: dict) -> bool:
    return spec.get("NetworkInterfaceId") is None and spec.get("DeleteOnTermination") is None


def apply() -> None:
    @replace(Instance, "prep_nics")
    def prep_nics(original, self, nic_spec, *args, **kwargs):
        first = next((spec for spec in nic_spec if int(spec["DeviceIndex"]) == 0), {})
        along = goes_along(first)
        original(self, nic_spec, *args, **kwargs)
        if along and 0 in self.nics:
            self.nics[0].delete_on_termination = True
