package sweep

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
)

type eventRuleAPI interface {
	ListEventBuses(context.Context, *eventbridge.ListEventBusesInput, ...func(*eventbridge.Options)) (*eventbridge.ListEventBusesOutput, error)
	ListRules(context.Context, *eventbridge.ListRulesInput, ...func(*eventbridge.Options)) (*eventbridge.ListRulesOutput, error)
	ListTagsForResource(context.Context, *eventbridge.ListTagsForResourceInput, ...func(*eventbridge.Options)) (*eventbridge.ListTagsForResourceOutput, error)
	ListTargetsByRule(context.Context, *eventbridge.ListTargetsByRuleInput, ...func(*eventbridge.Options)) (*eventbridge.ListTargetsByRuleOutput, error)
	RemoveTargets(context.Context, *eventbridge.RemoveTargetsInput, ...func(*eventbridge.Options)) (*eventbridge.RemoveTargetsOutput, error)
	DeleteRule(context.Context, *eventbridge.DeleteRuleInput, ...func(*eventbridge.Options)) (*eventbridge.DeleteRuleOutput, error)
}

// eventRules are those of every bus, found by name and by what the tagging API knows. The id
// of one on another bus than the default is bus/name, as in its ARN. A rule that an AWS
// service manages for itself is nobody's to delete.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteRule.html
type eventRules struct{ api eventRuleAPI }

func (h eventRules) list(ctx context.Context, also []string) ([]found, error) {
	var named []found
	for in := (&eventbridge.ListEventBusesInput{}); ; {
		buses, err := h.api.ListEventBuses(ctx, in)
		if err != nil {
			return nil, err
		}
		for _, bus := range buses.EventBuses {
			rules, err := h.onBus(ctx, aws.ToString(bus.Name))
			if err != nil {
				return nil, err
			}
			named = append(named, slices.DeleteFunc(rules, func(f found) bool {
				return !strings.HasPrefix(f.name, namePrefix) && !slices.Contains(also, f.id)
			})...)
		}
		if in.NextToken = buses.NextToken; in.NextToken == nil {
			break
		}
	}
	return lookUp(named, func(f found) (found, error) {
		out, err := h.api.ListTagsForResource(ctx, &eventbridge.ListTagsForResourceInput{ResourceARN: aws.String(f.arn)})
		if err != nil {
			return found{}, err
		}
		f.tags = tagsOf(out.Tags, func(t types.Tag) (*string, *string) { return t.Key, t.Value })
		return f, nil
	})
}

func (h eventRules) onBus(ctx context.Context, bus string) (all []found, err error) {
	for in := (&eventbridge.ListRulesInput{EventBusName: aws.String(bus)}); ; {
		out, err := h.api.ListRules(ctx, in)
		if err != nil {
			return nil, err
		}
		for _, r := range out.Rules {
			if r.ManagedBy != nil {
				continue
			}
			name := aws.ToString(r.Name)
			f := found{id: name, name: name, arn: aws.ToString(r.Arn)}
			if bus != defaultBus {
				f.id = bus + "/" + name
			}
			all = append(all, f)
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return all, nil
		}
	}
}

const defaultBus = "default"

// delete takes the targets off first: a rule that has some cannot be deleted.
func (h eventRules) delete(ctx context.Context, id string, _ map[string]bool) error {
	bus, name := defaultBus, id
	if i := strings.LastIndex(id, "/"); i >= 0 { // partner buses have slashes in their names, rules have none
		bus, name = id[:i], id[i+1:]
	}
	var targets []string
	for in := (&eventbridge.ListTargetsByRuleInput{Rule: aws.String(name), EventBusName: aws.String(bus)}); ; {
		out, err := h.api.ListTargetsByRule(ctx, in)
		if err != nil {
			return err
		}
		for _, t := range out.Targets {
			targets = append(targets, aws.ToString(t.Id))
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			break
		}
	}
	if len(targets) > 0 {
		_, err := h.api.RemoveTargets(ctx, &eventbridge.RemoveTargetsInput{Rule: aws.String(name), EventBusName: aws.String(bus), Ids: targets})
		if err != nil {
			return err
		}
	}
	_, err := h.api.DeleteRule(ctx, &eventbridge.DeleteRuleInput{Name: aws.String(name), EventBusName: aws.String(bus)})
	return err
}
