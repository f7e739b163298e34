# The instances: how one is launched, and how many there are.

data "aws_ssm_parameter" "amazon_linux" {
  name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
}

locals {
  # Stands in for the site. It needs nothing from the network and nothing that Amazon Linux does not bring along, so that an
  # instance is ready in seconds and can be launched while other services fail. It sells one ticket after the other, as many
  # a second as the scenario says, whatever the instance type; who would wait longer than 5 s is turned away at once.
  # Whether it is healthy does not depend on others: an instance cannot help a failing dependency by leaving.
  user_data = <<-BASH
    #!/bin/bash
    cat > /opt/site.py <<'PYTHON'
    import http.server, threading, time

    RATE, PATIENCE = ${local.demand.instance}, 5
    counter = threading.Lock()
    line = threading.BoundedSemaphore(RATE * PATIENCE)


    class Site(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            if self.path == "/health":
                return self.answer(200, "ok\n")
            if not line.acquire(blocking=False):
                return self.answer(503, "too many visitors\n")
            try:
                with counter:
                    time.sleep(1 / RATE)
            finally:
                line.release()
            self.answer(200, "your ticket\n")

        def answer(self, status, text):
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_):
            pass


    class Server(http.server.ThreadingHTTPServer):
        request_queue_size = 128


    Server(("", ${local.port}), Site).serve_forever()
    PYTHON
    cat > /etc/systemd/system/site.service <<'UNIT'
    [Unit]
    Description=Ticketing site

    [Service]
    ExecStart=/usr/bin/python3 /opt/site.py
    DynamicUser=yes
    Restart=always

    [Install]
    WantedBy=multi-user.target
    UNIT
    systemctl enable --now site
  BASH
}

resource "aws_launch_template" "app" {
  name                   = "${local.name}-app"
  image_id               = nonsensitive(data.aws_ssm_parameter.amazon_linux.value)
  instance_type          = local.instance_types[0]
  vpc_security_group_ids = [aws_security_group.this["app"].id]
  update_default_version = true # the group launches the default version
  user_data              = base64encode(local.user_data)

  iam_instance_profile {
    arn = aws_iam_instance_profile.app.arn
  }

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  credit_specification {
    cpu_credits = "standard" # unlimited ones would be billed
  }

  # What a group propagates reaches its instances, not what is launched with them.
  dynamic "tag_specifications" {
    for_each = ["instance", "volume", "network-interface"]

    content {
      resource_type = tag_specifications.value
      tags          = local.instance_tags
    }
  }

  tags = { Name = "${local.name}-app", "labctl:role" = "app" }
}

locals {
  # The cheapest first; any of them carries what the scenario says. A zone that has run out of one type has another.
  instance_types = ["t4g.nano", "t4g.micro", "t4g.small"]

  instance_tags = merge(local.tags, { Name = "${local.name}-app", "labctl:role" = "app" })
}

# No lifecycle hook: an instance has nothing to do before it may come or go, and a hook that nobody completes delays both.
resource "aws_autoscaling_group" "app" {
  name                      = "${local.name}-app"
  vpc_zone_identifier       = values(aws_subnet.app)[*].id
  min_size                  = local.size.min
  max_size                  = local.size.max
  target_group_arns         = [aws_lb_target_group.site.arn]
  health_check_type         = "ELB"
  health_check_grace_period = 90 # an instance answers about 30 s after it has been launched
  default_instance_warmup   = 60
  enabled_metrics           = ["GroupDesiredCapacity", "GroupInServiceInstances"]
  force_delete              = true

  mixed_instances_policy {
    instances_distribution {
      on_demand_allocation_strategy            = "prioritized"
      on_demand_percentage_above_base_capacity = 100
    }

    launch_template {
      launch_template_specification {
        launch_template_id = aws_launch_template.app.id
        version            = "$Default"
      }

      dynamic "override" {
        for_each = local.instance_types

        content {
          instance_type = override.value
        }
      }
    }
  }

  # The provider's default tags do not reach a group.
  dynamic "tag" {
    for_each = local.instance_tags

    content {
      key                 = tag.key
      value               = tag.value
      propagate_at_launch = true
    }
  }

  # Instances that start before their subnet has its routes, or the role its policy, would be of no use.
  depends_on = [aws_route_table_association.app, aws_vpc_endpoint.dynamodb, aws_iam_role_policy.app]
}

resource "aws_iam_role" "app" {
  name = "${local.name}-app"

  # A policy that an interrupted apply has put without recording it must not keep the role from being deleted.
  force_detach_policies = true

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ec2.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })

  tags = { Name = "${local.name}-app", "labctl:role" = "app" }
}

# What the code of a real site would need here: it takes orders into the queue, works them off, and keeps them.
resource "aws_iam_role_policy" "app" {
  name = "${local.name}-app"
  role = aws_iam_role.app.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([{
      Effect   = "Allow"
      Action   = ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"]
      Resource = local.queue_arn.orders
      }], [for table in aws_dynamodb_table.orders : {
      Effect   = "Allow"
      Action   = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:Query"]
      Resource = table.arn
    }])
  })
}

resource "aws_iam_instance_profile" "app" {
  name = "${local.name}-app"
  role = aws_iam_role.app.name

  tags = { Name = "${local.name}-app", "labctl:role" = "app" }
}
