# For people who look around; the checks find everything by tag.

output "vpc_ids" {
  description = "VPC by role."
  value       = { prod = aws_vpc.prod.id, dev = aws_vpc.dev.id, shared = aws_vpc.shared.id }
}

output "host_ids" {
  description = "Network interface that stands in for the host of a tier and zone: what labctl trace takes."
  value       = { for host, interface in aws_network_interface.host : host => interface.id }
}

output "bucket" {
  description = "The only bucket that the S3 endpoint admits."
  value       = aws_s3_bucket.this.bucket
}

output "flow_log_group" {
  description = "Log group of every VPC's flow logs."
  value       = aws_cloudwatch_log_group.flow.name
}
