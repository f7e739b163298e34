# The record of every call in every region and of every read and write of the data, and an alarm on who tampers with it.

resource "aws_cloudwatch_log_group" "trail" {
  name              = "${local.name}-trail"
  retention_in_days = 7 # for the alarm and for searches; the record is the log bucket
  kms_key_id        = aws_kms_key.this["logs"].arn

  tags = { Name = "${local.name}-trail", "labctl:role" = "trail" }
}

resource "aws_cloudtrail" "this" {
  name                          = "${local.name}-trail"
  is_multi_region_trail         = true
  include_global_service_events = true
  enable_log_file_validation    = true
  kms_key_id                    = aws_kms_key.this["logs"].arn
  s3_bucket_name                = aws_s3_bucket.this["logs"].id
  cloud_watch_logs_group_arn    = "${aws_cloudwatch_log_group.trail.arn}:*"
  cloud_watch_logs_role_arn     = aws_iam_role.this["trail"].arn

  # Not the log bucket's objects: each delivery would be an event to deliver.
  event_selector {
    include_management_events = true
    read_write_type           = "All"

    data_resource {
      type   = "AWS::S3::Object"
      values = ["${aws_s3_bucket.this["data"].arn}/"]
    }
  }

  tags = { Name = "${local.name}-trail", "labctl:role" = "trail" }

  depends_on = [aws_s3_bucket_policy.this, aws_iam_role_policy.this]
}

locals {
  # The first two word for word as Security Hub's controls CloudWatch.5 and CloudWatch.7 look for them.
  # https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html
  tampering = {
    trail  = "{($.eventName=CreateTrail) || ($.eventName=UpdateTrail) || ($.eventName=DeleteTrail) || ($.eventName=StartLogging) || ($.eventName=StopLogging)}"
    keys   = "{($.eventSource=kms.amazonaws.com) && (($.eventName=DisableKey) || ($.eventName=ScheduleKeyDeletion))}"
    events = "{($.eventName=PutEventSelectors) || ($.eventName=DeleteLogGroup) || ($.eventName=DeleteMetricFilter) || ($.eventName=DeleteAlarms) || ($.eventName=DisableAlarmActions)}"
  }
}

resource "aws_cloudwatch_log_metric_filter" "tampering" {
  for_each = local.tampering

  name           = "${local.name}-tampering-${each.key}"
  log_group_name = aws_cloudwatch_log_group.trail.name
  pattern        = each.value

  metric_transformation {
    namespace = local.name
    name      = "Tampering"
    value     = "1"
  }
}

resource "aws_cloudwatch_metric_alarm" "tampering" {
  alarm_name        = "${local.name}-tampering"
  alarm_description = "Somebody touches the trail, its keys or its log group"
  namespace         = local.name
  metric_name       = "Tampering"
  statistic         = "Sum"
  period            = 300 # CloudTrail delivers to the log group in about five minutes

  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.tampering.arn]

  tags = { Name = "${local.name}-tampering", "labctl:role" = "tampering" }
}

resource "aws_sns_topic" "tampering" {
  name              = "${local.name}-tampering"
  kms_master_key_id = aws_kms_key.this["logs"].arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "AlarmPublishes"
      Effect    = "Allow"
      Principal = { Service = "cloudwatch.amazonaws.com" }
      Action    = "sns:Publish"
      Resource  = "arn:${local.aws}:sns:${var.region}:${local.account}:${local.name}-tampering"
      Condition = {
        ArnEquals    = { "aws:SourceArn" = local.alarm_arn }
        StringEquals = { "aws:SourceAccount" = local.account }
      }
    }]
  })

  tags = { Name = "${local.name}-tampering", "labctl:role" = "tampering" }
}
