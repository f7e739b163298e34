# The roles and who may assume them. What they may do is in permissions.tf.

locals {
  people = ["team-admin", "developer", "auditor", "key-admin", "break-glass"]

  # People sign in to the account with a second factor and need a policy there that lets them assume the role. Nobody may
  # pass session tags, or the tags that decide over access would be the caller's to choose.
  # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_permissions-required
  trust_people = {
    Effect    = "Allow"
    Principal = { AWS = "${local.iam}:root" }
    Action    = "sts:AssumeRole"
    Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }
  }

  trust = {
    team-admin = local.trust_people
    developer  = local.trust_people
    auditor    = local.trust_people
    key-admin  = local.trust_people

    # In an emergency somebody proves right now who they are: the second factor is at most 15 minutes old.
    break-glass = {
      Effect    = "Allow"
      Principal = { AWS = "${local.iam}:root" }
      Action    = "sts:AssumeRole"
      Condition = {
        Bool            = { "aws:MultiFactorAuthPresent" = "true" }
        NumericLessThan = { "aws:MultiFactorAuthAge" = "900" }
      }
    }

    # The vendor acts for many customers. The external id proves that it acts for this one.
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    vendor = {
      Effect    = "Allow"
      Principal = { AWS = "arn:${local.aws}:iam::${local.vendor_account}:root" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "sts:ExternalId" = local.external_id } }
    }

    app = {
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }

    # CloudTrail has not always told for which trail it assumes this role, and a trail with a role that it cannot assume
    # is not made. So the conditions hold wherever the keys are present, which is all that a trust policy can ask for.
    # https://github.com/prowler-cloud/prowler/issues/4714
    trail = {
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = {
        StringEqualsIfExists = { "aws:SourceAccount" = local.account }
        ArnEqualsIfExists    = { "aws:SourceArn" = local.trail_arn }
      }
    }
  }

  # The tag that must be equal on a developer and on what the developer works on.
  project = { developer = "payments" }
}

resource "aws_iam_role" "this" {
  for_each = toset(keys(local.trust))

  name                 = "${local.name}-${each.key}"
  path                 = each.key == "app" ? local.team_path : "/"
  permissions_boundary = aws_iam_policy.boundary.arn
  assume_role_policy   = jsonencode({ Version = "2012-10-17", Statement = [local.trust[each.key]] })

  tags = merge(
    { Name = "${local.name}-${each.key}", "labctl:role" = each.key },
    { for role, project in local.project : "project" => project if role == each.key },
  )
}
