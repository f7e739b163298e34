"""VPC attachments of transit gateways: associations, propagations, deletion.

An attachment of AWS is associated with one route table at most, and propagates its routes
to any number. A deleted attachment is listed as deleted for a while, with its associations
and propagations gone:
https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteTransitGatewayVpcAttachment.html
moto 5.2.1 associates with several tables, remembers one propagation, fails to end default
associations, and forgets the deleted attachment, for which the Terraform provider waits.
"""

from labctl_moto.corrections.transit_gateways import enabled
from labctl_moto.patch import replace
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.transit_gateway_attachments import TransitGatewayAttachment, TransitGatewayAttachmentBackend
from moto.ec2.models.transit_gateway_route_tables import (
    RouteTablePropagation,
    TransitGatewayRelations,
    TransitGatewayRouteTableBackend,
)


def associated_table(attachment):
    for table in list(attachment.ec2_backend.transit_gateways_route_tables.values()):
        if attachment.id in table.route_table_associations:
            return table
    return None


def association(attachment) -> dict | None:
    table = associated_table(attachment)
    return {"State": "associated", "TransitGatewayRouteTableId": table.id} if table else None


def propagates(table, attachment_id: str) -> bool:
    return any(p.transitGatewayAttachmentId == attachment_id for p in table.route_table_propagation)


def stop_propagation(table, attachment_id: str) -> None:
    table.route_table_propagation = [
        p for p in table.route_table_propagation if p.transitGatewayAttachmentId != attachment_id
    ]


def apply() -> None:
    TransitGatewayAttachment.association = property(association)
    correct_attachments()
    correct_associations()
    correct_propagations()


def correct_attachments() -> None:
    @replace(TransitGatewayAttachmentBackend, "create_transit_gateway_vpc_attachment")
    def create(original, self, transit_gateway_id, vpc_id, *args, **kwargs):
        for old in list(self.transit_gateway_attachments.values()):
            if old.state == "deleted" and (old.transit_gateway_id, old.resource_id) == (transit_gateway_id, vpc_id):
                del self.transit_gateway_attachments[old.id]
        attachment = original(self, transit_gateway_id, vpc_id, *args, **kwargs)
        gateway = self.transit_gateways[transit_gateway_id]
        table = gateway.default_route_table
        # moto has associated it with the default table, whatever the gateway's options are.
        table.route_table_associations.pop(attachment.id, None)
        if enabled(gateway, "DefaultRouteTableAssociation"):
            self.associate_transit_gateway_route_table(attachment.id, table.id)
        if enabled(gateway, "DefaultRouteTablePropagation"):
            self.enable_transit_gateway_route_table_propagation(attachment.id, table.id)
        return attachment

    @replace(TransitGatewayAttachmentBackend, "delete_transit_gateway_vpc_attachment")
    def delete(original, self, transit_gateway_attachment_id):
        attachment = original(self, transit_gateway_attachment_id)
        self.transit_gateway_attachments[attachment.id] = attachment
        for table in self.transit_gateways_route_tables.values():
            table.route_table_associations.pop(attachment.id, None)
            stop_propagation(table, attachment.id)
        return attachment


def correct_associations() -> None:
    @replace(TransitGatewayRouteTableBackend, "set_route_table_association")
    def set_association(original, self, transit_gateway_attachment_id, transit_gateway_route_table_id):
        # moto asks for the default table of a gateway that has none.
        if transit_gateway_route_table_id in self.transit_gateways_route_tables:
            original(self, transit_gateway_attachment_id, transit_gateway_route_table_id)

    @replace(TransitGatewayRouteTableBackend, "associate_transit_gateway_route_table")
    def associate(original, self, transit_gateway_attachment_id, transit_gateway_route_table_id):
        attachment = self.transit_gateway_attachments[transit_gateway_attachment_id]
        if associated_table(attachment):
            raise EC2ClientError(
                "Resource.AlreadyAssociated",
                f"Transit Gateway Attachment {attachment.id} is already associated to a route table.",
            )
        return original(self, transit_gateway_attachment_id, transit_gateway_route_table_id)

    @replace(TransitGatewayRouteTableBackend, "disassociate_transit_gateway_route_table")
    def disassociate(original, self, tgw_attach_id, tgw_rt_id):
        table = self.transit_gateways_route_tables.get(tgw_rt_id)
        if table is None or tgw_attach_id not in table.route_table_associations:
            raise EC2ClientError(
                "InvalidAssociation.NotFound",
                f"Association {tgw_attach_id} to {tgw_rt_id} was not found.",
            )
        return original(self, tgw_attach_id, tgw_rt_id)


def correct_propagations() -> None:
    @replace(TransitGatewayRouteTableBackend, "enable_transit_gateway_route_table_propagation")
    def enable(_original, self, transit_gateway_attachment_id, transit_gateway_route_table_id):
        relation = TransitGatewayRelations(
            self, transit_gateway_attachment_id, transit_gateway_route_table_id, state="enabled"
        )
        table = self.transit_gateways_route_tables[transit_gateway_route_table_id]
        if propagates(table, transit_gateway_attachment_id):
            raise EC2ClientError(
                "TransitGatewayRouteTablePropagation.Duplicate",
                f"Propagation already exists for {transit_gateway_attachment_id} in {table.id}.",
            )
        table.route_table_propagation.append(
            RouteTablePropagation(
                relation.resource_id, relation.resource_type, "enabled", transit_gateway_attachment_id
            )
        )
        return relation

    @replace(TransitGatewayRouteTableBackend, "disable_transit_gateway_route_table_propagation")
    def disable(_original, self, transit_gateway_attachment_id, transit_gateway_route_table_id):
        table = self.transit_gateways_route_tables[transit_gateway_route_table_id]
        if not propagates(table, transit_gateway_attachment_id):
            raise EC2ClientError(
                "TransitGatewayRouteTablePropagation.NotFound",
                f"Propagation of {transit_gateway_attachment_id} in {table.id} was not found.",
            )
        stop_propagation(table, transit_gateway_attachment_id)
        return TransitGatewayRelations(self, transit_gateway_attachment_id, table.id, state="disabled")
