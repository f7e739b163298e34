# Security groups: internet -> balancer -> app -> database. One resource a rule; inside the VPC a group admits another
# group, never an address range. The network ACLs stay as AWS makes them, open.

data "aws_prefix_list" "dynamodb" {
  name = "com.amazonaws.${var.region}.dynamodb"
}

locals {
  port = 8080

  security_groups = merge({
    balancer = "Load balancer: HTTP from the internet"
    app      = "Instances: HTTP from the load balancer"
    }, var.multi_az_database ? {
    database = "Database: PostgreSQL from the instances"
  } : {})

  # HTTPS would need a certificate, and a certificate a domain; the lab has neither. Nothing listens on 443, so it is closed.
  ingress = merge({
    internet-balancer = { group = "balancer", port = 80, cidr = "0.0.0.0/0" }
    balancer-app      = { group = "app", port = local.port, from = "balancer" }
    }, var.multi_az_database ? {
    app-database = { group = "database", port = 5432, from = "app" }
  } : {})

  egress = merge({
    balancer-app  = { group = "balancer", port = local.port, to = "app" }
    app-queues    = { group = "app", port = 443, cidr6 = "::/0" }
    app-endpoints = { group = "app", port = 443, prefix_list = data.aws_prefix_list.dynamodb.id }
    }, var.multi_az_database ? {
    app-database = { group = "app", port = 5432, to = "database" }
  } : {})
}

resource "aws_security_group" "this" {
  for_each = local.security_groups

  name        = "${local.name}-${each.key}"
  description = each.value
  vpc_id      = aws_vpc.site.id

  tags = { Name = "${local.name}-${each.key}", "labctl:role" = each.key }
}

resource "aws_vpc_security_group_ingress_rule" "this" {
  for_each = local.ingress

  security_group_id            = aws_security_group.this[each.value.group].id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  cidr_ipv4                    = lookup(each.value, "cidr", null)
  referenced_security_group_id = can(each.value.from) ? aws_security_group.this[each.value.from].id : null

  tags = { Name = "${local.name}-${each.key}" }
}

resource "aws_vpc_security_group_egress_rule" "this" {
  for_each = local.egress

  security_group_id            = aws_security_group.this[each.value.group].id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  cidr_ipv6                    = lookup(each.value, "cidr6", null)
  prefix_list_id               = lookup(each.value, "prefix_list", null)
  referenced_security_group_id = can(each.value.to) ? aws_security_group.this[each.value.to].id : null

  tags = { Name = "${local.name}-${each.key}" }
}

# An instance that is started without a group gets the default one. Without rules it can do nothing.
resource "aws_default_security_group" "site" {
  vpc_id = aws_vpc.site.id

  tags = { Name = "${local.name}-default", "labctl:role" = "default" }
}
