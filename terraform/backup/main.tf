# The reference architecture of the backup lab: a shop's orders, its documents and the disk of its search index, and the
# copies of them that survive an administrator's stolen credentials and three days of unnoticed corruption.
#
# Resources are found by tag, never by Terraform address. The vocabulary of the tag labctl:role:
#
#   DynamoDB table and its alarm           orders
#   S3 bucket                              documents (locked, what is filed) | drafts (what is being worked on)
#   EBS volume                             index
#   KMS key                                data | vault, and with copy_role offsite
#   backup vault                           vault | offsite (in the second region)
#   backup plan                            plan
#   EventBridge rule, SNS topic, SQS queue alerts
#   IAM role                               workload | backup | restore | break-glass
#
# What holds data carries its objectives, which the scenario sets and the checks read, as a number with m, h or d:
#
#   labctl:rpo     how much may be lost, in time
#   labctl:rto     how long bringing it back may take
#   labctl:keep    how long what was deleted or overwritten can still be brought back
#   labctl:backup  twice-daily: what the plan's selection looks for, letter by letter
#
# A copy that somebody restores is named labctl-<run>-restored-*: the restore role makes nothing else.
# Selections, vault locks and policies, event targets, subscriptions and inline policies cannot be tagged; they go with
# what can.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_availability_zones" "available" {
  state            = "available"
  exclude_zone_ids = ["use1-az3"] # the oldest zone of us-east-1 lacks newer services and volume types

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

  copy_account = var.copy_role == "" ? "" : split(":", var.copy_role)[4]

  tags = {
    "labctl:lab"     = var.lab
    "labctl:run"     = var.run
    "labctl:expires" = var.expires
  }

  # ARNs that are known before what they name exists, so that nothing waits for anything else.
  table_arn  = "arn:${local.aws}:dynamodb:${var.region}:${local.account}:table/${local.name}-orders"
  bucket_arn = { for bucket in ["documents", "drafts"] : bucket => "arn:${local.aws}:s3:::${local.name}-${bucket}-${local.account}" }
  vault_arn = {
    vault   = "arn:${local.aws}:backup:${var.region}:${local.account}:backup-vault:${local.name}-vault"
    offsite = "arn:${local.aws}:backup:${var.second_region}:${coalesce(local.copy_account, local.account)}:backup-vault:${local.name}-offsite"
  }
  topic_arn = "arn:${local.aws}:sns:${var.region}:${local.account}:${local.name}-alerts"
  alarm_arn = "arn:${local.aws}:cloudwatch:${var.region}:${local.account}:alarm:${local.name}-orders"
}

# What the scenario demands.
locals {
  keep_days = 35 # what is found out late can still be undone, and what auditors ask for is there

  objectives = {
    orders    = { rpo = "5m", rto = "1h" }
    documents = { rpo = "24h", rto = "8h" }
  }
  objective_tags = {
    for what, objective in local.objectives : what => {
      "labctl:rpo"    = objective.rpo
      "labctl:rto"    = objective.rto
      "labctl:keep"   = "${local.keep_days}d"
      "labctl:backup" = local.selected
    }
  }
  selected = "twice-daily"
}
