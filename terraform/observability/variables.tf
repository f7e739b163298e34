variable "lab" {
  description = "Lab id, the value of the tag labctl:lab."
  type        = string
  default     = "observability"
}

variable "run" {
  description = "Run id, the value of the tag labctl:run. Every name starts with labctl-<run>-."
  type        = string

  validation {
    # With labctl- before it a run id fits the 32 characters of the name of an X-Ray group.
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

variable "composite_alarms" {
  description = "The target has composite alarms. Where it has none, the alarms are of the form metric_math."
  type        = bool
  default     = false
}

variable "xray" {
  description = "The target has X-Ray sampling rules and groups."
  type        = bool
  default     = false
}

variable "alarms" {
  description = "What pages: composite, an alarm over alarms, or metric_math, alarms that each decide alone (the alternative design)."
  type        = string
  default     = "composite"

  validation {
    condition     = contains(["composite", "metric_math"], var.alarms)
    error_message = "alarms is composite or metric_math."
  }
}

variable "errors_by" {
  description = "What a failed request is told by: the level of its log line, or its status (the alternative design)."
  type        = string
  default     = "level"

  validation {
    condition     = contains(["level", "status"], var.errors_by)
    error_message = "errors_by is level or status."
  }
}
