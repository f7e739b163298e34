"""Tags given at creation.

AWS tags every resource of a VPC with the tags that its creation names:
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html
moto 5.2.1 loses them for DHCP options and for transit gateway attachments.
"""

from labctl_moto.patch import replace
from moto.ec2.responses.dhcp_options import DHCPOptions
from moto.ec2.responses.transit_gateway_attachments import TransitGatewayAttachment

LOST = (
    (DHCPOptions, "create_dhcp_options", "DhcpOptions", "dhcp-options"),
    (
        TransitGatewayAttachment,
        "create_transit_gateway_vpc_attachment",
        "TransitGatewayVpcAttachment",
        "transit-gateway-attachment",
    ),
)


def keep(owner, call: str, key: str, kind: str) -> None:
    @replace(owner, call)
    def create(original, self):
        answer = original(self)
        answer.result[key].add_tags(self._parse_tag_specification().get(kind, {}))
        return answer


def apply() -> None:
    for lost in LOST:
        keep(*lost)
