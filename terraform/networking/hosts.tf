# Network interfaces that stand in for hosts, one in each tier and zone. They are free and obey the same
# routes, network ACLs and security groups as an instance's.

locals {
  hosts = merge([
    for tier, subnets in { public = aws_subnet.public, app = aws_subnet.app, data = aws_subnet.data, dev = aws_subnet.dev, shared = aws_subnet.shared } : {
      for zone, number in local.zones : "${tier}-${zone}" => { tier = tier, subnet = subnets[zone].id }
    }
  ]...)
}

resource "aws_network_interface" "host" {
  for_each = local.hosts

  description        = "Stands in for a host of tier ${each.value.tier}"
  subnet_id          = each.value.subnet
  security_groups    = [aws_security_group.this[each.value.tier].id]
  ipv6_address_count = contains(["public", "app", "data"], each.value.tier) ? 1 : null

  tags = { Name = "${local.name}-${each.key}", "labctl:role" = each.value.tier }
}

# One public host is on the IPv4 internet too; IPv6 serves the others without a price per address.
resource "aws_eip" "public" {
  domain            = "vpc"
  network_interface = aws_network_interface.host["public-${keys(local.zones)[0]}"].id

  tags = { Name = "${local.name}-public", "labctl:role" = "public" }

  depends_on = [aws_internet_gateway.prod]
}
