# Two keys and a separation of duties: who administers a key cannot use it, and who uses it cannot administer it.
#
# The usual statement "kms:* to the account" would leave that to IAM policies. Here the account gets the administration
# only: no IAM policy whatsoever can allow the use of a key to a principal that the key's own policy does not name.
# https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html

locals {
  through_s3 = "s3.${var.region}.amazonaws.com"

  # Neither kms:CreateGrant nor kms:PutKeyPolicy: with either of them an administrator would become a user.
  # https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#key-policy-default-allow-administrators
  administer_key = [
    "kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListGrants", "kms:ListKeyPolicies",
    "kms:ListResourceTags", "kms:UpdateKeyDescription", "kms:EnableKey", "kms:DisableKey", "kms:EnableKeyRotation",
    "kms:RotateKeyOnDemand", "kms:RevokeGrant", "kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion",
  ]
  own_key = [
    "kms:PutKeyPolicy", "kms:DisableKeyRotation", "kms:TagResource", "kms:UntagResource",
    "kms:CreateAlias", "kms:UpdateAlias", "kms:DeleteAlias",
  ]

  key_administration = [
    {
      # For the account's administrators, who are nobody in the lab; without them a key could end up without a master.
      Sid       = "TheAccountOwnsTheKey"
      Effect    = "Allow"
      Principal = { AWS = "${local.iam}:root" }
      Action    = concat(local.administer_key, local.own_key)
      Resource  = "*"
    },
    {
      Sid       = "KeyAdminAdministers"
      Effect    = "Allow"
      Principal = { AWS = aws_iam_role.this["key-admin"].arn }
      Action    = local.administer_key
      Resource  = "*"
    },
  ]

  key_use = {
    data = [
      {
        Sid       = "AppReadsAndWritesThroughS3"
        Effect    = "Allow"
        Principal = { AWS = aws_iam_role.this["app"].arn }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = "*"
        Condition = { StringEquals = { "kms:ViaService" = local.through_s3 } }
      },
      {
        Sid       = "VendorReadsThroughS3"
        Effect    = "Allow"
        Principal = { AWS = aws_iam_role.this["vendor"].arn }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { StringEquals = { "kms:ViaService" = local.through_s3 } }
      },
    ]

    logs = [
      {
        # https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
        Sid       = "TrailEncrypts"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "kms:GenerateDataKey*"
        Resource  = "*"
        Condition = {
          StringEquals = { "aws:SourceArn" = local.trail_arn }
          StringLike   = { "kms:EncryptionContext:aws:cloudtrail:arn" = "arn:${local.aws}:cloudtrail:*:${local.account}:trail/*" }
        }
      },
      {
        Sid       = "TrailDescribesTheKey"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "kms:DescribeKey"
        Resource  = "*"
        Condition = { StringEquals = { "aws:SourceArn" = local.trail_arn } }
      },
      {
        Sid       = "AuditorReadsTheRecordThroughS3"
        Effect    = "Allow"
        Principal = { AWS = aws_iam_role.this["auditor"].arn }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = {
          StringEquals = { "kms:ViaService" = local.through_s3 }
          Null         = { "kms:EncryptionContext:aws:cloudtrail:arn" = "false" }
        }
      },
      {
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
        Sid       = "LogGroupEncrypts"
        Effect    = "Allow"
        Principal = { Service = "logs.${var.region}.amazonaws.com" }
        Action    = ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"]
        Resource  = "*"
        Condition = { ArnEquals = { "kms:EncryptionContext:aws:logs:arn" = local.log_group_arn } }
      },
      {
        # https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
        Sid       = "AlarmPublishesToTheTopic"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
        Resource  = "*"
        Condition = {
          ArnEquals    = { "aws:SourceArn" = local.alarm_arn }
          StringEquals = { "aws:SourceAccount" = local.account }
        }
      },
    ]
  }
}

resource "aws_kms_key" "this" {
  for_each = { data = "The data that teams and vendor share", logs = "The audit record" }

  description             = each.value
  enable_key_rotation     = true
  deletion_window_in_days = 7 # the shortest there is; a key that waits for its deletion costs nothing

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat(local.key_administration, local.key_use[each.key])
  })

  tags = { Name = "${local.name}-${each.key}", "labctl:role" = each.key }
}

resource "aws_kms_alias" "this" {
  for_each = aws_kms_key.this

  name          = "alias/${local.name}-${each.key}"
  target_key_id = each.value.key_id
}
