# For people who look around; the checks find everything by tag.

output "url" {
  description = "The site."
  value       = "http://${aws_lb.site.dns_name}/"
}

output "group" {
  description = "The Auto Scaling group."
  value       = aws_autoscaling_group.app.name
}

output "queue_urls" {
  description = "Queue by what it holds."
  value = {
    orders      = aws_sqs_queue.orders.url
    dead-letter = aws_sqs_queue.dead_letter.url
    events      = aws_sqs_queue.events.url
  }
}

output "data" {
  description = "Table or database of the orders."
  value       = var.multi_az_database ? aws_db_instance.orders[0].identifier : aws_dynamodb_table.orders[0].name
}
