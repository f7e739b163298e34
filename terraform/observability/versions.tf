terraform {
  required_version = ">= 1.6"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

# On AWS only region and tags are set and the normal credential chain applies. With an endpoint every
# service the lab uses is bound to it here, so that a missing AWS_ENDPOINT_URL can never send a local
# run to a real account.
provider "aws" {
  region = var.region

  skip_credentials_validation = local.emulated
  skip_metadata_api_check     = local.emulated ? "true" : null
  skip_region_validation      = local.emulated
  max_retries                 = local.emulated ? 3 : null # the default of 25 turns a server error into minutes

  dynamic "endpoints" {
    for_each = local.emulated ? [var.endpoint] : []

    content {
      cloudwatch  = endpoints.value
      eventbridge = endpoints.value
      kms         = endpoints.value
      logs        = endpoints.value
      sns         = endpoints.value
      sqs         = endpoints.value
      sts         = endpoints.value
      xray        = endpoints.value
    }
  }

  default_tags {
    tags = local.tags
  }
}
