# One key for what is written and what is sent: two would guard the same secrets twice and cost a dollar a month more.

resource "aws_kms_key" "this" {
  description             = "Logs and pages"
  enable_key_rotation     = true
  deletion_window_in_days = 7 # the shortest there is; a key that waits for its deletion costs nothing

  # A service that lacks its statement fails in silence: the alarm turns red, and nobody is told.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "TheAccountDecides"
        Effect    = "Allow"
        Principal = { AWS = "arn:${local.aws}:iam::${local.account}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
        Sid       = "LogGroupsEncrypt"
        Effect    = "Allow"
        Principal = { Service = "logs.${var.region}.amazonaws.com" }
        Action    = ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"]
        Resource  = "*"
        Condition = { ArnLike = { "kms:EncryptionContext:aws:logs:arn" = "${local.arn.logs}:log-group:${local.name}-*" } }
      },
      {
        # https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
        Sid       = "AlarmsPublishToTheTopic"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
        Resource  = "*"
        Condition = {
          ArnLike      = { "aws:SourceArn" = "${local.alarm_arn}-*" }
          StringEquals = { "aws:SourceAccount" = local.account }
        }
      },
    ]
  })

  tags = { Name = "${local.name}-key", "labctl:role" = "key" }
}
