"""Elastic IP addresses are public.

AWS allocates them from Amazon's pool of public IPv4 addresses:
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/elastic-ip-addresses-eip.html
moto 5.2.1 makes them up from 127.0.0.0/8, the loopback range.
"""

from labctl_moto.patch import replace
from moto.ec2.models.elastic_ip_addresses import ElasticAddress
from moto.ec2.utils import random_public_ip


def apply() -> None:
    @replace(ElasticAddress, "__init__")
    def init(original, self, ec2_backend, domain, address=None, tags=None):
        taken = {a.public_ip for a in ec2_backend.addresses}
        while not address or (address in taken):
            address = random_public_ip()
        original(self, ec2_backend, domain, address, tags)
