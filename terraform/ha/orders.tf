# What happens to an order while the payment dependency fails, and where it is kept.

locals {
  # ARNs that are known before what they name exists, so that nothing waits for anything else.
  queue_arn = {
    for queue in ["orders", "dead-letter", "events"] : queue => "arn:${local.aws}:sqs:${var.region}:${local.account}:${local.name}-${queue}"
  }
}

# An order is hidden for six times the work, so that a slow worker does not see its own order handed to another. Five tries
# take a quarter of an hour: longer than payment usually fails, and an order that never can be paid ends beside the queue.
# The attributes are in the queue itself: as resources of their own each would wait once more.
resource "aws_sqs_queue" "orders" {
  name                       = "${local.name}-orders"
  visibility_timeout_seconds = 6 * local.demand.work
  receive_wait_time_seconds  = 20
  redrive_policy             = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead_letter.arn, maxReceiveCount = 5 })

  tags = { Name = "${local.name}-orders", "labctl:role" = "orders" }
}

resource "aws_sqs_queue" "dead_letter" {
  name                      = "${local.name}-dead-letter"
  message_retention_seconds = 14 * 24 * 60 * 60 # an order keeps its age when it moves, and people need time to look at it

  tags = { Name = "${local.name}-dead-letter", "labctl:role" = "dead-letter" }
}

resource "aws_dynamodb_table" "orders" {
  count = var.multi_az_database ? 0 : 1

  name                        = "${local.name}-orders"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "order"
  deletion_protection_enabled = true # taking the lab down turns it off first

  attribute {
    name = "order"
    type = "S"
  }

  tags = { Name = "${local.name}-orders", "labctl:role" = "data" }
}

# The same in a database: a standby in another zone takes over within two minutes.
resource "aws_db_subnet_group" "orders" {
  count = var.multi_az_database ? 1 : 0

  name       = "${local.name}-orders"
  subnet_ids = values(aws_subnet.app)[*].id

  tags = { Name = "${local.name}-orders", "labctl:role" = "data" }
}

resource "aws_db_instance" "orders" {
  count = var.multi_az_database ? 1 : 0

  identifier                  = "${local.name}-orders"
  engine                      = "postgres"
  instance_class              = "db.t4g.micro"
  allocated_storage           = 20
  storage_type                = "gp3"
  storage_encrypted           = true
  multi_az                    = true
  db_name                     = "orders"
  username                    = "orders"
  manage_master_user_password = true # in Secrets Manager, not in Terraform's state
  db_subnet_group_name        = aws_db_subnet_group.orders[0].name
  vpc_security_group_ids      = [aws_security_group.this["database"].id]
  deletion_protection         = true # taking the lab down turns it off first
  skip_final_snapshot         = true
  backup_retention_period     = 1

  tags = { Name = "${local.name}-orders", "labctl:role" = "data" }
}
