"""The tags of deleted resources.

On AWS a resource takes its tags along:
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html
moto 5.2.1 keeps them, and DescribeTags lists them for resources that are long gone.
"""

from labctl_moto.patch import replace
from moto.ec2.models.tags import TagBackend


def living(backend) -> dict:
    """What there is of each type, by the prefix of its ids."""
    groups = {g.id: g for groups in backend.groups.values() for g in groups.values()}
    return {
        "vpc": backend.vpcs,
        "subnet": {s for subnets in backend.subnets.values() for s in subnets},
        "rtb": backend.route_tables,
        "acl": backend.network_acls,
        "sg": groups,
        "sgr": {r.id for g in groups.values() for r in (*g.ingress_rules, *g.egress_rules)},
        "igw": backend.internet_gateways,
        "eigw": backend.egress_only_internet_gateways,
        "eipalloc": {a.allocation_id for a in backend.addresses},
        "eni": backend.enis,
        "vpce": backend.vpc_end_points,
        "fl": backend.flow_logs,
        "dopt": backend.dhcp_options_sets,
        "tgw": backend.transit_gateways,
        "tgw-rtb": backend.transit_gateways_route_tables,
    }


def apply() -> None:
    @replace(TagBackend, "describe_tags")
    def describe_tags(original, self, filters=None):
        types = living(self)
        for resource_id in list(self.tags):
            prefix = resource_id.rpartition("-")[0]
            if prefix in types and resource_id not in types[prefix]:
                del self.tags[resource_id]
        return original(self, filters)
