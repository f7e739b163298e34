# Traces. The first service that a request meets decides whether it is traced, and hands the decision on with the trace id in the
# header X-Amzn-Trace-Id: what is sampled here is sampled at every hop, and the segments of one request are one trace.
# https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader

resource "aws_xray_sampling_rule" "trace" {
  count = var.xray ? 1 : 0

  rule_name    = local.short_name
  version      = 1
  priority     = 100
  service_name = local.service.api
  service_type = "*"
  host         = "*"
  http_method  = "*"
  url_path     = "*"
  resource_arn = "*"

  # One in twenty: at a hundred requests a minute a dollar a month. A reservoir would trace the first request of each second
  # besides, and cost up to 13.
  fixed_rate     = 0.05
  reservoir_size = 0

  tags = { Name = "${local.name}-api", "labctl:role" = "trace" }
}

# The traces that a page is about: those with the API in them that ended in a fault, or were slow.
# https://docs.aws.amazon.com/xray/latest/devguide/xray-console-filters.html
resource "aws_xray_group" "trace" {
  count = var.xray ? 1 : 0

  group_name        = local.short_name
  filter_expression = "service(\"${local.service.api}\") AND (fault = true OR responsetime > ${local.slow_ms / 1000})"

  insights_configuration {
    insights_enabled      = false
    notifications_enabled = false
  }

  tags = { Name = "${local.name}-api", "labctl:role" = "trace" }
}

locals {
  # The names under which the services write their segments, and the field service of their log lines.
  service = { for service in ["api", "payments"] : service => "${local.name}-${service}" }
}
