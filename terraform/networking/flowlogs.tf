# Flow logs of every VPC, accepted and rejected traffic alike.

resource "aws_cloudwatch_log_group" "flow" {
  name              = "${local.name}-flow-logs"
  retention_in_days = 1

  tags = { Name = "${local.name}-flow-logs", "labctl:role" = "flow-logs" }
}

resource "aws_iam_role" "flow" {
  name = "${local.name}-flow-logs"

  # A policy that an interrupted apply has put without recording it must not keep the role from being deleted.
  force_detach_policies = true

  # The conditions keep the service from being talked into using the role for another account.
  # https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "vpc-flow-logs.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account }
        ArnLike      = { "aws:SourceArn" = "arn:${local.aws}:ec2:${var.region}:${local.account}:vpc-flow-log/*" }
      }
    }]
  })

  tags = { Name = "${local.name}-flow-logs", "labctl:role" = "flow-logs" }
}

resource "aws_iam_role_policy" "flow" {
  name = "${local.name}-flow-logs"
  role = aws_iam_role.flow.id

  # No logs:CreateLogGroup: records still on their way would bring the group back after its removal.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
        Resource = ["${aws_cloudwatch_log_group.flow.arn}:*"]
      },
      {
        Effect   = "Allow"
        Action   = "logs:DescribeLogGroups"
        Resource = "*"
      },
    ]
  })
}

resource "aws_flow_log" "this" {
  for_each = { prod = aws_vpc.prod.id, dev = aws_vpc.dev.id, shared = aws_vpc.shared.id }

  vpc_id                   = each.value
  traffic_type             = "ALL"
  log_destination          = aws_cloudwatch_log_group.flow.arn
  iam_role_arn             = aws_iam_role.flow.arn
  max_aggregation_interval = 60

  tags = { Name = "${local.name}-${each.key}", "labctl:role" = "flow-logs" }

  depends_on = [aws_iam_role_policy.flow]
}
