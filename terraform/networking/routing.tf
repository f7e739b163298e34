# Route tables. Routes are written inline, which makes each table exclusive: a route added by hand is
# drift. No main table is used: a new VPC's main table is local-only and has to stay so.

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.prod.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.prod.id
  }

  route {
    ipv6_cidr_block = "::/0"
    gateway_id      = aws_internet_gateway.prod.id
  }

  tags = { Name = "${local.name}-public", "labctl:role" = "public" }
}

resource "aws_route_table" "app" {
  for_each = local.zones

  vpc_id = aws_vpc.prod.id

  route {
    cidr_block     = "0.0.0.0/0"
    nat_gateway_id = aws_nat_gateway.prod[each.key].id
  }

  route {
    ipv6_cidr_block        = "::/0"
    egress_only_gateway_id = aws_egress_only_internet_gateway.prod.id
  }

  dynamic "route" {
    for_each = local.subnet_cidr.shared

    content {
      cidr_block                = route.value
      vpc_peering_connection_id = lookup(local.peering, "prod", null)
      transit_gateway_id        = lookup(local.transit_gateway, "prod", null)
    }
  }

  tags = { Name = "${local.name}-app-${each.key}", "labctl:role" = "app" }
}

# The data tier has the VPC and the S3 endpoint, nothing else.
resource "aws_route_table" "data" {
  vpc_id = aws_vpc.prod.id

  tags = { Name = "${local.name}-data", "labctl:role" = "data" }
}

resource "aws_route_table" "dev" {
  vpc_id = aws_vpc.dev.id

  dynamic "route" {
    for_each = local.subnet_cidr.shared

    content {
      cidr_block                = route.value
      vpc_peering_connection_id = lookup(local.peering, "dev", null)
      transit_gateway_id        = lookup(local.transit_gateway, "dev", null)
    }
  }

  tags = { Name = "${local.name}-dev", "labctl:role" = "dev" }
}

# The way back: to the subnets that use the tooling, not to their VPCs.
resource "aws_route_table" "shared" {
  vpc_id = aws_vpc.shared.id

  dynamic "route" {
    for_each = local.subnet_cidr.app

    content {
      cidr_block                = route.value
      vpc_peering_connection_id = lookup(local.peering, "prod", null)
      transit_gateway_id        = lookup(local.transit_gateway, "shared", null)
    }
  }

  dynamic "route" {
    for_each = local.subnet_cidr.dev

    content {
      cidr_block                = route.value
      vpc_peering_connection_id = lookup(local.peering, "dev", null)
      transit_gateway_id        = lookup(local.transit_gateway, "shared", null)
    }
  }

  tags = { Name = "${local.name}-shared", "labctl:role" = "shared" }
}

resource "aws_route_table_association" "public" {
  for_each = local.zones

  subnet_id      = aws_subnet.public[each.key].id
  route_table_id = aws_route_table.public.id
}

resource "aws_route_table_association" "app" {
  for_each = local.zones

  subnet_id      = aws_subnet.app[each.key].id
  route_table_id = aws_route_table.app[each.key].id
}

resource "aws_route_table_association" "data" {
  for_each = local.zones

  subnet_id      = aws_subnet.data[each.key].id
  route_table_id = aws_route_table.data.id
}

resource "aws_route_table_association" "dev" {
  for_each = local.zones

  subnet_id      = aws_subnet.dev[each.key].id
  route_table_id = aws_route_table.dev.id
}

resource "aws_route_table_association" "shared" {
  for_each = local.zones

  subnet_id      = aws_subnet.shared[each.key].id
  route_table_id = aws_route_table.shared.id
}
