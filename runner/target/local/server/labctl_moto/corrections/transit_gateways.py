"""Transit gateways and their default route tables.

AWS makes a default route table only where default association or propagation is enabled;
a new attachment is then associated with it, and propagates its routes to it. A gateway
with attachments can't be deleted, and its default route table goes with it:
https://docs.aws.amazon.com/vpc/latest/tgw/tgw-transit-gateways.html
https://docs.aws.amazon.com/vpc/latest/tgw/tgw-route-tables.html
moto 5.2.1 always makes the table and associates with it, never propagates, deletes a
gateway under its attachments, and leaves the table behind.
"""

from labctl_moto.patch import replace
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.transit_gateway import TransitGateway, TransitGatewayBackend


def enabled(gateway, option: str) -> bool:
    return gateway.options.get(option) == "enable"


def apply() -> None:
    @replace(TransitGateway, "__init__")
    def init(original, self, backend, description, options=None):
        original(self, backend, description, options)
        table = self.default_route_table
        table.default_association_route_table = enabled(self, "DefaultRouteTableAssociation")
        table.default_propagation_route_table = enabled(self, "DefaultRouteTablePropagation")
        if not table.default_association_route_table:
            self.options["AssociationDefaultRouteTableId"] = None
        if not table.default_propagation_route_table:
            self.options["PropagationDefaultRouteTableId"] = None
        if not (table.default_association_route_table or table.default_propagation_route_table):
            del backend.transit_gateways_route_tables[table.id]

    @replace(TransitGatewayBackend, "delete_transit_gateway")
    def delete(original, self, transit_gateway_id):
        live = [
            a.id
            for a in self.transit_gateway_attachments.values()
            if a.transit_gateway_id == transit_gateway_id and a.state != "deleted"
        ]
        if live:
            raise EC2ClientError("IncorrectState", f"{transit_gateway_id} has non-deleted VPC Attachments: {', '.join(live)}.")
        gateway = original(self, transit_gateway_id)
        gateway.state = "deleted"
        for table in list(self.transit_gateways_route_tables.values()):
            if table.transit_gateway_id == transit_gateway_id:
                del self.transit_gateways_route_tables[table.id]
        return gateway
