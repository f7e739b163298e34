# How prod and dev reach the shared VPC, and never each other. Either two peerings, which are not
# transitive; or a transit gateway with two route tables, where the spokes' table knows only shared.

locals {
  spokes = { prod = aws_vpc.prod.id, dev = aws_vpc.dev.id }

  # The next hops of a VPC's routes: of the two designs one has them, the other is empty.
  peering         = { for vpc, connection in aws_vpc_peering_connection.shared : vpc => connection.id }
  transit_gateway = { for vpc, attachment in aws_ec2_transit_gateway_vpc_attachment.this : vpc => attachment.transit_gateway_id }
}

resource "aws_vpc_peering_connection" "shared" {
  for_each = var.transit == "peering" ? local.spokes : {}

  vpc_id      = each.value
  peer_vpc_id = aws_vpc.shared.id
  auto_accept = true

  # Without these two a private name on the other side resolves to nothing.
  requester {
    allow_remote_vpc_dns_resolution = true
  }
  accepter {
    allow_remote_vpc_dns_resolution = true
  }

  tags = { Name = "${local.name}-${each.key}-shared", "labctl:role" = "${each.key}-shared" }
}

resource "aws_ec2_transit_gateway" "this" {
  count = var.transit == "transit_gateway" ? 1 : 0

  description = "prod and dev to shared, never to each other"

  # With the default table every attachment would reach every other.
  default_route_table_association = "disable"
  default_route_table_propagation = "disable"

  tags = { Name = "${local.name}-transit", "labctl:role" = "transit" }
}

# The attachments stand in subnets of their own, with the VPC's default network ACL, which is open: an ACL is asked for
# packets into the attachment's subnet by their source, also where the sender is in that subnet, so a tier's ACL would
# have to admit its own replies' opposite. https://docs.aws.amazon.com/vpc/latest/tgw/tgw-nacls.html
locals {
  # The end of each VPC's range, a /26 a zone.
  transit_subnets = var.transit == "transit_gateway" ? merge([
    for vpc, id in merge(local.spokes, { shared = aws_vpc.shared.id }) : {
      for zone, number in local.zones : "${vpc}-${zone}" => {
        vpc = vpc, id = id, zone = zone, cidr = cidrsubnet(local.vpc_cidr[vpc], 10, 1020 + number)
      }
    }
  ]...) : {}
}

resource "aws_subnet" "transit" {
  for_each = local.transit_subnets

  vpc_id            = each.value.id
  availability_zone = each.value.zone
  cidr_block        = each.value.cidr

  tags = { Name = "${local.name}-transit-${each.key}", "labctl:role" = "transit" }
}

# Local routes only: what comes out of the transit gateway is for this VPC.
resource "aws_route_table" "transit" {
  for_each = var.transit == "transit_gateway" ? merge(local.spokes, { shared = aws_vpc.shared.id }) : {}

  vpc_id = each.value

  tags = { Name = "${local.name}-transit-${each.key}", "labctl:role" = "transit" }
}

resource "aws_route_table_association" "transit" {
  for_each = local.transit_subnets

  subnet_id      = aws_subnet.transit[each.key].id
  route_table_id = aws_route_table.transit[each.value.vpc].id
}

resource "aws_ec2_transit_gateway_vpc_attachment" "this" {
  for_each = var.transit == "transit_gateway" ? merge(local.spokes, { shared = aws_vpc.shared.id }) : {}

  transit_gateway_id = aws_ec2_transit_gateway.this[0].id
  vpc_id             = each.value

  # A zone without an attachment has no way to the transit gateway.
  subnet_ids = [for key, subnet in local.transit_subnets : aws_subnet.transit[key].id if subnet.vpc == each.key]

  transit_gateway_default_route_table_association = false
  transit_gateway_default_route_table_propagation = false

  tags = { Name = "${local.name}-${each.key}", "labctl:role" = each.key }
}

resource "aws_ec2_transit_gateway_route_table" "this" {
  for_each = var.transit == "transit_gateway" ? toset(["spokes", "shared"]) : toset([])

  transit_gateway_id = aws_ec2_transit_gateway.this[0].id

  tags = { Name = "${local.name}-${each.key}", "labctl:role" = each.key }
}

resource "aws_ec2_transit_gateway_route_table_association" "this" {
  for_each = var.transit == "transit_gateway" ? { prod = "spokes", dev = "spokes", shared = "shared" } : {}

  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.this[each.key].id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.this[each.value].id
}

# Static routes to the tiers that talk to each other; propagation would announce whole VPCs.
resource "aws_ec2_transit_gateway_route" "this" {
  for_each = var.transit == "transit_gateway" ? {
    shared = { table = "spokes", to = "shared", cidr = local.tier_cidr.shared }
    prod   = { table = "shared", to = "prod", cidr = local.tier_cidr.app }
    dev    = { table = "shared", to = "dev", cidr = local.tier_cidr.dev }
  } : {}

  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.this[each.value.table].id
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.this[each.value.to].id
  destination_cidr_block         = each.value.cidr
}
