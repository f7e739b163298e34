package observability

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"labctl/checks"
	"labctl/checks/eventpattern"
	"labctl/checks/inventory"
	"labctl/checks/report/typeset"
)

// change is a call that CloudTrail records, as it comes to EventBridge.
type change struct{ service, name string }

// changes are calls that change permissions or the network: those of Security Hub's controls CloudWatch.4 and CloudWatch.10 to 14.
// https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html
func changes() []change {
	return []change{
		{"iam", "AttachRolePolicy"}, {"iam", "PutRolePolicy"}, {"iam", "PutUserPolicy"}, {"iam", "AttachUserPolicy"}, {"iam", "CreatePolicyVersion"},
		{"iam", "DeleteRolePolicy"}, {"iam", "DetachRolePolicy"},
		{"ec2", "AuthorizeSecurityGroupIngress"}, {"ec2", "RevokeSecurityGroupEgress"}, {"ec2", "DeleteSecurityGroup"},
		{"ec2", "CreateNetworkAclEntry"}, {"ec2", "ReplaceNetworkAclAssociation"}, {"ec2", "AttachInternetGateway"}, {"ec2", "DeleteCustomerGateway"},
		{"ec2", "CreateRoute"}, {"ec2", "ReplaceRouteTableAssociation"}, {"ec2", "DeleteVpc"}, {"ec2", "CreateVpcPeeringConnection"},
	}
}

// readings are calls that change nothing. Thousands of them are made each hour, also by whoever looks for the cause.
func readings() []change {
	return []change{
		{"iam", "GetRolePolicy"}, {"iam", "ListRoles"}, {"ec2", "DescribeSecurityGroups"}, {"ec2", "DescribeRouteTables"}, {"sts", "AssumeRole"}, {"kms", "Decrypt"},
	}
}

// callers are who may have made a call, as CloudTrail names them, with what: somebody in a role with a program, a user in the console,
// and the root user.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
func callers() []string {
	return []string{
		`"userIdentity": {"type": "AssumedRole", "principalId": "AROA1:s1", "arn": "arn:aws:sts::{account}:assumed-role/admin/s1", "accountId": "{account}"},
			"sourceIPAddress": "198.51.100.7", "userAgent": "aws-cli/2"`,
		`"userIdentity": {"type": "IAMUser", "principalId": "AIDA1", "arn": "arn:aws:iam::{account}:user/kim", "accountId": "{account}", "userName": "kim"},
			"sourceIPAddress": "203.0.113.9", "userAgent": "Mozilla/5.0", "sessionCredentialFromConsole": "true"`,
		`"userIdentity": {"type": "Root", "principalId": "{account}", "arn": "arn:aws:iam::{account}:root", "accountId": "{account}"},
			"sourceIPAddress": "AWS Internal", "userAgent": "AWS Internal"`,
	}
}

// event is the call as EventBridge delivers it.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
func (c change) event(caller, account, region string) []byte {
	reading := "false"
	if slices.Contains(readings(), c) {
		reading = "true"
	}
	return []byte(strings.NewReplacer("{caller}", strings.ReplaceAll(caller, "{account}", account), "{account}", account, "{region}", region, "{service}", c.service, "{name}", c.name, "{reading}", reading).Replace(`{
		"version": "0", "id": "36eb8523-97d0-4518-b33d-ee3579ff19f0", "detail-type": "AWS API Call via CloudTrail", "source": "aws.{service}",
		"account": "{account}", "time": "2026-03-02T12:00:00Z", "region": "{region}", "resources": [],
		"detail": {
			"eventVersion": "1.11", "eventTime": "2026-03-02T12:00:00Z", "eventSource": "{service}.amazonaws.com", "eventName": "{name}",
			{caller}, "awsRegion": "{region}", "requestParameters": {"name": "x"}, "responseElements": null,
			"requestID": "59dbd13e", "eventID": "b3a5", "readOnly": {reading}, "eventType": "AwsApiCall", "managementEvent": true,
			"recipientAccountId": "{account}", "eventCategory": "Management"
		}
	}`))
}

// decideChange puts sample events through the rules on changes, and follows them to their targets.
func decideChange(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	all, err := a.inv.EventRules(ctx)
	if err != nil {
		return nil, err
	}
	rules := slices.DeleteFunc(slices.Clone(all), func(r inventory.EventRule) bool { return r.Tags[roleTag] != roleChange })
	if len(rules) == 0 {
		o.Add(a.nothing("event rule", roleChange))
		return nil, nil
	}
	var told []string
	var working []inventory.EventRule
	for _, rule := range rules {
		// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Rule.html (State)
		if !strings.HasPrefix(rule.State, "ENABLED") {
			o.Add(fmt.Sprintf("Rule %s is %s.", rule.Name, rule.State), rule.Name)
			continue
		}
		said, why, err := a.targets(ctx, rule)
		if err != nil {
			return nil, err
		}
		if why != "" {
			o.Add(fmt.Sprintf("What rule %s matches reaches nobody: %s", rule.Name, why), rule.Name)
			continue
		}
		told = append(told, said)
		working = append(working, rule)
	}
	if len(working) == 0 {
		return nil, nil
	}
	return told, a.judgeEvents(o, working)
}

