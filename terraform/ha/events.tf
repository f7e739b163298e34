# Who hears of it: what the group does and fails to do, and the alarms, go to a topic with a queue behind it.

resource "aws_sns_topic" "events" {
  name = "${local.name}-events"

  tags = { Name = "${local.name}-events", "labctl:role" = "events" }
}

resource "aws_sqs_queue" "events" {
  name                      = "${local.name}-events"
  message_retention_seconds = 14 * 24 * 60 * 60

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TopicDelivers"
      Effect    = "Allow"
      Principal = { Service = "sns.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = local.queue_arn.events
      Condition = { ArnEquals = { "aws:SourceArn" = aws_sns_topic.events.arn } }
    }]
  })

  tags = { Name = "${local.name}-events", "labctl:role" = "events" }
}

resource "aws_sns_topic_subscription" "events" {
  topic_arn = aws_sns_topic.events.arn
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.events.arn
}

resource "aws_autoscaling_notification" "app" {
  group_names = [aws_autoscaling_group.app.name]
  topic_arn   = aws_sns_topic.events.arn

  notifications = [
    "autoscaling:EC2_INSTANCE_LAUNCH",
    "autoscaling:EC2_INSTANCE_LAUNCH_ERROR",
    "autoscaling:EC2_INSTANCE_TERMINATE",
    "autoscaling:EC2_INSTANCE_TERMINATE_ERROR",
  ]
}

locals {
  balancer = { LoadBalancer = aws_lb.site.arn_suffix }
  targets  = { LoadBalancer = aws_lb.site.arn_suffix, TargetGroup = aws_lb_target_group.site.arn_suffix }

  # Each is about something that a visitor notices, or will. Nothing to report is good news.
  alarms = {
    unhealthy = {
      text       = "Instances do not pass the health check", namespace = "AWS/ApplicationELB", metric = "UnHealthyHostCount"
      dimensions = local.targets, statistic = "Maximum", threshold = 0, minutes = 2
    }
    refused = {
      text       = "Visitors are turned away by the instances", namespace = "AWS/ApplicationELB", metric = "HTTPCode_Target_5XX_Count"
      dimensions = local.targets, statistic = "Sum", threshold = 10, minutes = 1
    }
    unanswered = {
      text       = "Visitors reach no instance", namespace = "AWS/ApplicationELB", metric = "HTTPCode_ELB_5XX_Count"
      dimensions = local.balancer, statistic = "Sum", threshold = 10, minutes = 1
    }
    full = {
      text       = "The group is at its maximum", namespace = "AWS/AutoScaling", metric = "GroupDesiredCapacity"
      dimensions = { AutoScalingGroupName = aws_autoscaling_group.app.name }, statistic = "Maximum", threshold = local.size.max - 1, minutes = 5
    }
    waiting = {
      text       = "Orders wait for more than five minutes", namespace = "AWS/SQS", metric = "ApproximateAgeOfOldestMessage"
      dimensions = { QueueName = aws_sqs_queue.orders.name }, statistic = "Maximum", threshold = 300, minutes = 2
    }
    given-up = {
      text       = "Orders have ended in the dead-letter queue", namespace = "AWS/SQS", metric = "ApproximateNumberOfMessagesVisible"
      dimensions = { QueueName = aws_sqs_queue.dead_letter.name }, statistic = "Maximum", threshold = 0, minutes = 1
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${local.name}-${each.key}"
  alarm_description   = each.value.text
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = 60
  evaluation_periods  = each.value.minutes
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.events.arn]

  tags = { Name = "${local.name}-${each.key}", "labctl:role" = "alarm" }
}
