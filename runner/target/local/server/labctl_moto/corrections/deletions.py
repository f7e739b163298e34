"""What can be deleted, and what goes with it.

AWS refuses with DependencyViolation to delete a VPC, a subnet or a security group that is in
use, and to detach an internet gateway while public addresses are mapped in its VPC. A rule that
refers to a group across a peering does not hold it: it becomes stale. A deleted VPC takes its
default network ACL along, and leaves DHCP options alone:
https://docs.aws.amazon.com/vpc/latest/userguide/delete-vpc.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSecurityGroup.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachInternetGateway.html
moto 5.2.1 looks at subnets, route tables and VPN gateways only, so that a clean-up in the
wrong order would work; it keeps the default network ACL and deletes the DHCP options.
"""

from labctl_moto.patch import replace
from moto.ec2.exceptions import DependencyViolationError
from moto.ec2.models.internet_gateways import InternetGatewayBackend
from moto.ec2.models.security_groups import SecurityGroupBackend
from moto.ec2.models.subnets import SubnetBackend
from moto.ec2.models.vpcs import VPCBackend


def interfaces(backend, subnet_id: str) -> list[str]:
    attached = [
        a.id
        for a in backend.transit_gateway_attachments.values()
        if a.state != "deleted" and subnet_id in getattr(a, "subnet_ids", ())
    ]
    return [e.id for e in backend.enis.values() if e.subnet.id == subnet_id] + attached


def in_vpc(backend, vpc_id: str) -> list[str]:
    """What has to be deleted, or detached, before the VPC; moto itself looks at the rest."""
    groups = [g for g in backend.groups.get(vpc_id, {}).values() if not g.is_default]
    acls = [a for a in backend.network_acls.values() if a.vpc_id == vpc_id and not a.default]
    gateways = [g for g in backend.internet_gateways.values() if g.vpc and g.vpc.id == vpc_id]
    egress = [g for g in backend.egress_only_internet_gateways.values() if g.vpc_id == vpc_id]
    endpoints = [e for e in backend.vpc_end_points.values() if e.vpc_id == vpc_id]
    return [r.id for r in (*groups, *acls, *gateways, *egress, *endpoints)]


def users(backend, group_id: str) -> list[str]:
    enis = [e.id for e in backend.enis.values() if any(g.id == group_id for g in e.group_set)]
    neighbours = next((groups.values() for groups in backend.groups.values() if group_id in groups), [])
    referring = [
        g.id
        for g in neighbours
        if g.id != group_id
        and any(r.source_group.get("GroupId") == group_id for r in (*g.ingress_rules, *g.egress_rules))
    ]
    return enis + referring


def refuse(kind: str, resource_id: str, dependents: list[str]) -> None:
    if dependents:
        raise DependencyViolationError(
            f"The {kind} '{resource_id}' has dependencies and cannot be deleted: {', '.join(sorted(set(dependents)))}"
        )


def apply() -> None:
    @replace(SubnetBackend, "delete_subnet")
    def delete_subnet(original, self, subnet_id):
        refuse("subnet", subnet_id, interfaces(self, subnet_id))
        return original(self, subnet_id)

    @replace(SecurityGroupBackend, "delete_security_group")
    def delete_security_group(original, self, name=None, group_id=None):
        if group_id:
            refuse("security group", group_id, users(self, group_id))
        return original(self, name, group_id)

    @replace(InternetGatewayBackend, "detach_internet_gateway")
    def detach_internet_gateway(original, self, internet_gateway_id, vpc_id):
        mapped = [a.public_ip for a in self.addresses if a.eni and a.eni.subnet.vpc_id == vpc_id]
        if mapped:
            raise DependencyViolationError(
                f"Network {vpc_id} has some mapped public address(es). "
                "Please unmap those public address(es) before detaching the gateway."
            )
        return original(self, internet_gateway_id, vpc_id)

    @replace(VPCBackend, "delete_vpc")
    def delete_vpc(original, self, vpc_id):
        vpc = self.get_vpc(vpc_id)
        refuse("vpc", vpc_id, in_vpc(self, vpc_id))
        options = vpc.dhcp_options
        self.disassociate_dhcp_options(vpc)
        try:
            vpc = original(self, vpc_id)
        except Exception:
            vpc.dhcp_options = options
            raise
        for acl in [a for a in self.network_acls.values() if a.vpc_id == vpc_id]:
            del self.network_acls[acl.id]
        return vpc
