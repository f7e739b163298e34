# For people who look around; the checks find everything by tag.

output "role_arns" {
  description = "Role by part in the scenario: what labctl can and labctl escalate take."
  value       = { for part, role in aws_iam_role.this : part => role.arn }
}

output "external_id" {
  description = "What the vendor passes when it assumes its role."
  value       = local.external_id
}

output "buckets" {
  description = "Bucket by what it holds."
  value       = { for part, bucket in aws_s3_bucket.this : part => bucket.bucket }
}

output "key_arns" {
  description = "Key by what it encrypts."
  value       = { for part, key in aws_kms_key.this : part => key.arn }
}

output "trail" {
  description = "The trail."
  value       = aws_cloudtrail.this.name
}
