# How the group follows demand: a metric that rises and falls with it, however well the instances answer. Both designs use
# the group's instance warm-up and not its cooldown, which only simple scaling heeds.
# https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-scaling-cooldowns.html

resource "aws_autoscaling_policy" "target_tracking" {
  count = var.scaling == "target_tracking" ? 1 : 0

  name                   = "${local.name}-requests"
  autoscaling_group_name = aws_autoscaling_group.app.name
  policy_type            = "TargetTrackingScaling"

  target_tracking_configuration {
    target_value = local.busy

    predefined_metric_specification {
      predefined_metric_type = "ALBRequestCountPerTarget"
      resource_label         = "${aws_lb.site.arn_suffix}/${aws_lb_target_group.site.arn_suffix}"
    }
  }

  depends_on = [aws_lb_listener.http] # the target group has to be the load balancer's by then
}

# The same by hand. By how far demand is above the threshold says how much to add; ten quiet minutes take a fifth away.
locals {
  step = {
    for direction, policy in {
      out = {
        threshold = local.busy, comparison = "GreaterThanThreshold", minutes = 1, missing = "notBreaching"
        steps = [ # bounds as shares of the threshold above it
          { from = 0, to = 0.25, percent = 25 },
          { from = 0.25, to = 0.75, percent = 75 },
          { from = 0.75, to = 1.5, percent = 150 },
          { from = 1.5, to = null, percent = 250 },
        ]
      }
      in = {
        threshold = floor(local.busy * 0.7), comparison = "LessThanThreshold", minutes = 10, missing = "breaching" # no visitor, no data
        steps     = [{ from = null, to = 0, percent = -20 }]
      }
    } : direction => policy if var.scaling == "step"
  }
}

resource "aws_autoscaling_policy" "step" {
  for_each = local.step

  name                     = "${local.name}-scale-${each.key}"
  autoscaling_group_name   = aws_autoscaling_group.app.name
  policy_type              = "StepScaling"
  adjustment_type          = "PercentChangeInCapacity"
  min_adjustment_magnitude = 1
  metric_aggregation_type  = "Average"

  dynamic "step_adjustment" {
    for_each = each.value.steps

    content {
      metric_interval_lower_bound = step_adjustment.value.from == null ? null : step_adjustment.value.from * local.busy
      metric_interval_upper_bound = step_adjustment.value.to == null ? null : step_adjustment.value.to * local.busy
      scaling_adjustment          = step_adjustment.value.percent
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "step" {
  for_each = local.step

  alarm_name          = "${local.name}-scale-${each.key}"
  alarm_description   = "Invokes the scaling policy of the same name"
  namespace           = "AWS/ApplicationELB"
  metric_name         = "RequestCountPerTarget"
  dimensions          = { LoadBalancer = aws_lb.site.arn_suffix, TargetGroup = aws_lb_target_group.site.arn_suffix }
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = each.value.minutes
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  treat_missing_data  = each.value.missing
  alarm_actions       = [aws_autoscaling_policy.step[each.key].arn]

  tags = { Name = "${local.name}-scale-${each.key}", "labctl:role" = "scaling" }
}
