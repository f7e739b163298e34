# Where the recovery points are, and what keeps them there.

locals {
  # Days until a recovery point expires. A copy outlasts what it is the copy of: it is what remains after a mistake that
  # took five weeks to be noticed.
  retention = { vault = local.keep_days, offsite = 90 }

  # As AWS Config's rule backup-recovery-point-manual-deletion-disabled wants it. Neither deleting the policy nor taking
  # off a lock in governance mode is refused: that is left to the account's administrators, who could not take the lab
  # down otherwise. Against them, only compliance mode or another account helps.
  # https://docs.aws.amazon.com/config/latest/developerguide/backup-recovery-point-manual-deletion-disabled.html
  nobody_deletes = {
    Sid       = "OnlyBreakGlassDeletes"
    Effect    = "Deny"
    Principal = { AWS = "*" }
    Action    = ["backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle", "backup:PutBackupVaultAccessPolicy"]
    Resource  = "*"
    Condition = { ArnNotEquals = { "aws:PrincipalArn" = aws_iam_role.this["break-glass"].arn } }
  }

  # https://docs.aws.amazon.com/aws-backup/latest/devguide/create-cross-account-backup.html
  other_account_copies = [
    for account in compact([local.copy_account == "" ? "" : local.account]) : {
      Sid       = "TheLabsAccountCopiesHere"
      Effect    = "Allow"
      Principal = { AWS = "arn:${local.aws}:iam::${account}:root" }
      Action    = "backup:CopyIntoBackupVault"
      Resource  = "*"
    }
  ]

  # Without days of grace the lock is in governance mode; with them it is in compliance mode once they are over.
  # https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html
  grace_days = var.lock_mode == "COMPLIANCE" ? 3 : null
}

resource "aws_backup_vault" "vault" {
  name          = "${local.name}-vault"
  kms_key_arn   = aws_kms_key.vault.arn
  force_destroy = var.backup_jobs

  tags = { Name = "${local.name}-vault", "labctl:role" = "vault" }

  # No job finds a role that may do nothing yet, and what a role has made does not outlive what it needs to expire it.
  depends_on = [aws_iam_role_policy.this]
}

resource "aws_backup_vault_lock_configuration" "vault" {
  backup_vault_name   = aws_backup_vault.vault.name
  min_retention_days  = local.keep_days
  changeable_for_days = local.grace_days
}

resource "aws_backup_vault_policy" "vault" {
  count = var.vault_policies ? 1 : 0

  backup_vault_name = aws_backup_vault.vault.name
  policy            = jsonencode({ Version = "2012-10-17", Statement = [local.nobody_deletes] })
}

# In the second region AWS Backup's own key: a third key would break the budget, and this one nobody can disable or
# delete. Another account's vault needs a key of its own, since copies do not leave an account under the service's.
# https://docs.aws.amazon.com/aws-backup/latest/devguide/encryption.html
resource "aws_kms_key" "offsite" {
  count    = var.copy_role == "" ? 0 : 1
  provider = aws.offsite

  description             = "Copies of recovery points"
  enable_key_rotation     = true
  deletion_window_in_days = 7

  tags = { Name = "${local.name}-offsite", "labctl:role" = "offsite" }
}

resource "aws_backup_vault" "offsite" {
  provider = aws.offsite

  name          = "${local.name}-offsite"
  kms_key_arn   = one(aws_kms_key.offsite[*].arn)
  force_destroy = var.backup_jobs

  tags = { Name = "${local.name}-offsite", "labctl:role" = "offsite" }

  depends_on = [aws_iam_role_policy.this]

  lifecycle {
    precondition {
      condition     = var.second_region != var.region || var.copy_role != ""
      error_message = "A copy in the same region and account is no copy: second_region differs from region, or copy_role names another account."
    }
  }
}

resource "aws_backup_vault_lock_configuration" "offsite" {
  provider = aws.offsite

  backup_vault_name   = aws_backup_vault.offsite.name
  min_retention_days  = local.keep_days
  changeable_for_days = local.grace_days
}

resource "aws_backup_vault_policy" "offsite" {
  count    = var.vault_policies ? 1 : 0
  provider = aws.offsite

  backup_vault_name = aws_backup_vault.offsite.name
  policy            = jsonencode({ Version = "2012-10-17", Statement = concat([local.nobody_deletes], local.other_account_copies) })
}
