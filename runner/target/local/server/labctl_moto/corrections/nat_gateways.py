"""NAT gateways and their network interfaces.

AWS puts a requester-managed network interface of type nat_gateway into the subnet,
with an address of that subnet and no security group; a gateway is public unless it is
said to be private; deleting it removes the interface and frees the Elastic IP address,
and the gateway is listed as deleted for about an hour:
https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNatGateway.html
moto 5.2.1 takes any address of 10.0.0.0/8, adds the default security group, leaves the
connectivity type empty, and keeps interface and association after the deletion.
"""

from labctl_moto.corrections.interface_addresses import settle
from labctl_moto.patch import replace
from moto.ec2.models.nat_gateways import NatGatewayBackend


def apply() -> None:
    @replace(NatGatewayBackend, "create_nat_gateway")
    def create(original, self, subnet_id, allocation_id, tags=None, connectivity_type=None):
        nat = original(self, subnet_id, allocation_id, tags, connectivity_type or "public")
        settle(nat._eni, "nat_gateway", f"Interface for NAT Gateway {nat.id}", groups=[])
        nat._eni.source_dest_check = False
        nat.private_ip = nat._eni.private_ip_address
        nat.address_set[0].update(privateIp=nat.private_ip, isPrimary=True, status="succeeded")
        return nat

    @replace(NatGatewayBackend, "delete_nat_gateway")
    def delete(original, self, nat_gateway_id):
        nat = original(self, nat_gateway_id)
        for address in self.addresses:
            if address.eni is nat._eni:
                self.disassociate_address(association_id=address.association_id)
        if nat._eni.id in self.enis:
            self.delete_network_interface(nat._eni.id)
        return nat
