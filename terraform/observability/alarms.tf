# The objective as an alarm, and what all alarms have in common. What pages is in composite.tf or in metric_math.tf.

locals {
  # Whoever is woken reads this first. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html (1,024 characters)
  told = join(" ", [
    "Owner: payments-api on-call.",
    "Runbook: https://runbooks.example.com/payments-api/%s.",
    "Dashboard: https://${var.region}.console.aws.amazon.com/cloudwatch/home?region=${var.region}#dashboards/dashboard/${local.dashboard}",
  ])

  # What the alarms watch, in both forms.
  good  = "(requests - errors) / requests"
  burnt = "(1 - ${local.good}) / ${local.budget}" # at 1 the budget lasts the 30 days

  # Google's workbook on alerting on objectives: two percent of the budget in an hour, five percent in six. The short window, a
  # twelfth of the long one, ends the alarm soon after the errors end. https://sre.google/workbook/alerting-on-slos/
  burns = {
    fast = { rate = 14.4, long = 60 * 60, short = 5 * 60 }
    slow = { rate = 6, long = 6 * 60 * 60, short = 30 * 60 }
  }

  slow_route = "/payments"
  slow_ms    = 1000 # of one in a hundred
  slow_for   = { period = 5 * 60, periods = 3 }
}

# The objective itself, over a day. Who looks at the dashboard sees it; by night it is not worth waking anybody.
resource "aws_cloudwatch_metric_alarm" "sli" {
  alarm_name          = "${local.name}-sli"
  alarm_description   = "Over a day fewer requests were good than the objective of ${local.objective * 100} percent allows. ${format(local.told, "objective")}"
  comparison_operator = "LessThanThreshold"
  threshold           = local.objective
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"

  metric_query {
    id          = "good"
    label       = "Good requests"
    expression  = local.good
    return_data = true
  }

  dynamic "metric_query" {
    for_each = { requests = "Requests", errors = "Errors" }

    content {
      id = metric_query.key

      metric {
        namespace   = local.name
        metric_name = metric_query.value
        period      = 24 * 60 * 60
        stat        = "Sum"
        unit        = "Count"
      }
    }
  }

  tags = { Name = "${local.name}-sli", "labctl:role" = "sli" }
}
