package networking

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/checks/policy"
	"labctl/labs/say"
)

func decideFlowLogs(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	logs, err := a.inv.FlowLogs(ctx)
	if err != nil {
		return nil, err
	}
	var pass []string
	for _, vpc := range a.vpcs {
		wrong, by := []obstacle(nil), map[string]string{}
		for _, log := range logs {
			if log.ResourceId != vpc.VpcId {
				continue
			}
			found, err := a.flowLogObstacle(ctx, log)
			if err != nil {
				return nil, err
			}
			if found == nil {
				by[log.TrafficType] = log.FlowLogId
			} else {
				wrong = append(wrong, *found)
			}
		}
		if recorded := recordOfAll(by); recorded != "" {
			pass = append(pass, fmt.Sprintf("%s: all traffic by %s.", a.owner(vpc.VpcId), recorded))
			continue
		}
		if len(wrong) == 0 && len(by) == 0 {
			o.Add(fmt.Sprintf("%s has no flow log.", a.owner(vpc.VpcId)), vpc.VpcId)
		}
		for traffic, log := range by {
			o.Add(fmt.Sprintf("%s: flow log %s records %s traffic only.", a.owner(vpc.VpcId), log, traffic), vpc.VpcId, log)
		}
		for _, w := range wrong {
			add := o.Add
			if w.pending {
				add = o.AddPending
			}
			add(fmt.Sprintf("%s: flow log %s %s", a.owner(vpc.VpcId), w.log, say.Sentence(w.why)), vpc.VpcId, w.log)
		}
	}
	return pass, nil
}

// recordOfAll names the flow logs that together record all traffic, "" where they do not. They are given by what they
// record: a packet is either accepted or rejected.
func recordOfAll(by map[string]string) string {
	const all, accepted, rejected = "ALL", "ACCEPT", "REJECT"
	switch {
	case by[all] != "":
		return by[all]
	case by[accepted] != "" && by[rejected] != "":
		return by[accepted] + " and " + by[rejected]
	}
	return ""
}

// obstacle says why a flow log is no record.
type obstacle struct {
	log, why string
	pending  bool
}

// flowLogObstacle looks for what keeps a flow log from recording its traffic and delivering it; nil where nothing does.
func (a *architecture) flowLogObstacle(ctx context.Context, log inventory.FlowLog) (*obstacle, error) {
	no := func(format string, args ...any) (*obstacle, error) {
		return &obstacle{log: log.FlowLogId, why: fmt.Sprintf(format, args...)}, nil
	}
	if log.FlowLogStatus != "ACTIVE" {
		return no("is not active (%s)", log.FlowLogStatus)
	}
	if log.LogDestinationType == "" || log.LogDestinationType == "cloud-watch-logs" {
		why, err := a.deliveryObstacle(ctx, log)
		if err != nil {
			return nil, err
		}
		if why != "" {
			return no("%s", why)
		}
	} else if log.DeliverLogsStatus != "SUCCESS" {
		return &obstacle{log: log.FlowLogId, why: "has not delivered to " + log.LogDestination + " yet", pending: log.DeliverLogsStatus == ""}, nil
	}
	if log.DeliverLogsStatus == "FAILED" {
		// The status is that of the last try: it may be older than what was repaired since.
		return &obstacle{log: log.FlowLogId, why: "fails to deliver: " + log.DeliverLogsErrorMessage, pending: true}, nil
	}
	return nil, nil
}

// deliveryObstacle follows the way of a record to CloudWatch Logs: the log group, the role, who may assume it, what it may do.
// https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
func (a *architecture) deliveryObstacle(ctx context.Context, log inventory.FlowLog) (string, error) {
	name := logGroupName(log)
	if home := a.logsARN(); log.LogDestination != "" && !strings.HasPrefix(log.LogDestination, home) {
		return fmt.Sprintf("delivers to %s, which is not a log group of this account and region: whether it arrives is not known", log.LogDestination), nil
	}
	if _, err := a.inv.LogGroup(ctx, name); errors.Is(err, inventory.ErrNotFound) {
		return fmt.Sprintf("delivers to log group %q, which does not exist", name), nil
	} else if err != nil {
		return "", err
	}
	roleARN := log.DeliverLogsPermissionArn
	if roleARN == "" {
		return "has no role to deliver with", nil
	}
	role, err := a.inv.Role(ctx, roleARN[strings.LastIndex(roleARN, "/")+1:])
	if errors.Is(err, inventory.ErrNotFound) {
		return fmt.Sprintf("delivers with role %s, which does not exist", roleARN), nil
	}
	if err != nil {
		return "", err
	}
	if role.Arn != roleARN {
		return fmt.Sprintf("delivers with role %s, which is not of this account", roleARN), nil
	}
	return a.roleObstacle(role, log, name)
}

