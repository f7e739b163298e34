"""The default security group of a VPC.

On AWS it allows all inbound traffic from members of the group itself:
https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html
moto 5.2.1 gives it no inbound rule.
"""

from labctl_moto.patch import replace
from moto.ec2.models.security_groups import SecurityGroup, SecurityGroupRule


def apply() -> None:
    @replace(SecurityGroup, "__init__")
    def init(original, self, *args, **kwargs):
        original(self, *args, **kwargs)
        if self.is_default:
            itself = {"GroupId": self.id, "OwnerId": self.owner_id, "UserId": self.owner_id}
            self.ingress_rules.append(
                SecurityGroupRule(self.ec2_backend, "-1", self.id, None, None, None, itself, is_egress=False)
            )
