# The roles and who may assume them. What they may do is in permissions.tf.

locals {
  # AWS Backup's documentation promises no condition keys when it assumes a role, so the condition holds wherever the key
  # is present, which is all that a trust policy can ask for.
  # https://docs.aws.amazon.com/aws-backup/latest/devguide/iam-service-roles.html
  trust_backup = {
    Effect    = "Allow"
    Principal = { Service = "backup.amazonaws.com" }
    Action    = "sts:AssumeRole"
    Condition = { StringEqualsIfExists = { "aws:SourceAccount" = local.account } }
  }

  trust = {
    backup  = local.trust_backup
    restore = local.trust_backup

    workload = {
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }

    # In an emergency somebody proves right now who they are: the second factor is at most 15 minutes old.
    break-glass = {
      Effect    = "Allow"
      Principal = { AWS = "arn:${local.aws}:iam::${local.account}:root" }
      Action    = "sts:AssumeRole"
      Condition = {
        Bool            = { "aws:MultiFactorAuthPresent" = "true" }
        NumericLessThan = { "aws:MultiFactorAuthAge" = "900" }
      }
    }
  }
}

resource "aws_iam_role" "this" {
  for_each = local.trust

  name               = "${local.name}-${each.key}"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [each.value] })

  # A policy that an interrupted apply has put without recording it must not keep the role from being deleted.
  force_detach_policies = true

  tags = { Name = "${local.name}-${each.key}", "labctl:role" = each.key }
}
