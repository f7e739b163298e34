"""The addresses of network interfaces.

AWS gives a network interface a free address of its subnet, never one of the first
four or the last, which are reserved; and an IPv6 address where the subnet assigns
them: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
https://docs.aws.amazon.com/vpc/latest/userguide/subnet-public-ip.html
moto 5.2.1 draws any address of the range, in use or reserved, and no IPv6 address; an instance
in a full subnet ends in an error of the server, and in a reservation without instances.
"""

import ipaddress

from labctl_moto.patch import replace
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.elastic_network_interfaces import NetworkInterfaceBackend
from moto.ec2.models.instances import InstanceBackend
from moto.ec2.models.subnets import Subnet


def free_address(backend, subnet) -> str:
    """The lowest address of the subnet that nobody has."""
    used = {
        address["PrivateIpAddress"]
        for eni in list(backend.enis.values())
        if eni.subnet.id == subnet.id
        for address in eni.private_ip_addresses
    }
    first = int(subnet.cidr.network_address) + 4
    for number in range(first, int(subnet.cidr.broadcast_address)):
        address = ipaddress.ip_address(number)
        if str(address) not in used and str(address) not in subnet._subnet_ips and address not in subnet._reserved_ips:
            return str(address)
    raise full(subnet)


def full(subnet) -> EC2ClientError:
    return EC2ClientError(
        "InsufficientFreeAddressesInSubnet",
        f"The specified subnet '{subnet.id}' does not have enough free addresses to satisfy the request.",
    )


def occupy(eni) -> None:
    """Keeps the address from being given to an instance, which moto counts apart."""
    if eni.private_ip_address and eni.private_ip_address not in eni.subnet._subnet_ips:
        eni.subnet._unused_ips.discard(eni.private_ip_address)
        eni.subnet._subnet_ips[eni.private_ip_address] = eni


def settle(eni, kind: str, description: str, groups: list) -> None:
    """Turns an interface that moto made for a gateway or an endpoint into what AWS makes.

    See https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/requester-managed-eni.html
    """
    eni.private_ip_address = free_address(eni.ec2_backend, eni.subnet)
    eni.private_ip_addresses[:] = [{"Primary": True, "PrivateIpAddress": eni.private_ip_address}]
    eni.ipv6_addresses = []
    eni.interface_type, eni.description, eni._group_set = kind, description, groups
    eni.requester_managed, eni.status = True, "in-use"
    occupy(eni)


def apply() -> None:
    @replace(NetworkInterfaceBackend, "create_network_interface")
    def create(original, self, subnet, private_ip_address, private_ip_addresses=None, *args, **kwargs):
        if isinstance(subnet, str):
            subnet = self.get_subnet(subnet)
        if not private_ip_address and not private_ip_addresses and subnet.cidr_block:
            private_ip_address = free_address(self, subnet)
        wants_ipv6 = subnet.assign_ipv6_address_on_creation and subnet.ipv6_cidr_block_association_set
        if wants_ipv6 and not kwargs.get("ipv6_addresses") and not kwargs.get("ipv6_address_count"):
            kwargs["ipv6_address_count"] = 1
        eni = original(self, subnet, private_ip_address, private_ip_addresses, *args, **kwargs)
        if eni.private_ip_address and ipaddress.ip_address(eni.private_ip_address) in subnet.cidr:
            occupy(eni)
        return eni

    @replace(NetworkInterfaceBackend, "delete_network_interface")
    def delete(original, self, eni_id):
        eni = self.enis.get(eni_id)
        original(self, eni_id)
        for address in eni.private_ip_addresses:
            eni.subnet.del_subnet_ip(address["PrivateIpAddress"])

    @replace(Subnet, "get_available_subnet_ip")
    def get_available_subnet_ip(original, self, instance):
        try:
            return original(self, instance)
        except StopIteration:
            raise full(self) from None

    @replace(InstanceBackend, "run_instances")
    def run_instances(original, self, *args, **kwargs):
        before = set(self.reservations)
        try:
            return original(self, *args, **kwargs)
        except EC2ClientError:
            for reservation_id in set(self.reservations) - before:
                del self.reservations[reservation_id]
            raise
