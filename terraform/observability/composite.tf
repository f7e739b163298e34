# The form composite: alarms that each know one thing and notify nobody, and over them the alarms that page. One incident is one
# page, whatever it sets off.

locals {
  # Each window of each rate is an alarm of its own: all metrics of an alarm have the same period. An alarm is evaluated every
  # minute, so that a window slides. In a short one there may be few requests, whose errors are never spread evenly: it holds
  # while one of the last three breaches, or one leak would page again and again.
  windows = merge([
    for name, burn in local.burns : {
      "${name}-long"  = { rate = burn.rate, seconds = burn.long, count = 1 }
      "${name}-short" = { rate = burn.rate, seconds = burn.short, count = 3 }
    }
  ]...)
}

resource "aws_cloudwatch_metric_alarm" "burn" {
  for_each = local.composite ? local.windows : {}

  alarm_name          = "${local.name}-burn-${each.key}"
  alarm_description   = "Over ${each.value.seconds / 60} minutes the budget of errors has burnt ${each.value.rate} times as fast as it lasts. ${format(local.told, "errors")}"
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.rate
  evaluation_periods  = each.value.count
  datapoints_to_alarm = 1
  treat_missing_data  = "notBreaching" # no requests, no errors; silence is the heartbeat's business

  metric_query {
    id          = "rate"
    label       = "Burn rate"
    expression  = local.burnt
    return_data = true
  }

  dynamic "metric_query" {
    for_each = { requests = "Requests", errors = "Errors" }

    content {
      id = metric_query.key

      metric {
        namespace   = local.name
        metric_name = metric_query.value
        period      = each.value.seconds
        stat        = "Sum"
        unit        = "Count"
      }
    }
  }

  tags = { Name = "${local.name}-burn-${each.key}", "labctl:role" = "burn" }
}

# An API that answers nobody writes no errors either. What is missing is the bad news here, and only here. CloudWatch looks at two
# more minutes than an alarm counts, and finds nothing there after four.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
resource "aws_cloudwatch_metric_alarm" "heartbeat" {
  count = local.composite ? 1 : 0

  alarm_name          = "${local.name}-heartbeat"
  alarm_description   = "Nothing is heard of the API. ${format(local.told, "silence")}"
  namespace           = local.name
  metric_name         = "Heartbeats"
  statistic           = "Sum"
  unit                = "Count"
  period              = 60
  evaluation_periods  = 2
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  treat_missing_data  = "breaching"

  tags = { Name = "${local.name}-heartbeat", "labctl:role" = "heartbeat" }
}

resource "aws_cloudwatch_metric_alarm" "latency" {
  count = local.composite ? 1 : 0

  alarm_name          = "${local.name}-latency"
  alarm_description   = "One payment in a hundred takes longer than ${local.slow_ms} ms. ${format(local.told, "latency")}"
  namespace           = local.name
  metric_name         = "Latency"
  dimensions          = { Route = local.slow_route }
  extended_statistic  = "p99"
  unit                = "Milliseconds"
  period              = local.slow_for.period
  evaluation_periods  = local.slow_for.periods
  comparison_operator = "GreaterThanThreshold"
  threshold           = local.slow_ms
  treat_missing_data  = "notBreaching"

  tags = { Name = "${local.name}-latency", "labctl:role" = "latency" }
}

# On with the first line of whoever works on the API, off five minutes after the last: one line that is lost ends no maintenance.
resource "aws_cloudwatch_metric_alarm" "maintenance" {
  count = local.composite ? 1 : 0

  alarm_name          = "${local.name}-maintenance"
  alarm_description   = "Somebody works on the API, and nobody is woken. ${format(local.told, "maintenance")}"
  namespace           = local.name
  metric_name         = "Maintenance"
  statistic           = "Sum"
  unit                = "Count"
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"

  tags = { Name = "${local.name}-maintenance", "labctl:role" = "maintenance" }
}

locals {
  watched = merge(
    { for name, alarm in aws_cloudwatch_metric_alarm.burn : name => "ALARM(\"${alarm.alarm_name}\")" },
    { for alarm in concat(
      aws_cloudwatch_metric_alarm.heartbeat, aws_cloudwatch_metric_alarm.latency, aws_cloudwatch_metric_alarm.maintenance,
    ) : alarm.tags["labctl:role"] => "ALARM(\"${alarm.alarm_name}\")" },
  )

  # What is worth waking somebody for. AWS does not say whether AND or OR comes first, so nothing depends on it.
  pages = local.composite ? {
    errors = {
      text    = "The budget of errors burns too fast: many requests fail now, or have been failing for hours."
      symptom = join(" OR ", [for name in keys(local.burns) : "(${local.watched["${name}-long"]} AND ${local.watched["${name}-short"]})"])
    }
    silence = { text = "Nothing is heard of the API: it is down, or cut off.", symptom = local.watched.heartbeat }
    latency = { text = "Payments are slow.", symptom = local.watched.latency }
  } : {}
}

# When maintenance ends and the symptom does not, the rule comes true: the page is late, not lost.
resource "aws_cloudwatch_composite_alarm" "page" {
  for_each = local.pages

  alarm_name        = "${local.name}-page-${each.key}"
  alarm_description = "${each.value.text} ${format(local.told, each.key)}"
  alarm_rule        = "(${each.value.symptom}) AND NOT ${local.watched.maintenance}"
  alarm_actions     = [aws_sns_topic.on_call.arn]

  tags = { Name = "${local.name}-page-${each.key}", "labctl:role" = "page" }
}
