# The orders. Point-in-time recovery brings back any second of the last 35 days but the last five minutes, which is the
# RPO; the vault's copies are for the day on which the table, or the account's control over it, is gone.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html

resource "aws_dynamodb_table" "orders" {
  name                        = "${local.name}-orders"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "order"
  deletion_protection_enabled = true # labctl down turns it off first

  attribute {
    name = "order"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = aws_kms_key.data.arn
  }

  # A restored table has none of the following until somebody sets it again.
  # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/backuprestore_HowItWorks.html
  stream_enabled   = true
  stream_view_type = "NEW_AND_OLD_IMAGES"

  ttl {
    enabled        = true
    attribute_name = "expires"
  }

  tags = merge(local.objective_tags.orders, { Name = "${local.name}-orders", "labctl:role" = "orders" })
}

resource "aws_cloudwatch_metric_alarm" "orders" {
  alarm_name          = "${local.name}-orders"
  alarm_description   = "Orders are refused: the table is throttled"
  namespace           = "AWS/DynamoDB"
  metric_name         = "WriteThrottleEvents"
  dimensions          = { TableName = aws_dynamodb_table.orders.name }
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 5
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alerts.arn]

  tags = { Name = "${local.name}-orders", "labctl:role" = "orders" }
}
