# The reference architecture of the networking lab: a payments firm's prod, dev and shared-services VPCs.
#
# Resources are found by tag, never by Terraform address. The vocabulary of the tag labctl:role:
#
#   VPC                            prod | dev | shared
#   subnet, route table, NACL,
#   security group, interface      public | app | data (in prod), shared (tooling), dev (workloads),
#                                  transit (the subnets of the transit gateway's attachments)
#   security group, VPC endpoint   endpoint
#   default security group         default
#   internet gateway               internet
#   egress-only internet gateway   egress-only
#   NAT gateway and its address    nat
#   address of a public host       public
#   peering connection             prod-shared | dev-shared
#   transit gateway                transit; its attachments prod | dev | shared, its route tables spokes | shared
#   S3 bucket                      bucket
#   flow log, log group, IAM role  flow-logs
#
# The S3 bucket and the IAM role's inline policy cannot be tagged when they are created; the bucket, the
# role and the log group are found by the name prefix labctl-<run>- as well.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_availability_zones" "available" {
  state            = "available"
  exclude_zone_ids = ["use1-az3"] # the oldest zone of us-east-1 lacks newer services and instance types

  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"] # leaves out Local Zones and Wavelength Zones
  }
}

locals {
  name     = "labctl-${var.run}"
  emulated = var.endpoint != ""
  account  = data.aws_caller_identity.current.account_id
  aws      = data.aws_partition.current.partition

  # Zone name to its number, the index of its subnet in each tier.
  zones = { for number, name in slice(sort(data.aws_availability_zones.available.names), 0, var.zones) : name => number }

  # The data centre keeps 10.0.0.0/13, so the firm's VPCs start above 10.7.255.255 and do not overlap.
  vpc_cidr = {
    prod   = "10.16.0.0/16"
    dev    = "10.32.0.0/16"
    shared = "10.48.0.0/16"
  }

  # One /20 a tier, so that a network ACL names a whole tier in one rule, and one /24 of it a zone.
  tier_cidr = {
    public = cidrsubnet(local.vpc_cidr.prod, 4, 0)
    app    = cidrsubnet(local.vpc_cidr.prod, 4, 1)
    data   = cidrsubnet(local.vpc_cidr.prod, 4, 2)
    dev    = cidrsubnet(local.vpc_cidr.dev, 4, 0)
    shared = cidrsubnet(local.vpc_cidr.shared, 4, 0)
  }
  subnet_cidr = {
    for tier, cidr in local.tier_cidr : tier => { for zone, number in local.zones : zone => cidrsubnet(cidr, 4, number) }
  }

  # The same plan for IPv6, in prod only: a /60 a tier out of the VPC's /56, a /64 of it a zone.
  tier_cidr6 = {
    for number, tier in ["public", "app", "data"] : tier => cidrsubnet(aws_vpc.prod.ipv6_cidr_block, 4, number)
  }
}
