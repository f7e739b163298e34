# The boundary: what no role in the lab exceeds, whatever its policies say. It grants nothing by itself.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
#
# One policy serves two kinds of roles. A team's roles get what workloads need. The standing roles, whom the statement
# names one by one, may have any duty within the lab's services; what each of them does is in its own policy. A team
# cannot make a role with the ARN of a standing one, since it makes roles under /app/ only.

resource "aws_iam_policy" "boundary" {
  name        = "${local.name}-boundary"
  path        = local.team_path
  description = "What no role in the lab exceeds"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "WorkloadsReadAndWriteData"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"]
        Resource = [local.bucket_arn.data, "${local.bucket_arn.data}/*"]
      },
      {
        # The key's own policy says who; it cannot be named here, since it names the roles.
        Sid       = "WorkloadsUseKeysThroughS3"
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = "arn:${local.aws}:kms:${var.region}:${local.account}:key/*"
        Condition = { StringEquals = { "kms:ViaService" = local.through_s3 } }
      },
      {
        Sid      = "WorkloadsWriteTheirLogs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = local.function_logs
      },
      {
        Sid       = "StandingRolesHaveDuties"
        Effect    = "Allow"
        Action    = ["access-analyzer:*", "cloudtrail:*", "cloudwatch:*", "iam:*", "kms:*", "lambda:*", "logs:*", "s3:*"]
        Resource  = "*"
        Condition = { ArnEquals = { "aws:PrincipalArn" = values(local.role_arn) } }
      },
      {
        # A role that a team has made may trust the team's own session: a grant to a session escapes the boundary's
        # implicit deny, but never this one.
        Sid      = "NobodyTurnsIntoAnotherRole"
        Effect   = "Deny"
        Action   = ["sts:AssumeRole", "sts:TagSession"]
        Resource = "*"
      },
      {
        Sid    = "NobodyMakesLongTermCredentials"
        Effect = "Deny"
        Action = [
          "iam:CreateUser", "iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile",
          "iam:CreateServiceSpecificCredential", "iam:UploadSigningCertificate", "iam:UploadSSHPublicKey",
        ]
        Resource = "*"
      },
    ]
  })

  tags = { Name = "${local.name}-boundary", "labctl:role" = "boundary" }
}
