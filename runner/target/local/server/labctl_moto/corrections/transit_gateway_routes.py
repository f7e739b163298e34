"""The routes of a transit gateway route table.

SearchTransitGatewayRoutes of AWS returns static and propagated routes with their
attachments; a static route wins over a propagated one to the same range, and is a
blackhole when its attachment is gone:
https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SearchTransitGatewayRoutes.html
moto 5.2.1 returns static routes only, without a readable attachment and always active,
and knows three of the filters.
"""

import ipaddress

from labctl_moto.corrections.peering_connections import ranges
from labctl_moto.patch import replace
from moto.ec2.models.transit_gateway_route_tables import TransitGatewayRouteTableBackend


def attachment_of(attachment) -> dict:
    return {
        "resourceId": attachment.resource_id,
        "resourceType": attachment.resource_type,
        "transitGatewayAttachmentId": attachment.id,
    }


def static_routes(backend, table):
    for route in list(table.routes.values()):
        route = dict(route)
        for target in route.get("transitGatewayAttachments") or []:
            attachment = backend.transit_gateway_attachments.get(target["transitGatewayAttachmentId"])
            if attachment is None or attachment.state != "available":
                route["state"] = "blackhole"
        yield route


def propagated_routes(backend, table):
    for propagation in table.route_table_propagation:
        attachment = backend.transit_gateway_attachments[propagation.transitGatewayAttachmentId]
        vpc = backend.vpcs.get(attachment.resource_id)
        if vpc is None:
            continue
        families = [False, True] if attachment.options.get("Ipv6Support") == "enable" else [False]
        for cidr in (c for ipv6 in families for c in ranges(vpc, ipv6)):
            yield {
                "destinationCidrBlock": cidr,
                "prefixListId": None,
                "state": "active",
                "type": "propagated",
                "transitGatewayAttachments": [attachment_of(attachment)],
            }


def routes_of(backend, table) -> list[dict]:
    routes = {r["destinationCidrBlock"]: r for r in propagated_routes(backend, table)}
    routes.update((r["destinationCidrBlock"], r) for r in static_routes(backend, table))
    return list(routes.values())


def net(text: str):
    return ipaddress.ip_network(text, strict=False)


def inside(one, other) -> bool:
    return one.version == other.version and one.subnet_of(other)


def longest(routes: list[dict], values: list[str]) -> list[dict]:
    found = []
    for value in values:
        covering = [r for r in routes if inside(net(value), net(r["destinationCidrBlock"]))]
        found += sorted(covering, key=lambda r: net(r["destinationCidrBlock"]).prefixlen)[-1:]
    return found


def attachment_values(route: dict, key: str) -> list[str]:
    return [a[key] for a in route.get("transitGatewayAttachments") or []]


KEEPS = {
    "type": lambda r, v: r["type"] == v,
    "state": lambda r, v: r["state"] == v,
    "route-search.exact-match": lambda r, v: net(r["destinationCidrBlock"]) == net(v),
    "route-search.subnet-of-match": lambda r, v: inside(net(r["destinationCidrBlock"]), net(v)),
    "route-search.supernet-of-match": lambda r, v: inside(net(v), net(r["destinationCidrBlock"])),
    "attachment.transit-gateway-attachment-id": lambda r, v: v in attachment_values(r, "transitGatewayAttachmentId"),
    "attachment.resource-id": lambda r, v: v in attachment_values(r, "resourceId"),
    "attachment.resource-type": lambda r, v: v in attachment_values(r, "resourceType"),
}


def apply() -> None:
    @replace(TransitGatewayRouteTableBackend, "create_transit_gateway_route")
    def create(original, self, *args, **kwargs):
        route = original(self, *args, **kwargs)
        if isinstance(route.get("transitGatewayAttachments"), dict):
            route["transitGatewayAttachments"] = [route["transitGatewayAttachments"]]
        return route

    @replace(TransitGatewayRouteTableBackend, "search_transit_gateway_routes")
    def search(_original, self, transit_gateway_route_table_id, filters, max_results=None):
        table = self.transit_gateways_route_tables.get(transit_gateway_route_table_id)
        routes = routes_of(self, table) if table else []
        for name, values in filters.items():
            if name == "route-search.longest-prefix-match":
                routes = longest(routes, values)
            elif name in KEEPS:
                routes = [r for r in routes if any(KEEPS[name](r, v) for v in values)]
        return routes[: int(max_results)] if max_results else routes
