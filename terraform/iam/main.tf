# The reference architecture of the iam lab: four teams, a vendor, auditors and key administrators in one account.
#
# Resources are found by tag, never by Terraform address. The vocabulary of the tag labctl:role:
#
#   IAM role              team-admin | developer | auditor | key-admin | break-glass (people), vendor,
#                         app (a team's workload), trail (CloudTrail's way to its log group)
#   IAM policy            boundary
#   KMS key, S3 bucket    data | logs
#   trail, log group      trail
#   alarm, SNS topic      tampering
#   Access Analyzer       analyzer
#
# What teams make for their workloads, roles and policies, lives under the path /app/<run>/, and so does the boundary that
# limits it; the other roles are at /. So "role/app/*", which may be passed to Lambda, is never a role of people, and the
# run in the path keeps labs that share an account apart. The names start with labctl-<run>- like all others, so that what
# a team has made is found and removed with the lab.
#
# Inline policies, metric filters, aliases, bucket policies and archive rules cannot be tagged; they live in what can.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  name     = "labctl-${var.run}"
  emulated = var.endpoint != ""
  account  = data.aws_caller_identity.current.account_id
  aws      = data.aws_partition.current.partition

  vendor_account = var.vendor_account != "" ? var.vendor_account : local.emulated ? "999988887777" : local.account
  external_id    = "${local.name}-vendor" # not a secret: it tells the vendor's customers apart

  # ARNs that are known before what they name exists: policies refer to each other in circles.
  iam      = "arn:${local.aws}:iam::${local.account}"
  boundary = "${local.iam}:policy${local.team_path}${local.name}-boundary"
  role_arn = {
    for role in concat(local.people, ["trail"]) : role => "${local.iam}:role/${local.name}-${role}"
  }
  team_path     = "/app/${var.run}/"
  team_roles    = "${local.iam}:role${local.team_path}${local.name}-*"
  team_policies = "${local.iam}:policy${local.team_path}${local.name}-*"
  bucket_arn    = { for bucket in ["data", "logs"] : bucket => "arn:${local.aws}:s3:::${local.name}-${bucket}-${local.account}" }
  trail_arn     = "arn:${local.aws}:cloudtrail:${var.region}:${local.account}:trail/${local.name}-trail"
  log_group_arn = "arn:${local.aws}:logs:${var.region}:${local.account}:log-group:${local.name}-trail"
  alarm_arn     = "arn:${local.aws}:cloudwatch:${var.region}:${local.account}:alarm:${local.name}-tampering"
}
