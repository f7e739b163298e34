variable "lab" {
  description = "Lab id, the value of the tag labctl:lab."
  type        = string
  default     = "iam"
}

variable "run" {
  description = "Run id, the value of the tag labctl:run. Every name starts with labctl-<run>-."
  type        = string

  validation {
    # With the longest role the role's name stays within 64 characters, with the account id the bucket's within 63.
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

variable "endpoint" {
  description = "URL of an AWS-compatible server; empty on AWS. Credentials come from the environment."
  type        = string
  default     = ""
}

variable "organization" {
  description = "Id of the organization that the account belongs to; empty where it belongs to none."
  type        = string
  default     = ""

  validation {
    # https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html
    condition     = can(regex("^(o-[a-z0-9]{10,32})?$", var.organization))
    error_message = "An organization id is o- and 10 to 32 lower-case letters or digits, such as o-a1b2c3d4e5."
  }
}

variable "vendor_account" {
  description = "Account of the vendor. IAM trusts only accounts that exist: empty is an invented one behind an endpoint, and the lab's own account on AWS."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^([0-9]{12})?$", var.vendor_account))
    error_message = "An account id is 12 digits."
  }
}

variable "access_analyzer" {
  description = "Make an Access Analyzer. Off where the target has none, and where the account has one already: a region admits one that looks at an account."
  type        = bool
  default     = false
}
