# When backups are made, of what, and for how long they stay.

resource "aws_backup_plan" "this" {
  name = "${local.name}-plan"

  # Daily would not do for an RPO of 24 hours: just before a backup is done, the newest one is as old as the interval and
  # the time that this one may take to start and to finish. That makes 12 + 1 + 3 = 16 hours.
  # https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupRule.html
  rule {
    rule_name         = "twice-daily"
    target_vault_name = aws_backup_vault.vault.name
    schedule          = "cron(0 5/12 * * ? *)"
    start_window      = 60
    completion_window = 180

    # Nothing moves to cold storage: that begins to pay after 90 days there.
    lifecycle {
      delete_after = local.retention.vault
    }

    # A copy without a lifecycle of its own would stay forever.
    copy_action {
      destination_vault_arn = aws_backup_vault.offsite.arn

      lifecycle {
        delete_after = local.retention.offsite
      }
    }

    recovery_point_tags = merge(local.tags, { Name = "${local.name}-recovery-point" })
  }

  tags = { Name = "${local.name}-plan", "labctl:role" = "plan" }
}

# Types that are named are backed up whether or not the account has opted in to them, and of those only what has both
# tags: the run's, since other labs may be in the account, and the one that says so.
# https://docs.aws.amazon.com/aws-backup/latest/devguide/assigning-resources.html
resource "aws_backup_selection" "this" {
  count = var.backup_selections ? 1 : 0

  name         = "${local.name}-tagged"
  plan_id      = aws_backup_plan.this.id
  iam_role_arn = aws_iam_role.this["backup"].arn

  resources = [
    "arn:${local.aws}:dynamodb:*:*:table/*",
    "arn:${local.aws}:ec2:*:*:volume/*",
    "arn:${local.aws}:s3:::*",
  ]

  condition {
    string_equals {
      key   = "aws:ResourceTag/labctl:run"
      value = var.run
    }

    string_equals {
      key   = "aws:ResourceTag/labctl:backup"
      value = local.selected
    }
  }
}
