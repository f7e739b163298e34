package networking

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/checks/policy"
)

func decideFlowLogs(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	logs, err := a.inv.FlowLogs(ctx)
	if err != nil {
		return nil, err
	}
	var pass []string
	for _, vpc := range a.vpcs {
		var wrong []obstacle
		recorded := ""
		for _, log := range logs {
			if log.ResourceId != vpc.VpcId {
				continue
			}
			found, err := a.flowLogObstacle(ctx, log)
			if err != nil {
				return nil, err
			}
			if found == nil {
				recorded = log.FlowLogId
				break
			}
			wrong = append(wrong, *found)
		}
		switch {
		case recorded != "":
			pass = append(pass, fmt.Sprintf("%s: all traffic by %s.", a.owner(vpc.VpcId), recorded))
		case len(wrong) == 0:
			o.Add(fmt.Sprintf("%s has no flow log.", a.owner(vpc.VpcId)), vpc.VpcId)
		}
		if recorded != "" {
			continue
		}
		for _, w := range wrong {
			add := o.Add
			if w.pending {
				add = o.AddPending
			}
			add(fmt.Sprintf("%s: flow log %s %s", a.owner(vpc.VpcId), w.log, sentence(w.why)), vpc.VpcId, w.log)
		}
	}
	return pass, nil
}

// obstacle says why a flow log is no full record.
type obstacle struct {
	log, why string
	pending  bool
}

// flowLogObstacle looks for what keeps a flow log from recording all traffic and delivering it; nil where nothing does.
func (a *architecture) flowLogObstacle(ctx context.Context, log inventory.FlowLog) (*obstacle, error) {
	no := func(format string, args ...any) (*obstacle, error) {
		return &obstacle{log: log.FlowLogId, why: fmt.Sprintf(format, args...)}, nil
	}
	if log.TrafficType != "ALL" {
		return no("records %s traffic only", log.TrafficType)
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
	return a.roleObstacle(role, log, name)
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
	act := policy.Input{Request: policy.Request{Principal: principal}}
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
	arn := fmt.Sprintf("arn:%s:logs:%s:%s:log-group:%s:log-stream:", partition(a.inv.Region), a.inv.Region, a.inv.Account, group)
	create.Action, create.Resource = "logs:CreateLogStream", arn+"eni-0-all"
	put.Action, put.Resource = "logs:PutLogEvents", arn+"eni-0-all"
	return []policy.Input{assume, create, put}, nil
}
