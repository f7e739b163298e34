variable "lab" {
  description = "Lab id, the value of the tag labctl:lab."
  type        = string
  default     = "backup"
}

variable "run" {
  description = "Run id, the value of the tag labctl:run. Every name starts with labctl-<run>-."
  type        = string

  validation {
    # With it a vault's name stays within 50 characters, and with the account id the bucket's within 63.
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,22}[a-z0-9])?$", var.run))
    error_message = "A run id is 1 to 24 lower-case letters, digits and inner hyphens."
  }
}

variable "expires" {
  description = "When the run's lifetime ends, the value of the tag labctl:expires."
  type        = string

  validation {
    condition     = can(formatdate("YYYY", var.expires))
    error_message = "The expiry is an RFC 3339 time such as 2030-01-02T15:04:05Z."
  }
}

variable "region" {
  description = "AWS region."
  type        = string
}

variable "second_region" {
  description = "Region of the copies. It differs from region unless the copies go to another account."
  type        = string
  default     = "us-west-2"
}

variable "endpoint" {
  description = "URL of an AWS-compatible server; empty on AWS. Credentials come from the environment."
  type        = string
  default     = ""
}

variable "backup_selections" {
  description = "Assign resources to the backup plan. Off where the target has no selections: then the plan backs nothing up."
  type        = bool
  default     = false
}

variable "vault_policies" {
  description = "Give the vaults their access policies. Off where the target has none."
  type        = bool
  default     = false
}

variable "backup_jobs" {
  description = "The target has backup jobs, so a vault is emptied of recovery points before it is deleted."
  type        = bool
  default     = false
}

variable "copy_role" {
  description = "ARN of a role in another account of the organization: the copies go there (the alternative design). It costs one more key."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^(arn:[a-z-]+:iam::[0-9]{12}:role/[!-~]+)?$", var.copy_role))
    error_message = "copy_role is the ARN of an IAM role, such as arn:aws:iam::222233334444:role/OrganizationAccountAccessRole."
  }
}

variable "archive_versions" {
  description = "Move versions that were replaced to colder storage and keep them longer (the alternative design)."
  type        = bool
  default     = false
}

variable "lock_mode" {
  description = "Mode of Object Lock and Vault Lock: GOVERNANCE, or COMPLIANCE, which nobody can take off and which blocks taking the lab down."
  type        = string
  default     = "GOVERNANCE"

  validation {
    condition     = contains(["GOVERNANCE", "COMPLIANCE"], var.lock_mode)
    error_message = "lock_mode is GOVERNANCE or COMPLIANCE."
  }
}

variable "allow_compliance_lock" {
  description = "Said by somebody who knows until when lock_mode = COMPLIANCE blocks taking the lab down."
  type        = bool
  default     = false
}
