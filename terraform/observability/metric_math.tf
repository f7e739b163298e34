# The form metric_math: each alarm decides alone, maintenance included. For a target without composite alarms, and as the
# alternative design. An incident that lasts costs more than one page.

locals {
  # One alarm cannot have two windows, as all its metrics have the same period. But most of the short windows that make up the long
  # one are both: so many that breach have spent most of what the long window may spend, and soon after the errors end they are too
  # few. What is worse cannot wait that long: a step looks at the last few of them only, and the fewer they are, the more each has
  # to spend. The last one at twelve times the rate is a total outage after a minute.
  last = { fast = [1, 4, 12], slow = [6, 12] }

  steps = {
    for step in flatten([
      for name, burn in local.burns : [
        for count in local.last[name] : {
          name    = "${name}-${count}"
          rate    = tonumber(format("%.4g", burn.rate * burn.long / burn.short / count)) # 43.2, not 43.19999
          seconds = burn.short
          count   = count
          most    = ceil(count * 2 / 3) # all would be too many: a few requests are never spread evenly
        }
      ]
    ]) : step.name => step if !local.composite
  }

  # What the alarm sees while somebody works on the API: good news. The filter publishes a zero in every minute in which the log
  # group receives anything, so there is a value wherever there are requests.
  unless_maintenance = "IF(maintenance > 0, %s)"
}

resource "aws_cloudwatch_metric_alarm" "step" {
  for_each = local.steps

  alarm_name          = "${local.name}-burn-${each.key}"
  alarm_description   = "For most of ${each.value.seconds * each.value.count / 60} minutes the budget of errors has burnt ${each.value.rate} times as fast as it lasts. ${format(local.told, "errors")}"
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.rate
  evaluation_periods  = each.value.count
  datapoints_to_alarm = each.value.most
  treat_missing_data  = "notBreaching" # no requests, no errors; silence is the heartbeat's business
  alarm_actions       = [aws_sns_topic.on_call.arn]

  metric_query {
    id          = "rate"
    label       = "Burn rate"
    expression  = format(local.unless_maintenance, "0, ${local.burnt}")
    return_data = true
  }

  dynamic "metric_query" {
    for_each = { requests = "Requests", errors = "Errors", maintenance = "Maintenance" }

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

locals {
  # Minutes of silence have no maintenance either: what is missing stays missing, and breaches.
  alone = {
    for name, alarm in {
      heartbeat = {
        text       = "Nothing is heard of the API.", runbook = "silence"
        expression = format(local.unless_maintenance, "1, heartbeats"), id = "heartbeats", metric = "Heartbeats"
        dimensions = null, stat = "Sum", unit = "Count", period = 60, periods = 2
        comparison = "LessThanThreshold", threshold = 1, missing = "breaching"
      }
      latency = {
        text       = "One payment in a hundred takes longer than ${local.slow_ms} ms.", runbook = "latency"
        expression = format(local.unless_maintenance, "0, latency"), id = "latency", metric = "Latency"
        dimensions = { Route = local.slow_route }, stat = "p99", unit = "Milliseconds"
        period     = local.slow_for.period, periods = local.slow_for.periods
        comparison = "GreaterThanThreshold", threshold = local.slow_ms, missing = "notBreaching"
      }
    } : name => alarm if !local.composite
  }
}

resource "aws_cloudwatch_metric_alarm" "alone" {
  for_each = local.alone

  alarm_name          = "${local.name}-${each.key}"
  alarm_description   = "${each.value.text} ${format(local.told, each.value.runbook)}"
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  evaluation_periods  = each.value.periods
  treat_missing_data  = each.value.missing
  alarm_actions       = [aws_sns_topic.on_call.arn]

  metric_query {
    id          = "watched"
    label       = title(each.key)
    expression  = each.value.expression
    return_data = true
  }

  metric_query {
    id = each.value.id

    metric {
      namespace   = local.name
      metric_name = each.value.metric
      dimensions  = each.value.dimensions
      period      = each.value.period
      stat        = each.value.stat
      unit        = each.value.unit
    }
  }

  metric_query {
    id = "maintenance"

    metric {
      namespace   = local.name
      metric_name = "Maintenance"
      period      = each.value.period
      stat        = "Sum"
      unit        = "Count"
    }
  }

  tags = { Name = "${local.name}-${each.key}", "labctl:role" = each.key }
}
