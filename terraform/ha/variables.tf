variable "lab" {
  description = "Lab id, the value of the tag labctl:lab."
  type        = string
  default     = "ha"
}

variable "run" {
  description = "Run id, the value of the tag labctl:run. Every name starts with labctl-<run>-."
  type        = string

  validation {
    # With labctl- before it a run id fits the 32 characters of a load balancer's name.
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

variable "zones" {
  description = "Number of Availability Zones that the site spans. The fewer, the more spare each has to hold."
  type        = number
  default     = 3

  validation {
    condition     = var.zones == floor(var.zones) && var.zones >= 2 && var.zones <= 4
    error_message = "The site spans 2, 3 or 4 zones."
  }
}

variable "scaling" {
  description = "How the group follows demand: target_tracking, or step (the alternative design)."
  type        = string
  default     = "target_tracking"

  validation {
    condition     = contains(["target_tracking", "step"], var.scaling)
    error_message = "scaling is target_tracking or step."
  }
}

variable "multi_az_database" {
  description = "Keep the orders in a Multi-AZ database instead of a table: about 0.04 USD an hour more, and minutes to make."
  type        = bool
  default     = false
}
