# The data bucket and the log bucket, and what their policies refuse to everybody, the account's administrators included.

# Versioning, encryption and lock are in the bucket itself: the provider then waits less, and force_destroy knows of the
# lock. It deletes locked objects with the permission to bypass governance, so that taking the lab down always works.
resource "aws_s3_bucket" "this" {
  for_each = aws_kms_key.this

  bucket        = "${local.name}-${each.key}-${local.account}"
  force_destroy = true

  versioning {
    enabled = true
  }

  server_side_encryption_configuration {
    rule {
      # CloudTrail could use a bucket key only with the permission to decrypt, and has no other use for that.
      # https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
      bucket_key_enabled = each.key == "data"

      apply_server_side_encryption_by_default {
        sse_algorithm     = "aws:kms"
        kms_master_key_id = each.value.arn
      }
    }
  }

  dynamic "object_lock_configuration" {
    for_each = each.key == "logs" ? [1] : []

    content {
      object_lock_enabled = "Enabled"

      rule {
        default_retention {
          mode = "GOVERNANCE" # in compliance mode not even the account's root could take the lab down in time
          days = 1
        }
      }
    }
  }

  tags = { Name = "${local.name}-${each.key}", "labctl:role" = each.key }
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

locals {
  # An account outside any organization is its own: there aws:PrincipalOrgID is never present.
  own_organization = var.organization != "" ? { "aws:PrincipalOrgID" = var.organization } : { "aws:PrincipalAccount" = local.account }

  # CloudTrail and other services deliver as themselves, outside any organization. Anonymous requests lack the key: with
  # Bool alone they would be spared as well.
  not_a_service = { BoolIfExists = { "aws:PrincipalIsAWSService" = "false" } }

  refusals = {
    for name, bucket in aws_s3_bucket.this : name => [
      {
        Sid       = "TLSOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [bucket.arn, "${bucket.arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "OwnOrganizationOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [bucket.arn, "${bucket.arn}/*"]
        Condition = merge(local.not_a_service, { StringNotEqualsIfExists = local.own_organization })
      },
      # A write that names no encryption gets the bucket's default, the lab's key. Of those that name one, the first
      # statement refuses other keys, the second SSE-S3 and "aws:kms" without a key, which is the AWS managed key, and the
      # third keys that the client brings along. CloudTrail's digest files are spared: they come with SSE-S3.
      # https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
      # https://docs.aws.amazon.com/awscloudtrail/latest/userguide/encrypting-cloudtrail-log-files-with-aws-kms.html
      {
        Sid       = "NoOtherKey"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:PutObject"
        Resource  = "${bucket.arn}/*"
        Condition = {
          Null            = { "s3:x-amz-server-side-encryption-aws-kms-key-id" = "false" }
          StringNotEquals = { "s3:x-amz-server-side-encryption-aws-kms-key-id" = aws_kms_key.this[name].arn }
        }
      },
      {
        Sid       = "NoEncryptionWithoutTheKey"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:PutObject"
        Resource  = "${bucket.arn}/*"
        Condition = merge({
          Null = {
            "s3:x-amz-server-side-encryption"                = "false"
            "s3:x-amz-server-side-encryption-aws-kms-key-id" = "true"
          }
        }, { for operator, test in local.not_a_service : operator => test if name == "logs" })
      },
      {
        Sid       = "NoKeyOfTheClient"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:PutObject"
        Resource  = "${bucket.arn}/*"
        Condition = { Null = { "s3:x-amz-server-side-encryption-customer-algorithm" = "false" } }
      },
    ]
  }

  log_store = [
    {
      # A lifecycle rule deletes as well. Changing this policy is left to the account's administrators, who could not take
      # the lab down otherwise; nobody in the lab may.
      Sid       = "OnlyBreakGlassDeletes"
      Effect    = "Deny"
      Principal = "*"
      Action    = ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:BypassGovernanceRetention", "s3:PutLifecycleConfiguration"]
      Resource  = [local.bucket_arn.logs, "${local.bucket_arn.logs}/*"]
      Condition = { ArnNotEquals = { "aws:PrincipalArn" = aws_iam_role.this["break-glass"].arn } }
    },
    # https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
    {
      Sid       = "TrailLooksAtTheBucket"
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "s3:GetBucketAcl"
      Resource  = local.bucket_arn.logs
      Condition = { StringEquals = { "aws:SourceArn" = local.trail_arn } }
    },
    {
      Sid       = "TrailDelivers"
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "${local.bucket_arn.logs}/AWSLogs/${local.account}/*"
      Condition = { StringEquals = {
        "aws:SourceArn" = local.trail_arn
        "s3:x-amz-acl"  = "bucket-owner-full-control"
      } }
    },
  ]
}

resource "aws_s3_bucket_policy" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.id

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat(local.refusals[each.key], [for statement in local.log_store : statement if each.key == "logs"])
  })
}
