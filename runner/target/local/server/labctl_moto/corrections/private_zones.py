"""Private hosted zones.

AWS makes a private hosted zone when CreateHostedZone names a VPC:
https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateHostedZone.html
moto 5.2.1 makes a public one unless the configuration says private too, which the
Terraform provider leaves out.
"""

from labctl_moto.patch import replace
from moto.route53.responses import Route53


def apply() -> None:
    @replace(Route53, "_get_bool_param")
    def get_bool_param(original, self, name, *args, **kwargs):
        if name == "HostedZoneConfig.PrivateZone" and self._get_param("VPC.VPCId"):
            return True
        return original(self, name, *args, **kwargs)
