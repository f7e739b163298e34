# The load balancer is on the internet. The instances are not: they have no public IPv4 address, and their way out, which is
# free, admits nothing in: IPv6 through an egress-only gateway for SQS, and an endpoint for DynamoDB.

resource "aws_vpc" "site" {
  cidr_block = "10.64.0.0/16"

  tags = { Name = "${local.name}-site", "labctl:role" = "site" }

  lifecycle {
    ignore_changes = [assign_generated_ipv6_cidr_block] # what follows has assigned it
  }
}

# Apart from the VPC: the load balancer, which takes longest of all, does not wait for it.
resource "aws_vpc_ipv6_cidr_block_association" "site" {
  vpc_id                           = aws_vpc.site.id
  assign_generated_ipv6_cidr_block = true
}

resource "aws_subnet" "public" {
  for_each = local.zones

  vpc_id            = aws_vpc.site.id
  availability_zone = each.key
  cidr_block        = cidrsubnet(aws_vpc.site.cidr_block, 8, each.value)

  tags = { Name = "${local.name}-public-${each.key}", "labctl:role" = "public" }
}

resource "aws_subnet" "app" {
  for_each = local.zones

  vpc_id                          = aws_vpc.site.id
  availability_zone               = each.key
  cidr_block                      = cidrsubnet(aws_vpc.site.cidr_block, 8, 16 + each.value)
  ipv6_cidr_block                 = cidrsubnet(aws_vpc_ipv6_cidr_block_association.site.ipv6_cidr_block, 8, 16 + each.value)
  assign_ipv6_address_on_creation = true

  tags = { Name = "${local.name}-app-${each.key}", "labctl:role" = "app" }
}

resource "aws_internet_gateway" "site" {
  vpc_id = aws_vpc.site.id

  tags = { Name = "${local.name}-internet", "labctl:role" = "internet" }
}

resource "aws_egress_only_internet_gateway" "site" {
  vpc_id = aws_vpc.site.id

  tags = { Name = "${local.name}-egress-only", "labctl:role" = "egress-only" }
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.site.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.site.id
  }

  tags = { Name = "${local.name}-public", "labctl:role" = "public" }
}

resource "aws_route_table" "app" {
  vpc_id = aws_vpc.site.id

  route {
    ipv6_cidr_block        = "::/0"
    egress_only_gateway_id = aws_egress_only_internet_gateway.site.id
  }

  tags = { Name = "${local.name}-app", "labctl:role" = "app" }
}

resource "aws_route_table_association" "public" {
  for_each = local.zones

  subnet_id      = aws_subnet.public[each.key].id
  route_table_id = aws_route_table.public.id
}

resource "aws_route_table_association" "app" {
  for_each = local.zones

  subnet_id      = aws_subnet.app[each.key].id
  route_table_id = aws_route_table.app.id
}

resource "aws_vpc_endpoint" "dynamodb" {
  vpc_id            = aws_vpc.site.id
  service_name      = "com.amazonaws.${var.region}.dynamodb"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [aws_route_table.app.id]

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OwnPrincipalsToOwnTables"
      Effect    = "Allow"
      Principal = "*"
      Action    = "dynamodb:*"
      Resource  = "arn:${local.aws}:dynamodb:${var.region}:${local.account}:table/${local.name}-*"
      Condition = { StringEquals = { "aws:PrincipalAccount" = local.account } }
    }]
  })

  tags = { Name = "${local.name}-dynamodb", "labctl:role" = "endpoint" }
}