// logsARN begins the ARN of every log group of the account in the region.
func (a *architecture) logsARN() string {
	return fmt.Sprintf("arn:%s:logs:%s:%s:log-group:", partition(a.inv.Region), a.inv.Region, a.inv.Account)
}

func logGroupName(log inventory.FlowLog) string {
	if log.LogGroupName != "" {
		return log.LogGroupName
	}
	_, name, _ := strings.Cut(log.LogDestination, ":log-group:")
	return strings.TrimSuffix(name, ":*")
}

// roleObstacle asks the policy engine for each permission that delivery takes.
func (a *architecture) roleObstacle(role inventory.Role, log inventory.FlowLog, group string) (string, error) {
	inputs, err := a.deliveryRequests(role, log, group)
	if err != nil {
		return "", err
	}
	for _, in := range inputs {
		decision := policy.Evaluate(in)
		switch decision.Outcome {
		case policy.Allow:
		case policy.Inconclusive:
			return "", fmt.Errorf("whether role %s lets flow log %s deliver cannot be decided: %s", role.RoleName, log.FlowLogId, decision.Explanation())
		default:
			return refusal(role, in, decision), nil
		}
	}
	return "", nil
}

func refusal(role inventory.Role, in policy.Input, decision policy.Decision) string {
	switch {
	case in.ResourcePolicy != nil:
		return fmt.Sprintf("cannot deliver: the trust policy of role %s does not let %s assume it", role.RoleName, in.Principal)
	case decision.Outcome == policy.ExplicitDeny:
		return fmt.Sprintf("cannot deliver: a policy denies role %s %s on %s", role.RoleName, in.Action, in.Resource)
	default:
		return fmt.Sprintf("cannot deliver: no policy allows role %s %s on %s", role.RoleName, in.Action, in.Resource)
	}
}

func (a *architecture) deliveryRequests(role inventory.Role, log inventory.FlowLog, group string) ([]policy.Input, error) {
	trust, err := policy.Parse([]byte(role.TrustPolicy))
	if err != nil {
		return nil, fmt.Errorf("the trust policy of role %s: %w", role.RoleName, err)
	}
	assume := policy.Input{
		Request: policy.Request{
			Principal: policy.Service("vpc-flow-logs.amazonaws.com"), Action: "sts:AssumeRole", Resource: role.Arn,
			Context: map[string][]string{
				"aws:SourceAccount": {a.inv.Account},
				"aws:SourceArn":     {fmt.Sprintf("arn:%s:ec2:%s:%s:vpc-flow-log/%s", partition(a.inv.Region), a.inv.Region, a.inv.Account, log.FlowLogId)},
			},
		},
		ResourcePolicy: trust.Named("trust policy"),
	}
	principal, err := policy.ParsePrincipal(role.Arn)
	if err != nil {
		return nil, fmt.Errorf("role %s: %w", role.RoleName, err)
	}
	act := policy.Input{Request: policy.Request{Principal: principal, Context: map[string][]string{
		"aws:RequestedRegion": {a.inv.Region}, "aws:ResourceAccount": {a.inv.Account}, "aws:SecureTransport": {"true"},
	}}}
	for _, document := range role.Policies {
		parsed, err := policy.Parse([]byte(document.Document))
		if err != nil {
			return nil, fmt.Errorf("policy %s of role %s: %w", document.Name, role.RoleName, err)
		}
		act.IdentityPolicies = append(act.IdentityPolicies, parsed.Named(document.Name))
	}
	if role.Boundary != nil {
		if act.PermissionsBoundary, err = policy.Parse([]byte(role.Boundary.Document)); err != nil {
			return nil, fmt.Errorf("the permissions boundary of role %s: %w", role.RoleName, err)
		}
	}
	create, put := act, act
	arn := a.logsARN() + group + ":log-stream:"
	create.Action, create.Resource = "logs:CreateLogStream", arn+"eni-0-all"
	put.Action, put.Resource = "logs:PutLogEvents", arn+"eni-0-all"
	return []policy.Input{assume, create, put}, nil
}
