"""The state of a route.

AWS reports a route as blackhole when its target is not available: a NAT gateway or an
egress-only gateway that is deleted, an internet gateway that is detached, a peering that
is not active, a transit gateway without an attachment of the VPC, a network interface
that is gone: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html
https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-routing.html
moto 5.2.1 reports every route as active.
"""

from moto.ec2.models.route_tables import Route


def available(route) -> bool:
    if route.local:
        return True
    backend, vpc_id = route.route_table.ec2_backend, route.route_table.vpc_id
    if route.nat_gateway:
        return route.nat_gateway.state == "available"
    if route.vpc_pcx:
        return route.vpc_pcx.status["Code"] == "active"
    if route.egress_only_igw:
        return route.egress_only_igw.id in backend.egress_only_internet_gateways
    if route.transit_gateway:
        return attached(backend, route.transit_gateway.id, vpc_id)
    if route.interface:
        return route.interface.id in backend.enis
    if route.gateway and route.gateway.id.startswith("igw-"):
        return route.gateway.vpc is not None and route.gateway.vpc.id == vpc_id
    return True


def attached(backend, transit_gateway_id: str, vpc_id: str) -> bool:
    return any(
        a.transit_gateway_id == transit_gateway_id and a.resource_id == vpc_id and a.state == "available"
        for a in list(backend.transit_gateway_attachments.values())
    )


def apply() -> None:
    Route.state = property(lambda route: "active" if available(route) else "blackhole")
