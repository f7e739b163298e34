# What whoever is on call opens from the page: is it real, since when, and which requests. From a line of the table to its trace is
# the third click.

locals {
  dashboard = "${local.name}-api"

  # Only what pages and what is promised: the alarms below them are in their rules.
  shown = concat(
    values(aws_cloudwatch_composite_alarm.page)[*].arn,
    values(aws_cloudwatch_metric_alarm.step)[*].arn,
    values(aws_cloudwatch_metric_alarm.alone)[*].arn,
    [aws_cloudwatch_metric_alarm.sli.arn],
  )
}

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
resource "aws_cloudwatch_dashboard" "api" {
  dashboard_name = local.dashboard

  dashboard_body = jsonencode({
    widgets = [
      {
        type       = "alarm", x = 0, y = 0, width = 24, height = 3
        properties = { title = "Alarms", alarms = local.shown }
      },
      {
        type = "metric", x = 0, y = 3, width = 12, height = 6
        properties = {
          title  = "Burn rate: ${join(", ", [for name, burn in local.burns : "${burn.rate} is ${name}"])}"
          region = var.region, view = "timeSeries", period = 300, stat = "Sum"
          metrics = [
            [{ id = "rate", expression = local.burnt, label = "Burn rate over 5 minutes" }],
            [local.name, "Requests", { id = "requests", visible = false }],
            [local.name, "Errors", { id = "errors", visible = false }],
          ]
          annotations = { horizontal = [for name, burn in local.burns : { label = name, value = burn.rate }] }
        }
      },
      {
        type = "metric", x = 12, y = 3, width = 12, height = 6
        properties = {
          title   = "Requests and errors a minute"
          region  = var.region, view = "timeSeries", period = 60, stat = "Sum"
          metrics = [[local.name, "Requests"], [local.name, "Errors"], [local.name, "Maintenance"]]
        }
      },
      {
        type = "metric", x = 0, y = 9, width = 12, height = 6
        properties = {
          title  = "Latency of ${local.slow_route}"
          region = var.region, view = "timeSeries", period = 300
          metrics = [
            [local.name, "Latency", "Route", local.slow_route, { stat = "p50" }],
            [local.name, "Latency", "Route", local.slow_route, { stat = "p99" }],
          ]
          annotations = { horizontal = [{ label = "pages", value = local.slow_ms }] }
        }
      },
      {
        type = "metric", x = 12, y = 9, width = 12, height = 6
        properties = {
          title   = "Heartbeats a minute"
          region  = var.region, view = "timeSeries", period = 60, stat = "Sum"
          metrics = [[local.name, "Heartbeats"]]
        }
      },
      {
        type = "log", x = 0, y = 15, width = 24, height = 6
        properties = {
          title  = "Requests that failed"
          region = var.region, view = "table"
          query = join(" | ", [
            "SOURCE '${aws_cloudwatch_log_group.this["api"].name}'",
            "fields @timestamp, route, status, latency_ms, trace_id, message",
            "filter event = 'request' and level = 'ERROR'",
            "sort @timestamp desc",
            "limit 50",
          ])
        }
      },
    ]
  })
}
