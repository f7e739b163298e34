"""What a subnet is associated with.

AWS lets a subnet have one route table: associating a second one is refused with
Resource.AlreadyAssociated. Deleting a subnet ends its associations with a route table and
a network ACL: https://docs.aws.amazon.com/vpc/latest/userguide/WorkWithRouteTables.html
https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html
moto 5.2.1 answers the second request with the first association, and keeps the
associations of deleted subnets, so that the ACL can't be deleted.
"""

from labctl_moto.patch import replace
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.route_tables import RouteBackend
from moto.ec2.models.subnets import SubnetBackend


def apply() -> None:
    @replace(RouteBackend, "associate_route_table")
    def associate(original, self, route_table_id, gateway_id=None, subnet_id=None):
        for table in list(self.route_tables.values()):
            if subnet_id and table.id != route_table_id and subnet_id in table._associations.values():
                raise EC2ClientError(
                    "Resource.AlreadyAssociated",
                    f"the specified association for route table {route_table_id} conflicts with an existing association",
                )
        return original(self, route_table_id, gateway_id, subnet_id)

    @replace(SubnetBackend, "delete_subnet")
    def delete(original, self, subnet_id):
        subnet = original(self, subnet_id)
        for table in list(self.route_tables.values()):
            for association_id, target in list(table._associations.items()):
                if target == subnet_id:
                    del table._associations[association_id]
        for acl in list(self.network_acls.values()):
            for association_id, association in list(acl._associations.items()):
                if association.subnet_id == subnet_id:
                    del acl._associations[association_id]
        return subnet
