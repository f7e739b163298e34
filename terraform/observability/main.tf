# The reference architecture of the observability lab: what an API with an objective of 99.9 percent over 30 days tells about
# itself, and how somebody comes to hear of it. The API itself is not here: `labctl emit` writes what it would write.
#
# Resources are found by tag, never by Terraform address. The vocabulary of the tag labctl:role:
#
#   log group                     api (with all metric filters) | payments (the service behind it)
#   KMS key                       key
#   SNS topic, SQS queue          on-call
#   EventBridge rule              change
#   X-Ray sampling rule, group    trace
#   alarm                         sli          the share of good requests; wakes nobody
#                                 burn         how fast the budget of errors burns
#                                 heartbeat    nothing is heard of the API
#                                 latency      payments are slow
#                                 maintenance  somebody works on the API, so nobody is woken
#                                 page         composite alarm that wakes somebody (form composite only)
#
# Metric filters, the dashboard, event targets and subscriptions cannot be tagged. Filters go with their log group; the
# dashboard is found by its name, labctl-<run>-api. Metrics are in the namespace labctl-<run> and have no name of their own to
# remove: they expire. The names of X-Ray's rule and group are cut to 32 characters: they are found by their tags.
#
# Every line of the log is one JSON object. All have time (RFC 3339), level (DEBUG, INFO, WARN, ERROR), service, event and
# message, and by their event:
#
#   request      a request that has been answered, once each: trace_id, request_id, method, route (the template, such as
#                /payments/{id}), status and latency_ms; user_id where it is known. A request that fails by the API's own
#                fault has the level ERROR and a status of 500 or more; one that fails by the caller's, WARN and 4xx.
#   heartbeat    once a minute from the API, whether there are requests or not
#   maintenance  once a minute from whoever works on the API, as long as the work goes on
#
# Other events (a retry, a job) may be of any level: what they mean for visitors is told by the request that they belong to.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  name       = "labctl-${var.run}"
  short_name = trimsuffix(substr("${local.name}-api", 0, 32), "-") # the longest name that an X-Ray group can have
  emulated   = var.endpoint != ""
  account    = data.aws_caller_identity.current.account_id
  aws        = data.aws_partition.current.partition

  composite = var.composite_alarms && var.alarms == "composite"

  tags = {
    "labctl:lab"     = var.lab
    "labctl:run"     = var.run
    "labctl:expires" = var.expires
  }

  # ARNs that are known before what they name exists, so that nothing waits for anything else.
  arn       = { for service in ["sns", "sqs", "events", "logs", "cloudwatch"] : service => "arn:${local.aws}:${service}:${var.region}:${local.account}" }
  topic_arn = "${local.arn.sns}:${local.name}-on-call"
  queue_arn = "${local.arn.sqs}:${local.name}-on-call"
  rule_arn  = "${local.arn.events}:rule/${local.name}-change"
  alarm_arn = "${local.arn.cloudwatch}:alarm:${local.name}" # of every alarm up to its last part
}

# What the scenario demands. These are facts of the story, told in the lab's text, so the checks bring their own copy.
locals {
  objective = 0.999 # of the requests, over 30 days
  budget    = 0.001 # of the requests may fail; written out, as 1 - objective is not exactly that
  keep_days = 365
}
