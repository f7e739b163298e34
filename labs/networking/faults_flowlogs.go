package networking

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"labctl/checks/inventory"
	"labctl/labs"
)

// flowRejectOnly replaces a flow log: EC2 cannot modify one.
func flowRejectOnly() labs.Fault {
	const id, key = "flow-reject-only", "flow-log"
	fault := labs.Fault{
		ID:     id,
		Title:  "The auditors ask which dev host fetched a file yesterday. The records do not say.",
		Answer: "The dev VPC's flow log was replaced by one that records rejected traffic only.",
		Breaks: []string{"net-flow-logs"},
		Hints: []string{
			"There are records, of what was refused.",
			"A flow log has a traffic type.",
			"Compare the traffic types of the VPCs' flow logs.",
		},
	}
	fault.Inject = func(ctx context.Context, live labs.Live, record labs.Record) error {
		a, err := readArchitecture(ctx, live.Inventory)
		if err != nil {
			return err
		}
		vpc, err := a.firstVPC(dev)
		if err != nil {
			return err
		}
		logs, err := describeFlowLogs(ctx, live, types.Filter{Name: aws.String("resource-id"), Values: []string{vpc.VpcId}})
		if err != nil {
			return err
		}
		n := slices.IndexFunc(logs, func(log types.FlowLog) bool { return log.TrafficType == types.TrafficTypeAll })
		if n < 0 {
			return labs.Lacks("%s has no flow log of all traffic", vpc.VpcId)
		}
		if err := labs.Remember(record, key, logs[n]); err != nil {
			return err
		}
		reject := logs[n]
		reject.TrafficType, reject.Tags = types.TrafficTypeReject, append(made(live, id), nameOf(logs[n].Tags)...)
		// One after the other: two flow logs of one VPC with one destination are not accepted everywhere.
		if err := deleteFlowLogs(ctx, live, logs[n:n+1]); err != nil {
			return err
		}
		return createFlowLog(ctx, live, reject)
	}
	fault.Undo = func(ctx context.Context, live labs.Live, record labs.Record) error {
		substitutes, err := describeFlowLogs(ctx, live, madeBy(live, id)...)
		if err != nil {
			return err
		}
		if err := deleteFlowLogs(ctx, live, substitutes); err != nil {
			return err
		}
		var was types.FlowLog
		if found, err := labs.Recall(record, key, &was); err != nil || !found {
			return err
		}
		return ensureFlowLog(ctx, live, was)
	}
	return fault
}

func describeFlowLogs(ctx context.Context, live labs.Live, filters ...types.Filter) ([]types.FlowLog, error) {
	var found []types.FlowLog
	pages := ec2.NewDescribeFlowLogsPaginator(ec2.NewFromConfig(live.Config), &ec2.DescribeFlowLogsInput{Filter: filters})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("reading flow logs: %w", err)
		}
		found = append(found, page.FlowLogs...)
	}
	return found, nil
}

// ensureFlowLog makes the flow log again unless its VPC has one for all traffic.
func ensureFlowLog(ctx context.Context, live labs.Live, was types.FlowLog) error {
	logs, err := describeFlowLogs(ctx, live, types.Filter{Name: aws.String("resource-id"), Values: []string{aws.ToString(was.ResourceId)}})
	if err != nil {
		return err
	}
	if slices.ContainsFunc(logs, func(log types.FlowLog) bool { return log.TrafficType == types.TrafficTypeAll }) {
		return nil
	}
	return createFlowLog(ctx, live, was)
}

func createFlowLog(ctx context.Context, live labs.Live, log types.FlowLog) error {
	in := &ec2.CreateFlowLogsInput{
		ResourceIds: []string{aws.ToString(log.ResourceId)}, ResourceType: types.FlowLogsResourceTypeVpc,
		TrafficType: log.TrafficType, LogDestinationType: log.LogDestinationType, LogDestination: log.LogDestination,
		DeliverLogsPermissionArn: log.DeliverLogsPermissionArn, LogFormat: log.LogFormat, MaxAggregationInterval: log.MaxAggregationInterval,
		TagSpecifications: tagged(types.ResourceTypeVpcFlowLog, log.Tags),
	}
	if in.LogDestination == nil {
		in.LogGroupName = log.LogGroupName
	}
	created, err := ec2.NewFromConfig(live.Config).CreateFlowLogs(ctx, in)
	if err == nil && len(created.Unsuccessful) > 0 && created.Unsuccessful[0].Error != nil {
		err = fmt.Errorf("%s: %s", aws.ToString(created.Unsuccessful[0].Error.Code), aws.ToString(created.Unsuccessful[0].Error.Message))
	}
	if err != nil {
		return fmt.Errorf("making a flow log of %s: %w", aws.ToString(log.ResourceId), err)
	}
	return nil
}

