# VPCs, subnets, and the gateways to the internet.

resource "aws_vpc" "prod" {
  cidr_block                       = local.vpc_cidr.prod
  assign_generated_ipv6_cidr_block = true
  enable_dns_hostnames             = true

  tags = { Name = "${local.name}-prod", "labctl:role" = "prod" }
}

resource "aws_vpc" "dev" {
  cidr_block           = local.vpc_cidr.dev
  enable_dns_hostnames = true

  tags = { Name = "${local.name}-dev", "labctl:role" = "dev" }
}

resource "aws_vpc" "shared" {
  cidr_block           = local.vpc_cidr.shared
  enable_dns_hostnames = true

  tags = { Name = "${local.name}-shared", "labctl:role" = "shared" }
}

# No subnet hands out public addresses or IPv6 addresses by itself: the hosts ask for theirs.

resource "aws_subnet" "public" {
  for_each = local.zones

  vpc_id            = aws_vpc.prod.id
  availability_zone = each.key
  cidr_block        = local.subnet_cidr.public[each.key]
  ipv6_cidr_block   = cidrsubnet(local.tier_cidr6.public, 4, each.value)

  tags = { Name = "${local.name}-public-${each.key}", "labctl:role" = "public" }
}

resource "aws_subnet" "app" {
  for_each = local.zones

  vpc_id            = aws_vpc.prod.id
  availability_zone = each.key
  cidr_block        = local.subnet_cidr.app[each.key]
  ipv6_cidr_block   = cidrsubnet(local.tier_cidr6.app, 4, each.value)

  tags = { Name = "${local.name}-app-${each.key}", "labctl:role" = "app" }
}

resource "aws_subnet" "data" {
  for_each = local.zones

  vpc_id            = aws_vpc.prod.id
  availability_zone = each.key
  cidr_block        = local.subnet_cidr.data[each.key]
  ipv6_cidr_block   = cidrsubnet(local.tier_cidr6.data, 4, each.value)

  tags = { Name = "${local.name}-data-${each.key}", "labctl:role" = "data" }
}

resource "aws_subnet" "dev" {
  for_each = local.zones

  vpc_id            = aws_vpc.dev.id
  availability_zone = each.key
  cidr_block        = local.subnet_cidr.dev[each.key]

  tags = { Name = "${local.name}-dev-${each.key}", "labctl:role" = "dev" }
}

resource "aws_subnet" "shared" {
  for_each = local.zones

  vpc_id            = aws_vpc.shared.id
  availability_zone = each.key
  cidr_block        = local.subnet_cidr.shared[each.key]

  tags = { Name = "${local.name}-shared-${each.key}", "labctl:role" = "shared" }
}

resource "aws_internet_gateway" "prod" {
  vpc_id = aws_vpc.prod.id

  tags = { Name = "${local.name}-internet", "labctl:role" = "internet" }
}

resource "aws_egress_only_internet_gateway" "prod" {
  vpc_id = aws_vpc.prod.id

  tags = { Name = "${local.name}-egress-only", "labctl:role" = "egress-only" }
}

# A NAT gateway per zone: the loss of one zone must not take the other zone's egress with it.

resource "aws_eip" "nat" {
  for_each = local.zones

  domain = "vpc"

  tags = { Name = "${local.name}-nat-${each.key}", "labctl:role" = "nat" }
}

resource "aws_nat_gateway" "prod" {
  for_each = local.zones

  subnet_id     = aws_subnet.public[each.key].id
  allocation_id = aws_eip.nat[each.key].id

  tags = { Name = "${local.name}-nat-${each.key}", "labctl:role" = "nat" }

  # An address cannot be mapped into a VPC that has no internet gateway attached.
  depends_on = [aws_internet_gateway.prod]
}
