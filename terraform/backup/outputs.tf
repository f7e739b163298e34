# For people who look around; the checks find everything by tag.

output "table" {
  description = "Table of the orders."
  value       = aws_dynamodb_table.orders.name
}

output "buckets" {
  description = "Bucket by what it holds."
  value       = { for what, bucket in aws_s3_bucket.this : what => bucket.bucket }
}

output "volume" {
  description = "Volume of the index."
  value       = aws_ebs_volume.index.id
}

output "vaults" {
  description = "Vault by its part: of the recovery points, and of their copies in the second region."
  value       = { vault = aws_backup_vault.vault.name, offsite = aws_backup_vault.offsite.name }
}

output "second_region" {
  description = "Region of the copies."
  value       = var.second_region
}

output "plan" {
  description = "The backup plan."
  value       = aws_backup_plan.this.id
}

output "role_arns" {
  description = "Role by part in the scenario."
  value       = { for part, role in aws_iam_role.this : part => role.arn }
}

output "queue_url" {
  description = "Queue that hears of backups that were not made."
  value       = aws_sqs_queue.alerts.url
}
