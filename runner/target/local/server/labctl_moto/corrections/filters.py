"""Filters of the Describe calls.

AWS returns what matches all filters:
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
moto 5.2.1 ignores filters by tag for some types, and all filters for others, so that a
caller who asks for resources of their own gets everybody's.
"""

from labctl_moto.patch import replace
from moto.ec2.models.managed_prefixes import ManagedPrefixListBackend
from moto.ec2.models.nat_gateways import NatGatewayBackend
from moto.ec2.models.transit_gateway import TransitGatewayBackend
from moto.ec2.models.transit_gateway_attachments import TransitGatewayAttachmentBackend
from moto.ec2.models.transit_gateway_route_tables import TransitGatewayRouteTableBackend
from moto.ec2.responses.egress_only_internet_gateways import EgressOnlyInternetGateway
from moto.ec2.responses.vpc_peering_connections import VPCPeeringConnections
from moto.ec2.utils import generic_filter

PEERING = {
    "vpc-peering-connection-id": lambda p: p.id,
    "status-code": lambda p: p.status["Code"],
    "requester-vpc-info.vpc-id": lambda p: p.vpc.id,
    "requester-vpc-info.owner-id": lambda p: p.vpc.owner_id,
    "requester-vpc-info.cidr-block": lambda p: p.vpc.cidr_block,
    "accepter-vpc-info.vpc-id": lambda p: p.peer_vpc.id,
    "accepter-vpc-info.owner-id": lambda p: p.peer_vpc.owner_id,
    "accepter-vpc-info.cidr-block": lambda p: p.peer_vpc.cidr_block,
}
ATTACHMENT = {"state": lambda a: a.state, "transit-gateway-attachment-id": lambda a: a.id}


def matching(resources: list, filters: dict | None, names: dict) -> list:
    """Those that match the filters by tag and the named ones; moto knows the others."""
    for name, values in (filters or {}).items():
        if name in names:
            resources = [r for r in resources if names[name](r) in values]
        elif name.startswith("tag:") or name == "tag-key":
            resources = generic_filter({name: values}, resources)
    return resources


def narrow(owner, method: str, position: int, names: dict) -> None:
    """Applies to what a method of the backend returns the filters that it is given."""

    @replace(owner, method)
    def describe(original, self, *args, **kwargs):
        filters = kwargs["filters"] if "filters" in kwargs else args[position] if len(args) > position else None
        return matching(original(self, *args, **kwargs), filters, names)


def narrow_answer(owner, call: str, key: str, names: dict) -> None:
    """The same for a call that does not even read its filters."""

    @replace(owner, call)
    def describe(original, self):
        answer = original(self)
        answer.result[key] = matching(answer.result[key], self._filters_from_querystring(), names)
        return answer


def apply() -> None:
    narrow(NatGatewayBackend, "describe_nat_gateways", 0, {})
    narrow(ManagedPrefixListBackend, "describe_managed_prefix_lists", 1, {})
    narrow(TransitGatewayBackend, "describe_transit_gateways", 0, {})
    narrow(TransitGatewayAttachmentBackend, "describe_transit_gateway_attachments", 1, ATTACHMENT)
    narrow(TransitGatewayAttachmentBackend, "describe_transit_gateway_vpc_attachments", 1, ATTACHMENT)
    narrow(TransitGatewayRouteTableBackend, "get_all_transit_gateway_route_tables", 1, {})
    narrow_answer(
        EgressOnlyInternetGateway, "describe_egress_only_internet_gateways", "EgressOnlyInternetGateways", {}
    )
    narrow_answer(VPCPeeringConnections, "describe_vpc_peering_connections", "VpcPeeringConnections", PEERING)
