"""The IPv6 blocks of a subnet.

AWS lists each association with its state, and DescribeSubnets finds a subnet by
them: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSubnets.html
moto 5.2.1 nests the state in itself and answers the filters with 500, so that the
Terraform provider waits in vain for an association.
"""

from labctl_moto.patch import replace
from moto.ec2.models.subnets import Subnet

FILTERS = {
    "ipv6-cidr-block-association.association-id": lambda a: a["associationId"],
    "ipv6-cidr-block-association.ipv6-cidr-block": lambda a: a["ipv6CidrBlock"],
    "ipv6-cidr-block-association.state": lambda a: a["ipv6CidrBlockState"]["State"],
}


def apply() -> None:
    @replace(Subnet, "get_filter_value")
    def get_filter_value(original, self, name, method_name=None):
        if name not in FILTERS:
            return original(self, name, method_name)
        return [FILTERS[name](a) for a in self.ipv6_cidr_block_associations.values()]

    def association_set(self):
        return [
            {
                "associationId": a["associationId"],
                "ipv6CidrBlock": a["ipv6CidrBlock"],
                "ipv6CidrBlockState": {"state": a["ipv6CidrBlockState"]["State"]},
            }
            for a in self.ipv6_cidr_block_associations.values()
            if a["ipv6CidrBlockState"]["State"] == "associated"
        ]

    Subnet.ipv6_cidr_block_association_set = property(association_set)
