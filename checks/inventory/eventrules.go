package inventory

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"golang.org/x/sync/errgroup"
)

// EventRule is a rule of EventBridge's default bus, on which the events of AWS's services are.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Rule.html
type EventRule struct {
	Name         string
	Arn          string
	State        string // ENABLED, DISABLED, ...
	EventPattern string // "" for a schedule
	Targets      []EventTarget
	Tags         map[string]string
}

// EventTarget is where a rule sends what it matches.
type EventTarget struct {
	Id      string
	Arn     string
	RoleArn string `json:",omitempty"` // as whom EventBridge sends; "" where the target's policy lets it
	// Transformed tells that the target gets another text than the event.
	Transformed bool `json:",omitempty"`
}

// EventRules reads the default bus's rules that carry the scope's tag.
func (i *Inventory) EventRules(ctx context.Context) ([]EventRule, error) {
	return i.watch.rules.get("the event rules tagged "+i.Scope.String(), func() ([]EventRule, error) { return i.source.readRules(ctx, i.Scope) })
}

func (l live) readRules(ctx context.Context, scope Scope) ([]EventRule, error) {
	var rules []types.Rule
	for in := (&eventbridge.ListRulesInput{}); ; { // the SDK has no paginator for it
		page, err := l.events.ListRules(ctx, in)
		if err != nil {
			return nil, err //nolint:wrapcheck // the SDK's errors name the call
		}
		rules = append(rules, page.Rules...)
		if in.NextToken = page.NextToken; in.NextToken == nil {
			break
		}
	}
	found := make([]EventRule, len(rules))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for n, rule := range rules {
		if aws.ToString(rule.ManagedBy) != "" {
			continue // made by a service for itself
		}
		group.Go(func() error { return l.readRule(ctx, scope, rule, &found[n]) })
	}
	err := group.Wait()
	return only(found, func(r EventRule) bool { return r.Name != "" }), err
}

// readRule reads the tags of a rule and, where the scope's is among them, the rest.
func (l live) readRule(ctx context.Context, scope Scope, rule types.Rule, into *EventRule) error {
	tags, err := l.events.ListTagsForResource(ctx, &eventbridge.ListTagsForResourceInput{ResourceARN: rule.Arn})
	if err != nil {
		return unless(err, "ResourceNotFoundException") // it has gone meanwhile
	}
	of := map[string]string{}
	for _, tag := range tags.Tags {
		of[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	if of[scope.Key] != scope.Value {
		return nil
	}
	// A rule has five targets at most. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
	targets, err := l.events.ListTargetsByRule(ctx, &eventbridge.ListTargetsByRuleInput{Rule: rule.Name})
	if err != nil {
		return err //nolint:wrapcheck // the SDK's errors name the call
	}
	*into = EventRule{Name: aws.ToString(rule.Name), Arn: aws.ToString(rule.Arn), State: string(rule.State), EventPattern: aws.ToString(rule.EventPattern), Tags: of}
	for _, target := range targets.Targets {
		into.Targets = append(into.Targets, eventTargetOf(target))
	}
	return nil
}

func eventTargetOf(target types.Target) EventTarget {
	return EventTarget{
		Id: aws.ToString(target.Id), Arn: aws.ToString(target.Arn), RoleArn: aws.ToString(target.RoleArn),
		Transformed: aws.ToString(target.Input) != "" || aws.ToString(target.InputPath) != "" || target.InputTransformer != nil,
	}
}

func (f Facts) readRules(_ context.Context, scope Scope) ([]EventRule, error) {
	return only(f.EventRules, func(r EventRule) bool { return r.Tags[scope.Key] == scope.Value }), nil
}
