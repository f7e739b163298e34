# The logs, and what is counted in them.

resource "aws_cloudwatch_log_group" "this" {
  for_each = toset(["api", "payments"])

  name              = "${local.name}-${each.key}"
  retention_in_days = local.keep_days
  kms_key_id        = aws_kms_key.this.arn

  tags = { Name = "${local.name}-${each.key}", "labctl:role" = each.key }
}

locals {
  # Both tell the same requests apart, as the API writes level and status together.
  failed = {
    level  = "$.level = \"ERROR\""
    status = "$.status >= 500"
  }

  # Metric to the lines that count. A failed request counts as a request too, so good requests are requests less errors.
  counted = {
    Requests    = "{ $.event = \"request\" }"
    Errors      = "{ ($.event = \"request\") && (${local.failed[var.errors_by]}) }"
    Heartbeats  = "{ $.event = \"heartbeat\" }"
    Maintenance = "{ $.event = \"maintenance\" }"
  }
}

# Without a default value a minute without errors would have no data point, and no data is not the same as no errors. The default
# is published in each minute in which the log group receives anything: silence stays silence, and the heartbeat alarm hears it.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
resource "aws_cloudwatch_log_metric_filter" "counted" {
  for_each = local.counted

  name           = "${local.name}-${lower(each.key)}"
  log_group_name = aws_cloudwatch_log_group.this["api"].name
  pattern        = each.value

  metric_transformation {
    namespace     = local.name
    name          = each.key
    value         = "1"
    default_value = "0"
    unit          = "Count"
  }
}

# A metric with dimensions cannot have a default value, and a latency has none to have. Each value of a dimension is a metric that is
# billed: the API has a handful of routes, and they are templates. Its users are in the log, where they cost nothing.
resource "aws_cloudwatch_log_metric_filter" "latency" {
  name           = "${local.name}-latency"
  log_group_name = aws_cloudwatch_log_group.this["api"].name
  pattern        = "{ ($.event = \"request\") && ($.latency_ms >= 0) }"

  metric_transformation {
    namespace  = local.name
    name       = "Latency"
    value      = "$.latency_ms"
    unit       = "Milliseconds"
    dimensions = { Route = "$.route" }
  }
}
