"""VPC peering connections.

AWS fails a peering of VPCs with overlapping ranges instead of offering it for acceptance,
and names all ranges of both sides:
https://docs.aws.amazon.com/vpc/latest/peering/invalid-peering-configurations.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcPeeringConnectionVpcInfo.html
moto 5.2.1 peers overlapping VPCs, and names the first range only.
"""

import ipaddress

from labctl_moto.patch import replace
from moto.ec2.models.vpc_peering_connections import VPCPeeringConnection, VPCPeeringConnectionBackend

OVERLAP = "Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range"


def ranges(vpc, ipv6: bool) -> list[str]:
    return [
        a["cidr_block"]
        for a in vpc.get_cidr_block_association_set(ipv6=ipv6)
        if a["cidr_block_state"]["state"] == "associated"
    ]


def overlap(one, other) -> bool:
    return any(
        ipaddress.ip_network(a).overlaps(ipaddress.ip_network(b))
        for ipv6 in (False, True)
        for a in ranges(one, ipv6)
        for b in ranges(other, ipv6)
    )


def with_ranges(info: dict, vpc) -> dict:
    info["CidrBlockSet"] = [{"CidrBlock": r} for r in ranges(vpc, False)]
    info["Ipv6CidrBlockSet"] = [{"Ipv6CidrBlock": r} for r in ranges(vpc, True)]
    return info


def apply() -> None:
    requester, accepter = VPCPeeringConnection.requester_vpc_info, VPCPeeringConnection.accepter_vpc_info
    VPCPeeringConnection.requester_vpc_info = property(lambda p: with_ranges(requester.fget(p), p.vpc))
    VPCPeeringConnection.accepter_vpc_info = property(lambda p: with_ranges(accepter.fget(p), p.peer_vpc))

    @replace(VPCPeeringConnectionBackend, "create_vpc_peering_connection")
    def create(original, self, vpc, peer_vpc, tags=None):
        peering = original(self, vpc, peer_vpc, tags)
        if overlap(vpc, peer_vpc):
            peering._status.code, peering._status.message = "failed", OVERLAP
        return peering
