# Changes of who may do what and of what reaches what: after "since when?" the first question at an incident is "what has changed?"
#
# The rule delivers to the queue, not to the topic: the answer lies beside the page, and a change wakes nobody. It could not publish
# safely either: a topic policy for EventBridge can have no condition, so the rules of every account would be let in.
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions
#
# The events exist where a trail records management events, and those of IAM in us-east-1 only, whatever the region of the lab.
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html

locals {
  # The calls that the CIS AWS Foundations Benchmark asks to be told of: 4.4 (IAM policies), 4.10 to 4.14 (security groups, network
  # ACLs, gateways, route tables, VPCs); and those that make a principal or its credentials.
  # https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html
  changes = {
    iam = [
      "CreatePolicy", "DeletePolicy", "CreatePolicyVersion", "DeletePolicyVersion", "SetDefaultPolicyVersion",
      "AttachRolePolicy", "DetachRolePolicy", "PutRolePolicy", "DeleteRolePolicy", "UpdateAssumeRolePolicy",
      "AttachUserPolicy", "DetachUserPolicy", "PutUserPolicy", "DeleteUserPolicy",
      "AttachGroupPolicy", "DetachGroupPolicy", "PutGroupPolicy", "DeleteGroupPolicy",
      "CreateUser", "CreateRole", "CreateAccessKey", "CreateLoginProfile", "AddUserToGroup",
    ]
    ec2 = [
      "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress", "RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress",
      "ModifySecurityGroupRules", "CreateSecurityGroup", "DeleteSecurityGroup",
      "CreateNetworkAcl", "DeleteNetworkAcl", "CreateNetworkAclEntry", "ReplaceNetworkAclEntry", "DeleteNetworkAclEntry",
      "ReplaceNetworkAclAssociation",
      "CreateCustomerGateway", "DeleteCustomerGateway", "CreateInternetGateway", "DeleteInternetGateway",
      "AttachInternetGateway", "DetachInternetGateway", "CreateNatGateway", "DeleteNatGateway",
      "CreateRoute", "ReplaceRoute", "DeleteRoute", "CreateRouteTable", "DeleteRouteTable",
      "ReplaceRouteTableAssociation", "DisassociateRouteTable",
      "CreateVpc", "DeleteVpc", "ModifyVpcAttribute", "CreateVpcPeeringConnection", "AcceptVpcPeeringConnection",
      "DeleteVpcPeeringConnection",
    ]
  }
}

resource "aws_cloudwatch_event_rule" "change" {
  name        = "${local.name}-change"
  description = "IAM or the network has been changed"

  event_pattern = jsonencode({
    source      = [for service in keys(local.changes) : "aws.${service}"]
    detail-type = ["AWS API Call via CloudTrail"]
    detail = {
      eventSource = [for service in keys(local.changes) : "${service}.amazonaws.com"]
      eventName   = flatten(values(local.changes))
      errorCode   = [{ exists = false }] # a call that was refused has changed nothing
    }
  })

  tags = { Name = "${local.name}-change", "labctl:role" = "change" }
}

resource "aws_cloudwatch_event_target" "change" {
  rule      = aws_cloudwatch_event_rule.change.name
  target_id = "${local.name}-change"
  arn       = aws_sqs_queue.on_call.arn
}
