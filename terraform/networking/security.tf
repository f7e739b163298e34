# Security groups, one a tier, and one resource a rule. Inside prod a group admits another group, never an
# address range: internet -> public -> app -> data.

locals {
  security_groups = {
    public   = { vpc = aws_vpc.prod.id, description = "Public tier: HTTPS from the internet" }
    app      = { vpc = aws_vpc.prod.id, description = "App tier: HTTPS from the public tier" }
    data     = { vpc = aws_vpc.prod.id, description = "Data tier: PostgreSQL from the app tier" }
    endpoint = { vpc = aws_vpc.prod.id, description = "Interface endpoint: HTTPS from the app tier" }
    dev      = { vpc = aws_vpc.dev.id, description = "Dev workloads: HTTPS to the shared tooling" }
    shared   = { vpc = aws_vpc.shared.id, description = "Shared tooling: HTTPS from the prod app tier and from dev" }
  }

  # "any" and the ranges of other VPCs are addresses; inside a VPC the other side is a security group.
  ingress = {
    internet-public  = { group = "public", port = 443, cidr = local.any }
    internet6-public = { group = "public", port = 443, cidr6 = local.any6 }
    public-app       = { group = "app", port = 443, from = "public" }
    app-data         = { group = "data", port = 5432, from = "app" }
    app-endpoint     = { group = "endpoint", port = 443, from = "app" }
    app-shared       = { group = "shared", port = 443, cidr = local.tier_cidr.app }
    dev-shared       = { group = "shared", port = 443, cidr = local.tier_cidr.dev }
  }
  egress = {
    public-app    = { group = "public", port = 443, to = "app" }
    app-data      = { group = "app", port = 5432, to = "data" }
    app-internet  = { group = "app", port = 443, cidr = local.any } # S3, KMS and shared are in it
    app-internet6 = { group = "app", port = 443, cidr6 = local.any6 }
    data-s3       = { group = "data", port = 443, prefix_list = data.aws_prefix_list.s3.id }
    dev-shared    = { group = "dev", port = 443, cidr = local.tier_cidr.shared }
  }
}

resource "aws_security_group" "this" {
  for_each = local.security_groups

  name        = "${local.name}-${each.key}"
  description = each.value.description
  vpc_id      = each.value.vpc

  tags = { Name = "${local.name}-${each.key}", "labctl:role" = each.key }
}

resource "aws_vpc_security_group_ingress_rule" "this" {
  for_each = local.ingress

  security_group_id            = aws_security_group.this[each.value.group].id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  cidr_ipv4                    = lookup(each.value, "cidr", null)
  cidr_ipv6                    = lookup(each.value, "cidr6", null)
  referenced_security_group_id = can(each.value.from) ? aws_security_group.this[each.value.from].id : null

  tags = { Name = "${local.name}-${each.key}" }
}

resource "aws_vpc_security_group_egress_rule" "this" {
  for_each = local.egress

  security_group_id            = aws_security_group.this[each.value.group].id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  cidr_ipv4                    = lookup(each.value, "cidr", null)
  cidr_ipv6                    = lookup(each.value, "cidr6", null)
  prefix_list_id               = lookup(each.value, "prefix_list", null)
  referenced_security_group_id = can(each.value.to) ? aws_security_group.this[each.value.to].id : null

  tags = { Name = "${local.name}-${each.key}" }
}

# A host that is started without a group gets the default one. Without rules it can do nothing.
resource "aws_default_security_group" "this" {
  for_each = { prod = aws_vpc.prod.id, dev = aws_vpc.dev.id, shared = aws_vpc.shared.id }

  vpc_id = each.value

  tags = { Name = "${local.name}-${each.key}-default", "labctl:role" = "default" }
}
