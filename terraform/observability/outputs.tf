# For people who look around; the checks find everything by tag.

output "log_groups" {
  description = "Log group by service."
  value       = { for service, group in aws_cloudwatch_log_group.this : service => group.name }
}

output "namespace" {
  description = "Namespace of the metrics."
  value       = local.name
}

output "paging_alarms" {
  description = "Alarms that wake somebody."
  value = concat(
    values(aws_cloudwatch_composite_alarm.page)[*].alarm_name,
    values(aws_cloudwatch_metric_alarm.step)[*].alarm_name,
    values(aws_cloudwatch_metric_alarm.alone)[*].alarm_name,
  )
}

output "dashboard" {
  description = "The dashboard."
  value       = aws_cloudwatch_dashboard.api.dashboard_name
}

output "topic_arn" {
  description = "Topic of the pages."
  value       = aws_sns_topic.on_call.arn
}

output "queue_url" {
  description = "Queue of whoever is on call."
  value       = aws_sqs_queue.on_call.url
}

output "services" {
  description = "Service to the name of its segments."
  value       = local.service
}

output "trace_group" {
  description = "X-Ray group and sampling rule; empty where the target has none."
  value       = var.xray ? local.short_name : ""
}
