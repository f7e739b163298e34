"""The entries that a network ACL has from the start.

Every network ACL of AWS ends with a deny for all traffic in both directions (number
32767), and in a VPC with IPv6 with another one (32768); the default one also begins with
allow entries 100 and, for IPv6, 101:
https://docs.aws.amazon.com/vpc/latest/userguide/default-network-acl.html
https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html
moto 5.2.1 gives custom ACLs no entry, and no ACL one for IPv6.
"""

from labctl_moto.patch import replace
from moto.ec2.models.network_acls import NetworkAclBackend
from moto.ec2.models.vpcs import VPCBackend

LAST_IPV4, LAST_IPV6, ALLOW_IPV6 = 32767, 32768, 101


def add(backend, acl, number: int, action: str, cidr=None, ipv6_cidr=None) -> None:
    for egress in (True, False):
        if any(e.egress == egress and e.rule_number == number for e in acl.network_acl_entries):
            continue
        backend.create_network_acl_entry(
            acl.id, number, "-1", action, egress, cidr, None, None, None, None, ipv6_cidr
        )


def complete(backend, acl) -> None:
    add(backend, acl, LAST_IPV4, "deny", cidr="0.0.0.0/0")
    if backend.get_vpc(acl.vpc_id).get_cidr_block_association_set(ipv6=True):
        if acl.default:
            add(backend, acl, ALLOW_IPV6, "allow", ipv6_cidr="::/0")
        add(backend, acl, LAST_IPV6, "deny", ipv6_cidr="::/0")


def apply() -> None:
    @replace(NetworkAclBackend, "create_network_acl")
    def create(original, self, *args, **kwargs):
        acl = original(self, *args, **kwargs)
        complete(self, acl)
        return acl

    @replace(VPCBackend, "associate_vpc_cidr_block")
    def associate(original, self, vpc_id, *args, **kwargs):
        association = original(self, vpc_id, *args, **kwargs)
        for acl in list(self.network_acls.values()):
            if acl.vpc_id == vpc_id:
                complete(self, acl)
        return association
