# What each role may do: one inline policy a role, so that none of them hangs on a managed policy that somebody else edits.

locals {
  function_logs = "arn:${local.aws}:logs:${var.region}:${local.account}:log-group:/aws/lambda/${local.name}-*"

  permissions = {
    # Delegated administration: the team's administrator makes roles, as long as they cannot do more than the boundary.
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html#access_policies_boundaries-delegate
    team-admin = [
      {
        Sid    = "MakeRolesWithTheBoundary"
        Effect = "Allow"
        Action = [
          "iam:CreateRole", "iam:PutRolePermissionsBoundary",
          "iam:PutRolePolicy", "iam:DeleteRolePolicy", "iam:AttachRolePolicy", "iam:DetachRolePolicy",
        ]
        Resource  = local.team_roles
        Condition = { StringEquals = { "iam:PermissionsBoundary" = local.boundary } }
      },
      {
        # No iam:UpdateAssumeRolePolicy: whom a role trusts is settled when it is made.
        Sid      = "RetireRoles"
        Effect   = "Allow"
        Action   = ["iam:DeleteRole", "iam:UpdateRoleDescription"]
        Resource = local.team_roles
      },
      {
        # The boundary is one of them: what keeps it from being edited is the deny below.
        Sid      = "WritePoliciesForThem"
        Effect   = "Allow"
        Action   = ["iam:CreatePolicy", "iam:CreatePolicyVersion", "iam:DeletePolicyVersion", "iam:DeletePolicy"]
        Resource = local.team_policies
      },
      {
        Sid      = "LookAround"
        Effect   = "Allow"
        Action   = ["iam:Get*", "iam:List*"]
        Resource = "*"
      },
      {
        Sid      = "NobodyEditsTheBoundary"
        Effect   = "Deny"
        Action   = ["iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:DeletePolicyVersion", "iam:DeletePolicy"]
        Resource = local.boundary
      },
      {
        Sid      = "NobodyTakesTheBoundaryOff"
        Effect   = "Deny"
        Action   = "iam:DeleteRolePermissionsBoundary"
        Resource = "*"
      },
      {
        Sid       = "NobodySwapsTheBoundary"
        Effect    = "Deny"
        Action    = "iam:PutRolePermissionsBoundary"
        Resource  = "*"
        Condition = { StringNotEquals = { "iam:PermissionsBoundary" = local.boundary } }
      },
    ]

    # Access by attributes: the function's tag equals the developer's. A function without the tag matches nothing, and
    # neither does a developer without one: a variable without a value is not empty, it fails the condition.
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/tutorial_attribute-based-access-control.html
    developer = [
      {
        Sid    = "WorkOnTheOwnProjectsFunctions"
        Effect = "Allow"
        Action = [
          "lambda:GetFunction", "lambda:InvokeFunction", "lambda:PublishVersion",
          "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration",
        ]
        Resource  = "arn:${local.aws}:lambda:${var.region}:${local.account}:function:${local.name}-*"
        Condition = { StringEquals = { "aws:ResourceTag/project" = "$${aws:PrincipalTag/project}" } }
      },
      {
        # For another execution role in the function's configuration.
        Sid       = "PassTeamRolesToLambda"
        Effect    = "Allow"
        Action    = "iam:PassRole"
        Resource  = local.team_roles
        Condition = { StringEquals = { "iam:PassedToService" = "lambda.amazonaws.com" } }
      },
      {
        Sid    = "NobodyRetags"
        Effect = "Deny"
        Action = [
          "iam:TagRole", "iam:UntagRole", "iam:TagUser", "iam:UntagUser", "sts:TagSession",
          "lambda:TagResource", "lambda:UntagResource",
        ]
        Resource = "*"
      },
    ]

    # That the vendor and the app may decrypt is in the data key's policy, and there alone.
    vendor = [
      {
        Sid      = "ListData"
        Effect   = "Allow"
        Action   = "s3:ListBucket"
        Resource = local.bucket_arn.data
      },
      {
        Sid      = "ReadData"
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = "${local.bucket_arn.data}/*"
      },
    ]

    app = [
      {
        Sid      = "ListData"
        Effect   = "Allow"
        Action   = "s3:ListBucket"
        Resource = local.bucket_arn.data
      },
      {
        Sid      = "ReadAndWriteData"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject"]
        Resource = "${local.bucket_arn.data}/*"
      },
      {
        # No logs:CreateLogGroup: a function that is still running would bring the group back after its removal.
        Sid      = "WriteLogs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = local.function_logs
      },
    ]

    auditor = [
      {
        Sid      = "ReadTheRecord"
        Effect   = "Allow"
        Action   = ["s3:ListBucket", "s3:ListBucketVersions", "s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectRetention"]
        Resource = [local.bucket_arn.logs, "${local.bucket_arn.logs}/*"]
      },
      {
        Sid      = "SearchTheEvents"
        Effect   = "Allow"
        Action   = ["logs:FilterLogEvents", "logs:GetLogEvents", "logs:DescribeLogStreams", "logs:StartQuery"]
        Resource = "${local.log_group_arn}:*"
      },
      {
        # Configuration, not contents.
        Sid    = "ReadHowThingsAreSet"
        Effect = "Allow"
        Action = [
          "access-analyzer:Get*", "access-analyzer:List*",
          "cloudtrail:DescribeTrails", "cloudtrail:Get*", "cloudtrail:List*", "cloudtrail:LookupEvents",
          "cloudwatch:DescribeAlarms", "cloudwatch:DescribeAlarmHistory",
          "iam:Get*", "iam:List*",
          "kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListAliases", "kms:ListKeys",
          "logs:DescribeLogGroups", "logs:DescribeMetricFilters", "logs:GetQueryResults",
          "s3:GetBucket*", "s3:GetEncryptionConfiguration", "s3:ListAllMyBuckets",
        ]
        Resource = "*"
      },
    ]

    # What the administrator does to a key is in the keys' policies; to find one is not for a key's policy to allow.
    key-admin = [{
      Sid      = "FindKeys"
      Effect   = "Allow"
      Action   = ["kms:ListKeys", "kms:ListAliases"]
      Resource = "*"
    }]

    # For the court order that some record must go. Everybody else is shut out by the log bucket's policy.
    break-glass = [{
      Sid    = "DeleteLogs"
      Effect = "Allow"
      Action = [
        "s3:ListBucket", "s3:ListBucketVersions", "s3:GetObjectRetention",
        "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:BypassGovernanceRetention",
      ]
      Resource = [local.bucket_arn.logs, "${local.bucket_arn.logs}/*"]
    }]

    # https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html
    trail = [{
      Sid      = "DeliverEvents"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = "${local.log_group_arn}:log-stream:${local.account}_CloudTrail_*"
    }]
  }
}

resource "aws_iam_role_policy" "this" {
  for_each = aws_iam_role.this

  name   = each.value.name
  role   = each.value.name
  policy = jsonencode({ Version = "2012-10-17", Statement = local.permissions[each.key] })
}
