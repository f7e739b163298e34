# Two keys, so that whoever takes one away has not taken data and backups at once.

locals {
  # The other account's AWS Backup reads what it copies with the key that it was encrypted with.
  # https://docs.aws.amazon.com/aws-backup/latest/devguide/create-cross-account-backup.html
  read_by_copy_account = [
    for account in compact([local.copy_account]) : [
      {
        Sid       = "TheOtherAccountReadsCopies"
        Effect    = "Allow"
        Principal = { AWS = "arn:${local.aws}:iam::${account}:root" }
        Action    = ["kms:DescribeKey", "kms:Decrypt", "kms:Encrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"]
        Resource  = "*"
      },
      {
        Sid       = "TheOtherAccountsServicesGetGrants"
        Effect    = "Allow"
        Principal = { AWS = "arn:${local.aws}:iam::${account}:root" }
        Action    = "kms:CreateGrant"
        Resource  = "*"
        Condition = { Bool = { "kms:GrantIsForAWSResource" = "true" } }
      },
    ]
  ]

  # IAM policies decide who uses the data: it is the account's daily business.
  data_key = [{
    Sid       = "TheAccountDecides"
    Effect    = "Allow"
    Principal = { AWS = "arn:${local.aws}:iam::${local.account}:root" }
    Action    = "kms:*"
    Resource  = "*"
  }]

  # Who uses the backups is said here and nowhere else: no IAM policy can add a principal to it.
  vault_key = [
    {
      Sid       = "TheAccountAdministers"
      Effect    = "Allow"
      Principal = { AWS = "arn:${local.aws}:iam::${local.account}:root" }
      Action = [
        "kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListGrants", "kms:ListKeyPolicies",
        "kms:ListResourceTags", "kms:UpdateKeyDescription", "kms:EnableKey", "kms:DisableKey", "kms:EnableKeyRotation",
        "kms:DisableKeyRotation", "kms:RevokeGrant", "kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion",
        "kms:PutKeyPolicy", "kms:TagResource", "kms:UntagResource",
      ]
      Resource = "*"
    },
    {
      # What making a vault with this key takes; the key that AWS Backup brings along allows the same.
      # https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateBackupVault.html
      Sid       = "TheAccountMakesTheVault"
      Effect    = "Allow"
      Principal = { AWS = "arn:${local.aws}:iam::${local.account}:root" }
      Action    = ["kms:CreateGrant", "kms:RetireGrant", "kms:GenerateDataKey", "kms:Decrypt"]
      Resource  = "*"
      Condition = { StringEquals = { "kms:ViaService" = "backup.${var.region}.amazonaws.com" } }
    },
    {
      # To decrypt too: a copy is read before it is encrypted for the other vault.
      Sid       = "BackupWritesAndCopies"
      Effect    = "Allow"
      Principal = { AWS = aws_iam_role.this["backup"].arn }
      Action    = ["kms:DescribeKey", "kms:GenerateDataKey*", "kms:Encrypt", "kms:ReEncrypt*", "kms:Decrypt"]
      Resource  = "*"
    },
    {
      Sid       = "RestoreReads"
      Effect    = "Allow"
      Principal = { AWS = aws_iam_role.this["restore"].arn }
      Action    = ["kms:DescribeKey", "kms:Decrypt", "kms:ReEncryptFrom"]
      Resource  = "*"
    },
    {
      Sid       = "TheirServicesGetGrants"
      Effect    = "Allow"
      Principal = { AWS = [aws_iam_role.this["backup"].arn, aws_iam_role.this["restore"].arn] }
      Action    = "kms:CreateGrant"
      Resource  = "*"
      Condition = { Bool = { "kms:GrantIsForAWSResource" = "true" } }
    },
  ]
}

resource "aws_kms_key" "data" {
  description             = "Orders, documents and index"
  enable_key_rotation     = true
  deletion_window_in_days = 7 # the shortest there is; a key that waits for its deletion costs nothing

  policy = jsonencode({ Version = "2012-10-17", Statement = concat(local.data_key, local.read_by_copy_account...) })

  tags = { Name = "${local.name}-data", "labctl:role" = "data" }
}

resource "aws_kms_key" "vault" {
  description             = "Recovery points"
  enable_key_rotation     = true
  deletion_window_in_days = 7

  policy = jsonencode({ Version = "2012-10-17", Statement = concat(local.vault_key, local.read_by_copy_account...) })

  tags = { Name = "${local.name}-vault", "labctl:role" = "vault" }
}
