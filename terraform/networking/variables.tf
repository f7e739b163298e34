variable "lab" {
  description = "Lab id, the value of the tag labctl:lab."
  type        = string
  default     = "networking"
}

variable "run" {
  description = "Run id, the value of the tag labctl:run. Every name starts with labctl-<run>-."
  type        = string

  validation {
    # With the account id and the longest region name the bucket's name stays within 63 characters.
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
  description = "Number of Availability Zones that every tier spans."
  type        = number
  default     = 2

  validation {
    condition     = var.zones == floor(var.zones) && var.zones >= 2 && var.zones <= 4
    error_message = "A tier spans 2, 3 or 4 zones."
  }
}

variable "transit" {
  description = "How prod and dev reach the shared VPC: peering, or transit_gateway (the alternative design)."
  type        = string
  default     = "peering"

  validation {
    condition     = contains(["peering", "transit_gateway"], var.transit)
    error_message = "transit is peering or transit_gateway."
  }
}
