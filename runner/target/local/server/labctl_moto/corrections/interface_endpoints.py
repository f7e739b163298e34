"""Interface endpoints and their network interfaces.

AWS makes one requester-managed network interface in each subnet of the endpoint, with
an address of the subnet and the endpoint's security groups, the VPC's default one if
none is named. ModifyVpcEndpoint adds and removes subnets, groups, and private DNS names:
https://docs.aws.amazon.com/vpc/latest/privatelink/interface-endpoints.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcEndpoint.html
moto 5.2.1 gives the interfaces any address of 10.0.0.0/8 and the default group, does not
touch them on a modification, and ignores a change of private DNS and a policy reset.
"""

import json

from labctl_moto.corrections.interface_addresses import settle
from labctl_moto.patch import replace
from moto.ec2.models.vpcs import VPCBackend, VPCEndPoint
from moto.ec2.responses.vpcs import VPCs


def is_interface(endpoint) -> bool:
    return (endpoint.vpc_endpoint_type or "").lower() == "interface"


def groups_of(endpoint) -> list:
    return [endpoint.ec2_backend.get_security_group_from_id(i) for i in endpoint.security_group_ids]


def adopt(endpoint, eni) -> None:
    settle(eni, "vpc_endpoint", f"VPC Endpoint Interface {endpoint.id}", groups_of(endpoint))


def apply() -> None:
    @replace(VPCBackend, "create_vpc_endpoint")
    def create(original, self, vpc_id, service_name, endpoint_type, *args, **kwargs):
        endpoint = original(self, vpc_id, service_name, endpoint_type, *args, **kwargs)
        if is_interface(endpoint):
            if not endpoint.security_group_ids:
                endpoint.security_group_ids = [self.get_default_security_group(vpc_id).id]
            for eni_id in endpoint.network_interface_ids:
                adopt(endpoint, self.enis[eni_id])
        return endpoint

    @replace(VPCEndPoint, "modify")
    def modify(original, self, policy_doc, add_subnets, remove_subnets, *args, **kwargs):
        original(self, policy_doc, add_subnets, remove_subnets, *args, **kwargs)
        if not is_interface(self):
            return
        backend = self.ec2_backend
        for eni_id in list(self.network_interface_ids):
            if backend.enis[eni_id].subnet.id not in self.subnet_ids:
                backend.delete_network_interface(eni_id)
                self.network_interface_ids.remove(eni_id)
        served = {backend.enis[i].subnet.id for i in self.network_interface_ids}
        for subnet_id in self.subnet_ids:
            if subnet_id not in served:
                eni = backend.create_network_interface(subnet_id, None)
                self.network_interface_ids.append(eni.id)
                adopt(self, eni)
        for eni_id in self.network_interface_ids:
            backend.enis[eni_id]._group_set = groups_of(self)

    @replace(VPCs, "modify_vpc_endpoint")
    def respond(original, self):
        answer = original(self)
        endpoint = self.ec2_backend.get_vpc_end_point(self._get_param("VpcEndpointId"))
        private_dns = self._get_bool_param("PrivateDnsEnabled")
        if private_dns is not None and is_interface(endpoint):
            endpoint.private_dns_enabled = private_dns
        if self._get_bool_param("ResetPolicy"):
            endpoint.policy_document = json.dumps(VPCEndPoint.DEFAULT_POLICY)
        return answer