// judgeEvents puts the sample events through rules that are on.
func (a *architecture) judgeEvents(o *checks.Offences, rules []inventory.EventRule) error {
	var missed, read []string
	for _, c := range changes() {
		for _, caller := range callers() {
			by, err := a.matching(c.event(caller, a.inv.Account, a.inv.Region), rules)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			if by == "" {
				missed = append(missed, c.service+":"+c.name+" by "+typeOf(caller))
				break
			}
		}
	}
	for _, c := range readings() {
		by, err := a.matching(c.event(callers()[0], a.inv.Account, a.inv.Region), rules)
		if err != nil {
			return err
		}
		if by != "" {
			read = append(read, c.service+":"+c.name+" ("+by+")")
		}
	}
	name := rules[0].Name
	if len(missed) > 0 {
		o.Add(fmt.Sprintf("%s of %d sample changes match no rule: %s.", typeset.Count(len(missed), "event"), len(changes()), someOf(missed)), name)
	}
	if len(read) > 0 {
		o.Add(fmt.Sprintf("Calls that change nothing match too: %s. Nobody finds a change among them.", someOf(read)), name)
	}
	return nil
}

// typeOf is the type of a caller: AssumedRole, IAMUser or Root.
func typeOf(caller string) string { return strings.Split(caller, `"`)[5] }

// matching is the first rule that matches an event; "" for none.
func (a *architecture) matching(event []byte, rules []inventory.EventRule) (string, error) {
	for _, rule := range rules {
		if rule.EventPattern == "" {
			continue // a schedule matches no event
		}
		pattern, err := eventpattern.Parse(rule.EventPattern)
		if err != nil {
			return "", fmt.Errorf("the pattern of rule %s: %w", rule.Name, err)
		}
		match, err := pattern.Match(event)
		if err != nil {
			return "", fmt.Errorf("rule %s: %w", rule.Name, err)
		}
		if match.Matched {
			return rule.Name, nil
		}
	}
	return "", nil
}

// targets finds a target that gets what a rule matches; why says what is in the way of all.
func (a *architecture) targets(ctx context.Context, rule inventory.EventRule) (said, why string, err error) {
	if len(rule.Targets) == 0 {
		return "", "it has no target.", nil
	}
	var obstacles []string
	for _, target := range rule.Targets {
		obstacle, err := a.targetObstacle(ctx, rule, target)
		if err != nil {
			return "", "", err
		}
		if obstacle == "" {
			return fmt.Sprintf("Rule %s matches %d sample changes, no reading call, and delivers to %s.", rule.Name, len(changes()), target.Arn), "", nil
		}
		obstacles = append(obstacles, obstacle)
	}
	return "", strings.Join(obstacles, " "), nil
}

// targetObstacle says what keeps a rule from delivering; "" also for targets whose permissions labctl does not read.
func (a *architecture) targetObstacle(ctx context.Context, rule inventory.EventRule, target inventory.EventTarget) (string, error) {
	switch {
	case strings.Contains(target.Arn, ":sqs:"):
		return a.queueObstacle(ctx, target.Arn, "events.amazonaws.com", rule.Arn)
	case strings.Contains(target.Arn, ":sns:"):
		topic, err := a.inv.Topic(ctx, target.Arn)
		if errors.Is(err, inventory.ErrNotFound) {
			return fmt.Sprintf("Topic %s does not exist.", target.Arn), nil
		}
		if err != nil {
			return "", err
		}
		// A topic policy for EventBridge can have no condition.
		// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions
		return refused(asking("events.amazonaws.com", "sns:Publish", target.Arn, nil), "policy of topic "+target.Arn, topic.Policy)
	case strings.Contains(target.Arn, ":log-group:"):
		_, name, _ := strings.Cut(target.Arn, ":log-group:")
		_, err := a.inv.LogGroup(ctx, strings.TrimSuffix(name, ":*"))
		if errors.Is(err, inventory.ErrNotFound) {
			return fmt.Sprintf("Log group %s does not exist.", name), nil
		}
		return "", err
	default:
		return "", nil
	}
}
