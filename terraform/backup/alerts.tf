# Who hears of it when a backup did not happen: a topic with a queue behind it.

resource "aws_cloudwatch_event_rule" "alerts" {
  name        = "${local.name}-alerts"
  description = "A backup or a copy was not made"

  # https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html
  event_pattern = jsonencode({
    source      = ["aws.backup"]
    detail-type = ["Backup Job State Change", "Copy Job State Change"]
    detail      = { state = ["FAILED", "ABORTED", "EXPIRED"] }
  })

  tags = { Name = "${local.name}-alerts", "labctl:role" = "alerts" }
}

resource "aws_cloudwatch_event_target" "alerts" {
  rule      = aws_cloudwatch_event_rule.alerts.name
  target_id = "${local.name}-alerts"
  arn       = aws_sns_topic.alerts.arn
}

resource "aws_sns_topic" "alerts" {
  name = "${local.name}-alerts"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        # Without a condition: EventBridge publishes to topics without the context that one would need, and a rule that may
        # not publish says nothing. The topic holds no secrets, and who may write to it can only wake somebody up.
        # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions
        Sid       = "RulePublishes"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = local.topic_arn
      },
      {
        Sid       = "AlarmPublishes"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = local.topic_arn
        Condition = {
          ArnEquals    = { "aws:SourceArn" = local.alarm_arn }
          StringEquals = { "aws:SourceAccount" = local.account }
        }
      },
    ]
  })

  tags = { Name = "${local.name}-alerts", "labctl:role" = "alerts" }
}

# The slowest thing in the lab to make. It refers to nothing that has to exist first, and its policy is its own.
resource "aws_sqs_queue" "alerts" {
  name                      = "${local.name}-alerts"
  message_retention_seconds = 14 * 24 * 60 * 60

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TopicDelivers"
      Effect    = "Allow"
      Principal = { Service = "sns.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = "arn:${local.aws}:sqs:${var.region}:${local.account}:${local.name}-alerts"
      Condition = { ArnEquals = { "aws:SourceArn" = local.topic_arn } }
    }]
  })

  tags = { Name = "${local.name}-alerts", "labctl:role" = "alerts" }
}

resource "aws_sns_topic_subscription" "alerts" {
  topic_arn = aws_sns_topic.alerts.arn
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.alerts.arn
}
