# Drafts are being worked on; what is filed goes to the documents, where every version is locked. Both keep what was
# deleted or overwritten. A bucket with Object Lock cannot suspend versioning; one without it can.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html

locals {
  # In production the lock lasts as long as documents are kept. In the lab it is the shortest there is, for the sake of
  # labctl down, and the 35 days are the work of the lifecycle below and of the locked vault.
  locked_days = 1

  # A version is replaced today and found to be missing tomorrow, or in five weeks: no version goes before that.
  # Colder storage bills a version for 90 days anyway.
  replaced = var.archive_versions ? { days = 120, archive = [30] } : { days = local.keep_days, archive = [] }
}

# Versioning, encryption, lock and lifecycle are in the bucket itself: the provider then waits less, and force_destroy
# knows of the lock. It deletes locked versions with the permission to bypass governance, so that taking the lab down
# always works.
resource "aws_s3_bucket" "this" {
  for_each = toset(["documents", "drafts"])

  bucket        = "${local.name}-${each.key}-${local.account}"
  force_destroy = true

  versioning {
    enabled = true
  }

  server_side_encryption_configuration {
    rule {
      bucket_key_enabled = true

      apply_server_side_encryption_by_default {
        sse_algorithm     = "aws:kms"
        kms_master_key_id = aws_kms_key.data.arn
      }
    }
  }

  dynamic "object_lock_configuration" {
    for_each = each.key == "documents" ? [1] : []

    content {
      object_lock_enabled = "Enabled"

      rule {
        default_retention {
          mode = var.lock_mode
          days = local.locked_days
        }
      }
    }
  }

  lifecycle_rule {
    id                                     = "replaced-versions"
    enabled                                = true
    abort_incomplete_multipart_upload_days = 7

    noncurrent_version_expiration {
      days = local.replaced.days
    }

    dynamic "noncurrent_version_transition" {
      for_each = local.replaced.archive

      content {
        days          = noncurrent_version_transition.value
        storage_class = "GLACIER_IR"
      }
    }
  }

  tags = merge(local.objective_tags.documents, { Name = "${local.name}-${each.key}", "labctl:role" = each.key })

  lifecycle {
    precondition {
      condition     = each.key != "documents" || var.lock_mode == "GOVERNANCE" || var.allow_compliance_lock
      error_message = "In compliance mode nobody can delete a document before ${timeadd(plantimestamp(), "${24 * local.locked_days}h")}, nor, once the vaults' three days of grace are over, a recovery point before ${timeadd(plantimestamp(), "${24 * local.retention.offsite}h")}: until then the lab cannot be taken down. Say allow_compliance_lock = true if that is what you want."
    }
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# The disk of the search over the documents: it can be built anew, which takes longer than its RTO.
resource "aws_ebs_volume" "index" {
  availability_zone = sort(data.aws_availability_zones.available.names)[0]
  type              = "gp3"
  size              = 1
  encrypted         = true
  kms_key_id        = aws_kms_key.data.arn

  tags = merge(local.objective_tags.documents, { Name = "${local.name}-index", "labctl:role" = "index" })
}
