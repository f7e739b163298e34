# The reference architecture of the ha lab: a ticketing site that goes from 1x to 8x load within ten minutes.
#
# Resources are found by tag, never by Terraform address. The vocabulary of the tag labctl:role:
#
#   VPC                                         site
#   subnet, route table                         public (load balancer) | app (instances)
#   internet gateway                            internet
#   egress-only internet gateway                egress-only
#   VPC endpoint                                endpoint
#   security group                              balancer | app | database
#   default security group                      default
#   load balancer, listener, target group       balancer
#   launch template, Auto Scaling group and its
#   instances, volumes, interfaces; IAM role    app
#   SQS queue                                   orders | dead-letter | events
#   SNS topic                                   events
#   DynamoDB table, database and its subnets    data
#   alarm                                       alarm (tells people) | scaling (step scaling only)
#
# Scaling policies, notifications and subscriptions cannot be tagged; they go with their group and topic. So do the alarms
# that AWS makes for a target tracking policy.
# The names of load balancer and target group are cut to 32 characters: they are found by their tags.

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
  name       = "labctl-${var.run}"
  short_name = trimsuffix(substr("${local.name}-site", 0, 32), "-") # the longest name that a load balancer can have
  emulated   = var.endpoint != ""
  account    = data.aws_caller_identity.current.account_id
  aws        = data.aws_partition.current.partition

  tags = {
    "labctl:lab"     = var.lab
    "labctl:run"     = var.run
    "labctl:expires" = var.expires
  }

  # Zone name to its number, the index of its subnet in each tier.
  zones = { for number, name in slice(sort(data.aws_availability_zones.available.names), 0, var.zones) : name => number }
}

# What the scenario demands. These are facts of the story, told in the lab's text, so the checks bring their own copy: an
# architecture that could state its own demand would always be large enough.
locals {
  demand = {
    base     = 16  # requests a second on an ordinary day
    peak     = 128 # eight times as many, ten minutes later
    instance = 10  # requests a second that one instance carries
    work     = 30  # seconds that a worker needs for one order when the payment dependency is slow
  }

  # What is left when any one zone is lost carries all the demand, with nothing launched: every other zone holds its share.
  needed = { for load in ["base", "peak"] : load => ceil(local.demand[load] / local.demand.instance / (var.zones - 1)) }
  size   = { min = var.zones * local.needed.base, max = var.zones * local.needed.peak }

  # The same at every size in between: an instance is as busy as leaves room for a lost zone's share, less a tenth because
  # the spread is never even. In requests a minute, as the metric counts.
  busy = floor(60 * local.demand.instance * (var.zones - 1) / var.zones * 0.9)
}
