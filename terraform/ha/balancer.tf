# The load balancer, and how it knows whom to send visitors to.

resource "aws_lb" "site" {
  name                       = local.short_name
  subnets                    = values(aws_subnet.public)[*].id
  security_groups            = [aws_security_group.this["balancer"].id]
  drop_invalid_header_fields = true

  tags = { Name = "${local.name}-site", "labctl:role" = "balancer" }

  # AWS refuses an internet-facing load balancer in a VPC without an internet gateway.
  depends_on = [aws_internet_gateway.site]
}

resource "aws_lb_target_group" "site" {
  name                 = local.short_name
  vpc_id               = aws_vpc.site.id
  port                 = local.port
  protocol             = "HTTP"
  deregistration_delay = 60 # a leaving instance answers what it has begun; the slowest answer takes 5 s

  # 2 failures, 10 s apart: an instance that no longer answers gets no visitors after 20 s.
  health_check {
    path                = "/health"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    unhealthy_threshold = 2
    healthy_threshold   = 2
  }

  tags = { Name = "${local.name}-site", "labctl:role" = "balancer" }
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.site.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.site.arn
  }

  tags = { Name = "${local.name}-http", "labctl:role" = "balancer" }
}
