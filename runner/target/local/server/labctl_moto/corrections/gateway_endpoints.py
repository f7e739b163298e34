"""Gateway endpoints and their routes.

AWS adds a route from the service's prefix list to the endpoint to each route table of
the endpoint, and removes it when the table is taken off or the endpoint deleted. A
gateway endpoint has no private DNS names of its own; Gateway is the default type:
https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html
moto 5.2.1 touches the routes only at creation, refuses to delete an endpoint after its
route tables were modified, and keeps deleted endpoints for good.
"""

from labctl_moto.corrections.interface_endpoints import is_interface
from labctl_moto.patch import replace
from moto.ec2.models.vpcs import VPCBackend, VPCEndPoint
from moto.ec2.utils import generate_route_id


def is_gateway(endpoint) -> bool:
    return endpoint.vpc_endpoint_type == "Gateway"


def sync_routes(endpoint, wanted: list[str]) -> None:
    """Makes the tables in wanted, and no others, lead to the service by the endpoint."""
    backend, prefix_list = endpoint.ec2_backend, endpoint.destination_prefix_list_id
    for table in list(backend.route_tables.values()):
        route = table._routes.get(generate_route_id(table.id, prefix_list))
        ours = route is not None and route.gateway_id == endpoint.id
        if table.id in wanted and not ours:
            backend.create_route(table.id, None, gateway_id=endpoint.id, destination_prefix_list_id=prefix_list)
        if table.id not in wanted and ours:
            table._routes.pop(route.id)


def apply() -> None:
    @replace(VPCBackend, "create_vpc_endpoint")
    def create(original, self, vpc_id, service_name, endpoint_type, *args, **kwargs):
        endpoint = original(self, vpc_id, service_name, endpoint_type or "Gateway", *args, **kwargs)
        if is_gateway(endpoint):
            endpoint.private_dns_enabled = False
        return endpoint

    @replace(VPCEndPoint, "modify")
    def modify(original, self, *args, **kwargs):
        original(self, *args, **kwargs)
        if is_gateway(self) and self.destination_prefix_list_id:
            sync_routes(self, self.route_table_ids)

    @replace(VPCEndPoint, "get_filter_value")
    def get_filter_value(original, self, name, method_name=None):
        return self.id if name == "vpc-endpoint-id" else original(self, name, method_name)

    @replace(VPCBackend, "delete_vpc_endpoints")
    def delete(_original, self, vpce_ids=None):
        for endpoint_id in vpce_ids or []:
            endpoint = self.vpc_end_points.pop(endpoint_id, None)
            if endpoint is None:
                continue
            endpoint.state = "deleted"
            if is_interface(endpoint):
                for eni_id in endpoint.network_interface_ids:
                    self.delete_network_interface(eni_id)
            elif endpoint.destination_prefix_list_id:
                sync_routes(endpoint, [])
