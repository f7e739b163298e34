# Private ways to S3 and KMS, and the bucket that the S3 one is for.

data "aws_prefix_list" "s3" {
  name = "com.amazonaws.${var.region}.s3"
}

resource "aws_s3_bucket" "this" {
  bucket        = "${local.name}-${local.account}-${var.region}"
  force_destroy = true

  tags = { Name = "${local.name}-bucket", "labctl:role" = "bucket" }
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket = aws_s3_bucket.this.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

locals {
  # A stolen key of another account is of no use through the lab's endpoints, and neither is another bucket.
  own_principals = { StringEquals = { "aws:PrincipalAccount" = local.account } }
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id            = aws_vpc.prod.id
  service_name      = "com.amazonaws.${var.region}.s3"
  vpc_endpoint_type = "Gateway"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OwnPrincipalsToTheLabsBucket"
      Effect    = "Allow"
      Principal = "*"
      Action    = ["s3:ListBucket", "s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
      Resource  = [aws_s3_bucket.this.arn, "${aws_s3_bucket.this.arn}/*"]
      Condition = local.own_principals
    }]
  })

  tags = { Name = "${local.name}-s3", "labctl:role" = "endpoint" }
}

# Associated one by one: the endpoint does not wait for the route tables, nor they for its removal.
resource "aws_vpc_endpoint_route_table_association" "app" {
  for_each = local.zones

  vpc_endpoint_id = aws_vpc_endpoint.s3.id
  route_table_id  = aws_route_table.app[each.key].id
}

resource "aws_vpc_endpoint_route_table_association" "data" {
  vpc_endpoint_id = aws_vpc_endpoint.s3.id
  route_table_id  = aws_route_table.data.id
}

resource "aws_vpc_endpoint" "kms" {
  vpc_id              = aws_vpc.prod.id
  service_name        = "com.amazonaws.${var.region}.kms"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = values(aws_subnet.app)[*].id
  security_group_ids  = [aws_security_group.this["endpoint"].id]

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OwnPrincipalsToOwnKeys"
      Effect    = "Allow"
      Principal = "*"
      Action    = ["kms:DescribeKey", "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"]
      Resource  = "arn:${local.aws}:kms:${var.region}:${local.account}:key/*"
      Condition = local.own_principals
    }]
  })

  tags = { Name = "${local.name}-kms", "labctl:role" = "endpoint" }
}
