# A network ACL per tier: the control that another team can own. Its rules are stateless, so every flow
# needs its replies too, and they go to the client's port: Linux takes 32768-60999, Windows 49152-65535,
# a NAT gateway 1024-65535, an internet client any of these. Hence replies pass on 1024-65535; that
# nothing starts a connection on those ports is the security groups' part.
# https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html#nacl-ephemeral-ports

locals {
  https    = { from = 443, to = 443 }
  postgres = { from = 5432, to = 5432 }
  replies  = { from = 1024, to = 65535 }

  any  = "0.0.0.0/0"
  any6 = "::/0"
  v4   = local.tier_cidr
  v6   = local.tier_cidr6

  # TCP that may pass, in rule order; everything else meets the ACL's implicit deny.
  network_acl = {
    public = {
      subnets = aws_subnet.public
      ingress = [
        { ports = local.https, cidr = local.any, cidr6 = local.any6 },     # internet clients; the app tier into the NAT gateway
        { ports = local.replies, cidr = local.any, cidr6 = local.v6.app }, # the internet to the NAT gateway; the app tier to the hosts
      ]
      egress = [
        { ports = local.https, cidr = local.any, cidr6 = local.v6.app }, # the NAT gateway to the internet; the hosts to the app tier
        { ports = local.replies, cidr = local.any, cidr6 = local.any6 }, # to internet clients; the NAT gateway to the app tier
      ]
    }

    app = {
      subnets = aws_subnet.app
      ingress = [
        { ports = local.https, cidr = local.v4.public, cidr6 = local.v6.public },
        { ports = local.https, cidr = local.v4.app },                    # KMS endpoint, from the other zone
        { ports = local.replies, cidr = local.any, cidr6 = local.any6 }, # the internet, S3, shared, the database
      ]
      egress = [
        { ports = local.https, cidr = local.any, cidr6 = local.any6 }, # the internet, S3, shared, KMS
        { ports = local.postgres, cidr = local.v4.data, cidr6 = local.v6.data },
        { ports = local.replies, cidr = local.v4.public, cidr6 = local.v6.public },
        { ports = local.replies, cidr = local.v4.app }, # KMS endpoint, to the other zone
      ]
    }

    # An ACL cannot name S3's prefix list. That nothing but S3 is there to talk to is the route table's part.
    data = {
      subnets = aws_subnet.data
      ingress = [
        { ports = local.postgres, cidr = local.v4.app, cidr6 = local.v6.app },
        { ports = local.replies, cidr = local.any },
      ]
      egress = [
        { ports = local.https, cidr = local.any },
        { ports = local.replies, cidr = local.v4.app, cidr6 = local.v6.app },
      ]
    }

    dev = {
      subnets = aws_subnet.dev
      ingress = [{ ports = local.replies, cidr = local.v4.shared }]
      egress  = [{ ports = local.https, cidr = local.v4.shared }]
    }

    shared = {
      subnets = aws_subnet.shared
      ingress = [
        { ports = local.https, cidr = local.v4.app },
        { ports = local.https, cidr = local.v4.dev },
      ]
      egress = [
        { ports = local.replies, cidr = local.v4.app },
        { ports = local.replies, cidr = local.v4.dev },
      ]
    }
  }
}

resource "aws_network_acl" "tier" {
  for_each = local.network_acl

  vpc_id     = values(each.value.subnets)[0].vpc_id
  subnet_ids = values(each.value.subnets)[*].id

  # Numbers leave room: 100, 110, ... for IPv4 and 105, 115, ... for the same rule's IPv6.
  dynamic "ingress" {
    for_each = each.value.ingress

    content {
      rule_no    = 100 + 10 * ingress.key
      action     = "allow"
      protocol   = "tcp"
      from_port  = ingress.value.ports.from
      to_port    = ingress.value.ports.to
      cidr_block = ingress.value.cidr
    }
  }

  dynamic "ingress" {
    for_each = { for number, rule in each.value.ingress : number => rule if contains(keys(rule), "cidr6") }

    content {
      rule_no         = 105 + 10 * ingress.key
      action          = "allow"
      protocol        = "tcp"
      from_port       = ingress.value.ports.from
      to_port         = ingress.value.ports.to
      ipv6_cidr_block = ingress.value.cidr6
    }
  }

  dynamic "egress" {
    for_each = each.value.egress

    content {
      rule_no    = 100 + 10 * egress.key
      action     = "allow"
      protocol   = "tcp"
      from_port  = egress.value.ports.from
      to_port    = egress.value.ports.to
      cidr_block = egress.value.cidr
    }
  }

  dynamic "egress" {
    for_each = { for number, rule in each.value.egress : number => rule if contains(keys(rule), "cidr6") }

    content {
      rule_no         = 105 + 10 * egress.key
      action          = "allow"
      protocol        = "tcp"
      from_port       = egress.value.ports.from
      to_port         = egress.value.ports.to
      ipv6_cidr_block = egress.value.cidr6
    }
  }

  tags = { Name = "${local.name}-${each.key}", "labctl:role" = each.key }
}
