# What each role may do: AWS Backup's managed policies, cut down to the lab's resources and to what each role is for.
# https://docs.aws.amazon.com/aws-backup/latest/devguide/security-iam-awsmanpol.html

locals {
  buckets      = values(local.bucket_arn)
  objects      = [for bucket in local.buckets : "${bucket}/*"]
  volumes      = "arn:${local.aws}:ec2:${var.region}:${local.account}:volume/*"
  snapshots    = "arn:${local.aws}:ec2:*::snapshot/*"
  restored     = "${local.name}-restored-*"
  new_tables   = "arn:${local.aws}:dynamodb:${var.region}:${local.account}:table/${local.restored}"
  new_buckets  = "arn:${local.aws}:s3:::${local.restored}"
  recovery     = "arn:${local.aws}:backup:*:${local.account}:recovery-point:*"
  run_resource = { StringEquals = { "aws:ResourceTag/labctl:run" = var.run } }
  for_services = { Bool = { "kms:GrantIsForAWSResource" = "true" } }

  permissions = {
    # What the shop does every day. Its mistakes, and whoever takes it over, reach data but no backup.
    workload = [
      {
        Sid      = "TakeOrders"
        Effect   = "Allow"
        Action   = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:Query"]
        Resource = local.table_arn
      },
      {
        Sid      = "ListPapers"
        Effect   = "Allow"
        Action   = "s3:ListBucket"
        Resource = local.buckets
      },
      {
        Sid      = "ReadAndWritePapers"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject"]
        Resource = local.objects
      },
      {
        # Not a version: what is deleted this way can be brought back.
        Sid      = "DeleteDrafts"
        Effect   = "Allow"
        Action   = "s3:DeleteObject"
        Resource = "${local.bucket_arn.drafts}/*"
      },
      {
        Sid       = "UseTheDataKeyThroughTheServices"
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = aws_kms_key.data.arn
        Condition = { StringEquals = { "kms:ViaService" = ["dynamodb.${var.region}.amazonaws.com", "s3.${var.region}.amazonaws.com"] } }
      },
    ]

    # Reads everything and writes to vaults: whoever takes it over can copy the data, not change it.
    backup = [
      {
        Sid      = "BackUpTheTable"
        Effect   = "Allow"
        Action   = ["dynamodb:DescribeTable", "dynamodb:ListTagsOfResource", "dynamodb:CreateBackup", "dynamodb:StartAwsBackupJob"]
        Resource = local.table_arn
      },
      {
        # AWS Backup expires what it has made with the role that made it.
        Sid      = "ExpireTheTablesBackups"
        Effect   = "Allow"
        Action   = ["dynamodb:DescribeBackup", "dynamodb:DeleteBackup"]
        Resource = "${local.table_arn}/backup/*"
      },
      {
        Sid    = "BackUpTheBuckets"
        Effect = "Allow"
        Action = [
          "s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketNotification", "s3:GetBucketTagging", "s3:GetBucketVersioning",
          "s3:GetInventoryConfiguration", "s3:ListBucket", "s3:ListBucketVersions",
          "s3:PutBucketNotification", "s3:PutInventoryConfiguration",
        ]
        Resource = local.buckets
      },
      {
        Sid    = "ReadTheObjects"
        Effect = "Allow"
        Action = [
          "s3:GetObject", "s3:GetObjectAcl", "s3:GetObjectTagging",
          "s3:GetObjectVersion", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging",
        ]
        Resource = local.objects
      },
      {
        # How AWS Backup learns of changes to the buckets.
        Sid    = "FollowTheBuckets"
        Effect = "Allow"
        Action = [
          "events:DescribeRule", "events:PutRule", "events:DeleteRule", "events:EnableRule", "events:DisableRule",
          "events:PutTargets", "events:RemoveTargets", "events:ListTargetsByRule",
        ]
        Resource = "arn:${local.aws}:events:${var.region}:${local.account}:rule/AwsBackupManagedRule*"
      },
      {
        Sid       = "SnapshotTheVolume"
        Effect    = "Allow"
        Action    = "ec2:CreateSnapshot"
        Resource  = local.volumes
        Condition = local.run_resource
      },
      {
        Sid      = "MakeAndCopySnapshots"
        Effect   = "Allow"
        Action   = ["ec2:CreateSnapshot", "ec2:CopySnapshot"]
        Resource = local.snapshots
      },
      {
        Sid       = "TagThem"
        Effect    = "Allow"
        Action    = "ec2:CreateTags"
        Resource  = local.snapshots
        Condition = { StringEquals = { "ec2:CreateAction" = ["CreateSnapshot", "CopySnapshot"] } }
      },
      {
        Sid       = "ExpireSnapshots"
        Effect    = "Allow"
        Action    = "ec2:DeleteSnapshot"
        Resource  = local.snapshots
        Condition = local.run_resource
      },
      {
        Sid    = "FindWhatThereIs"
        Effect = "Allow"
        Action = [
          "cloudwatch:GetMetricData", "ec2:DescribeSnapshots", "ec2:DescribeTags", "ec2:DescribeVolumes",
          "events:ListRules", "s3:ListAllMyBuckets", "tag:GetResources",
        ]
        Resource = "*"
      },
      {
        Sid      = "FillTheVaults"
        Effect   = "Allow"
        Action   = ["backup:DescribeBackupVault", "backup:CopyFromBackupVault", "backup:CopyIntoBackupVault"]
        Resource = values(local.vault_arn)
      },
      {
        Sid      = "TagRecoveryPoints"
        Effect   = "Allow"
        Action   = "backup:TagResource"
        Resource = local.recovery
      },
      {
        # What is in the vaults may be used by those whom the vault key's policy names.
        Sid      = "ReadWithTheDataKey"
        Effect   = "Allow"
        Action   = ["kms:DescribeKey", "kms:Decrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
        Resource = aws_kms_key.data.arn
      },
      {
        Sid       = "LetServicesUseTheDataKey"
        Effect    = "Allow"
        Action    = "kms:CreateGrant"
        Resource  = aws_kms_key.data.arn
        Condition = local.for_services
      },
    ]

    # Makes new tables, volumes and buckets beside production. Turning the shop over to them is a decision for people.
    restore = [
      {
        Sid    = "RestoreIntoNewTables"
        Effect = "Allow"
        Action = [
          "dynamodb:RestoreTableFromAwsBackup", "dynamodb:RestoreTableFromBackup", "dynamodb:DescribeTable",
          "dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem",
          "dynamodb:Query", "dynamodb:Scan", "dynamodb:UpdateItem",
        ]
        Resource = local.new_tables
      },
      {
        Sid      = "ReadTheTablesBackups"
        Effect   = "Allow"
        Action   = ["dynamodb:DescribeBackup", "dynamodb:RestoreTableFromBackup"]
        Resource = "${local.table_arn}/backup/*"
      },
      {
        Sid      = "RestoreIntoNewVolumes"
        Effect   = "Allow"
        Action   = "ec2:CreateVolume"
        Resource = [local.volumes, local.snapshots]
      },
      {
        Sid       = "TagThem"
        Effect    = "Allow"
        Action    = "ec2:CreateTags"
        Resource  = local.volumes
        Condition = { StringEquals = { "ec2:CreateAction" = "CreateVolume" } }
      },
      {
        Sid    = "RestoreIntoNewBuckets"
        Effect = "Allow"
        Action = [
          "s3:CreateBucket", "s3:GetBucketLocation", "s3:GetBucketOwnershipControls", "s3:GetBucketVersioning",
          "s3:ListBucket", "s3:ListBucketVersions", "s3:PutBucketOwnershipControls", "s3:PutBucketVersioning",
          "s3:DeleteObject", "s3:GetObject", "s3:GetObjectAcl", "s3:GetObjectTagging", "s3:GetObjectVersion",
          "s3:GetObjectVersionAcl", "s3:ListMultipartUploadParts", "s3:PutObject", "s3:PutObjectAcl",
          "s3:PutObjectTagging", "s3:PutObjectVersionAcl",
        ]
        Resource = [local.new_buckets, "${local.new_buckets}/*"]
      },
      {
        Sid      = "FindWhatThereIs"
        Effect   = "Allow"
        Action   = ["ec2:DescribeSnapshots", "ec2:DescribeTags", "ec2:DescribeVolumes"]
        Resource = "*"
      },
      {
        # What is restored is encrypted as the data is. That it may read the vaults is in the vault key's policy.
        Sid      = "WriteWithTheDataKey"
        Effect   = "Allow"
        Action   = ["kms:DescribeKey", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
        Resource = aws_kms_key.data.arn
      },
      {
        Sid       = "LetServicesUseTheDataKey"
        Effect    = "Allow"
        Action    = "kms:CreateGrant"
        Resource  = aws_kms_key.data.arn
        Condition = local.for_services
      },
    ]

    # For the court order that some record must go. Everybody else is refused by the vaults' policies.
    break-glass = [
      {
        Sid       = "DeleteRecoveryPoints"
        Effect    = "Allow"
        Action    = ["backup:DeleteRecoveryPoint", "backup:DescribeRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"]
        Resource  = [local.recovery, local.snapshots, "${local.table_arn}/backup/*"]
        Condition = local.run_resource
      },
      {
        Sid      = "LookIntoTheVaults"
        Effect   = "Allow"
        Action   = ["backup:DescribeBackupVault", "backup:ListRecoveryPointsByBackupVault", "backup:PutBackupVaultAccessPolicy"]
        Resource = values(local.vault_arn)
      },
      {
        Sid      = "DeleteDocuments"
        Effect   = "Allow"
        Action   = ["s3:ListBucketVersions", "s3:GetObjectRetention", "s3:DeleteObjectVersion", "s3:BypassGovernanceRetention"]
        Resource = [local.bucket_arn.documents, "${local.bucket_arn.documents}/*"]
      },
    ]
  }
}

resource "aws_iam_role_policy" "this" {
  for_each = aws_iam_role.this

  name   = each.value.name
  role   = each.value.name
  policy = jsonencode({ Version = "2012-10-17", Statement = local.permissions[each.key] })
}