func deleteFlowLogs(ctx context.Context, live labs.Live, logs []types.FlowLog) error {
	for _, log := range logs {
		_, err := ec2.NewFromConfig(live.Config).DeleteFlowLogs(ctx, &ec2.DeleteFlowLogsInput{FlowLogIds: []string{aws.ToString(log.FlowLogId)}})
		if err := labs.Unless(err, "InvalidFlowLogId.NotFound"); err != nil {
			return fmt.Errorf("deleting flow log %s: %w", aws.ToString(log.FlowLogId), err)
		}
	}
	return nil
}

func nameOf(tags []types.Tag) []types.Tag {
	return slices.DeleteFunc(slices.Clone(tags), func(t types.Tag) bool { return aws.ToString(t.Key) != "Name" })
}

// putEvents is what a delivery role must be allowed.
const putEvents = "logs:PutLogEvents"

func flowRoleSilent() labs.Fault {
	const key = "policy"
	type kept struct{ Role, Policy, Document string }
	put := func(ctx context.Context, live labs.Live, p kept) error {
		_, err := iam.NewFromConfig(live.Config).PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: &p.Role, PolicyName: &p.Policy, PolicyDocument: &p.Document})
		if err := labs.Unless(err, "NoSuchEntity"); err != nil {
			return fmt.Errorf("changing policy %s of role %s: %w", p.Policy, p.Role, err)
		}
		return nil
	}
	fault := labs.Fault{
		ID:     "flow-role-silent",
		Title:  "Since this morning the flow log's group gets no new records. The flow logs are active, for all traffic.",
		Answer: "The delivery role's policy no longer allows " + putEvents + ".",
		Breaks: []string{"net-flow-logs"},
		Twin:   true,
		Hints: []string{
			"The flow logs are as they were. Somebody has to carry the records.",
			"Delivery is done with a role.",
			"Which actions does writing to a log group take, and which does the role allow?",
		},
	}
	fault.Inject = func(ctx context.Context, live labs.Live, record labs.Record) error {
		a, err := readArchitecture(ctx, live.Inventory)
		if err != nil {
			return err
		}
		role, err := a.deliveryRole(ctx)
		if err != nil {
			return err
		}
		for _, document := range role.Policies {
			if strings.HasPrefix(document.Name, "arn:") {
				continue // attached: others may use it too
			}
			without, changed, err := withoutAction(document.Document, putEvents)
			if err != nil {
				return err
			}
			if !changed {
				continue
			}
			if err := labs.Remember(record, key, kept{role.RoleName, document.Name, document.Document}); err != nil {
				return err
			}
			return put(ctx, live, kept{role.RoleName, document.Name, without})
		}
		return labs.Lacks("no policy of role %s names %s", role.RoleName, putEvents)
	}
	fault.Undo = func(ctx context.Context, live labs.Live, record labs.Record) error {
		var was kept
		if found, err := labs.Recall(record, key, &was); err != nil || !found {
			return err
		}
		return put(ctx, live, was)
	}
	return fault
}

// deliveryRole is the role with which the judged VPCs' flow logs deliver.
func (a *architecture) deliveryRole(ctx context.Context) (inventory.Role, error) {
	logs, err := a.inv.FlowLogs(ctx)
	if err != nil {
		return inventory.Role{}, err
	}
	for _, log := range logs {
		if arn := log.DeliverLogsPermissionArn; a.judges(log.ResourceId) && arn != "" {
			return a.inv.Role(ctx, arn[strings.LastIndex(arn, "/")+1:])
		}
	}
	return inventory.Role{}, labs.Lacks("no flow log delivers with a role")
}

// withoutAction takes an action out of a policy document's statements.
func withoutAction(document, action string) (without string, changed bool, err error) {
	var root map[string]any
	if err := json.Unmarshal([]byte(document), &root); err != nil {
		return "", false, fmt.Errorf("reading a policy document: %w", err)
	}
	statements, ok := root["Statement"].([]any)
	if !ok {
		statements = []any{root["Statement"]}
	}
	for _, s := range statements {
		statement, _ := s.(map[string]any)
		actions, _ := statement["Action"].([]any)
		left := slices.DeleteFunc(slices.Clone(actions), func(a any) bool { text, _ := a.(string); return strings.EqualFold(text, action) })
		if len(left) < len(actions) && len(left) > 0 {
			statement["Action"], changed = left, true
		}
	}
	text, err := json.Marshal(root)
	return string(text), changed, err
}
