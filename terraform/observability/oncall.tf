# From an alarm to whoever is on call: a topic with a queue behind it. The queue stands in for the paging service, which would be
# one more subscription.

resource "aws_sns_topic" "on_call" {
  name              = "${local.name}-on-call"
  kms_master_key_id = aws_kms_key.this.arn

  # Nobody but the lab's own alarms. Who else of the account may publish says IAM.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "AlarmsPublish"
      Effect    = "Allow"
      Principal = { Service = "cloudwatch.amazonaws.com" }
      Action    = "sns:Publish"
      Resource  = local.topic_arn
      Condition = {
        ArnLike      = { "aws:SourceArn" = "${local.alarm_arn}-*" }
        StringEquals = { "aws:SourceAccount" = local.account }
      }
    }]
  })

  tags = { Name = "${local.name}-on-call", "labctl:role" = "on-call" }
}

# The slowest thing in the lab to make. It refers to nothing that has to exist first, and its policy is its own. A page is kept
# as long as a queue can.
resource "aws_sqs_queue" "on_call" {
  name                      = "${local.name}-on-call"
  message_retention_seconds = 14 * 24 * 60 * 60
  sqs_managed_sse_enabled   = true # the lab's key would have to let topic and rule in too

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "TopicDelivers"
        Effect    = "Allow"
        Principal = { Service = "sns.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = local.queue_arn
        Condition = { ArnEquals = { "aws:SourceArn" = local.topic_arn } }
      },
      {
        Sid       = "ChangeRuleDelivers"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = local.queue_arn
        Condition = { ArnEquals = { "aws:SourceArn" = local.rule_arn } }
      },
    ]
  })

  tags = { Name = "${local.name}-on-call", "labctl:role" = "on-call" }
}

# A queue of the topic's own account needs no confirmation.
# https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html
resource "aws_sns_topic_subscription" "on_call" {
  topic_arn = aws_sns_topic.on_call.arn
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.on_call.arn
}
