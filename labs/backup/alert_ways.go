package backup

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"labctl/checks/access"
	"labctl/checks/eventpattern"
	"labctl/checks/inventory"
	"labctl/checks/policy"
)

// The services that deliver.
const (
	eventsService = "events.amazonaws.com"
	topicsService = "sns.amazonaws.com"
)

// publisher is who delivers: a service, as itself or as a role that it takes on.
type publisher struct {
	service string
	role    string              // ARN; "" for none
	keys    map[string][]string // that a service sends with its own request
}

func (p publisher) String() string {
	switch arn := strings.Join(p.keys["aws:SourceArn"], ""); {
	case p.role != "":
		return "role " + lastPart(p.role)
	case strings.Contains(arn, ":rule/"):
		return "rule " + lastPart(arn)
	case arn != "":
		return "topic " + lastPart(arn)
	default:
		return "EventBridge"
	}
}

// who is the service, or the role as which it acts.
func (p publisher) who() string {
	if p.role != "" {
		return "role " + lastPart(p.role)
	}
	return p.service
}

// mistrusts says why EventBridge cannot take on the role of a target; "" where it can, or needs none.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
func (a *architecture) mistrusts(ctx context.Context, arn string) (string, error) {
	if arn == "" {
		return "", nil
	}
	everybody, err := a.inv.Identities(ctx)
	if err != nil {
		return "", err
	}
	n := slices.IndexFunc(everybody.Roles, func(i inventory.Identity) bool { return i.Arn == arn })
	if n < 0 {
		return fmt.Sprintf("Role %s, as which EventBridge should send, does not exist.", lastPart(arn)), nil
	}
	lets, err := a.lets(ctx, everybody.Roles[n].TrustPolicy, "trust policy of "+everybody.Roles[n].Name, publisher{service: eventsService, keys: map[string][]string{"aws:SourceAccount": {a.inv.Account}}}, "sts:AssumeRole", arn)
	if err != nil || lets {
		return "", err
	}
	return fmt.Sprintf("Role %s, as which EventBridge should send, does not trust it.", lastPart(arn)), nil
}

// topicTells finds a subscriber whom an event reaches through a topic. EventBridge gives a topic's policy no context to put
// conditions on: a statement with a condition does not let it publish.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions
func (a *architecture) topicTells(ctx context.Context, t inventory.EventTarget, from publisher, i incident) (who string, obstacles []string, err error) {
	arn := t.Arn
	topic, err := a.inv.Topic(ctx, arn)
	if errors.Is(err, inventory.ErrNotFound) {
		return "", []string{fmt.Sprintf("Topic %s does not exist.", lastPart(arn))}, nil
	}
	if err != nil {
		return "", nil, err
	}
	lets, err := a.lets(ctx, topic.Policy, "policy of topic "+lastPart(arn), from, "sns:Publish", arn)
	if err != nil {
		return "", nil, err
	}
	if !lets && from.role != "" {
		return "", []string{fmt.Sprintf("Role %s, as which EventBridge sends, may not publish to topic %s.", lastPart(from.role), lastPart(arn))}, nil
	}
	if !lets {
		return "", []string{fmt.Sprintf("The policy of topic %s does not let EventBridge publish; a statement with a condition does not, since EventBridge sends nothing to put conditions on.", lastPart(arn))}, nil
	}
	if why, err := a.keyRefuses(ctx, topic.KmsMasterKeyId, "topic "+lastPart(arn), from); err != nil || why != "" {
		return "", []string{why}, err
	}
	subscriptions, err := a.inv.Subscriptions(ctx, arn)
	if err != nil {
		return "", nil, err
	}
	var doubt error
	for _, s := range subscriptions {
		why, err := a.misses(ctx, s, t.Transformed, i)
		if err != nil {
			doubt = err
			continue
		}
		if why == "" {
			return fmt.Sprintf("topic %s, and that %s %s", lastPart(arn), subscriberKind(s.Protocol), lastPart(s.Endpoint)), nil, nil
		}
		obstacles = append(obstacles, why)
	}
	if len(subscriptions) == 0 {
		obstacles = []string{fmt.Sprintf("Nobody is subscribed to topic %s.", lastPart(arn))}
	}
	return "", obstacles, doubt
}

func subscriberKind(protocol string) string {
	if protocol == "sqs" {
		return "queue"
	}
	return protocol + " subscriber"
}

// misses says why a subscriber does not get an event; "" where nothing is in the way.
func (a *architecture) misses(ctx context.Context, s inventory.Subscription, transformed bool, i incident) (string, error) {
	name := lastPart(s.Endpoint)
	if !strings.HasPrefix(s.SubscriptionArn, "arn:") {
		return fmt.Sprintf("The subscription of %s is not confirmed.", name), nil
	}
	if s.FilterPolicy != "" {
		if transformed && s.FilterScope == "MessageBody" {
			return "", fmt.Errorf("whether the filter %s of the subscription of %s lets %s through cannot be decided: the rule's target sends another text than the event", s.FilterPolicy, name, i.name)
		}
		if why, err := filtered(s, i); err != nil || why != "" {
			return why, err
		}
	}
	if s.Protocol != "sqs" {
		return "", nil // whoever confirmed a subscription gets its messages
	}
	return a.queueRefuses(ctx, s.Endpoint, publisher{service: topicsService, keys: map[string][]string{"aws:SourceArn": {s.TopicArn}, "aws:SourceAccount": {a.inv.Account}}})
}

// filtered says how a subscription's filter holds an event back. What EventBridge publishes has the event as its body, and
// no attributes.
// https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
func filtered(s inventory.Subscription, i incident) (string, error) {
	body := []byte("{}")
	if s.FilterScope == "MessageBody" {
		body = i.document
	}
	pattern, err := eventpattern.Parse(s.FilterPolicy)
	if err != nil {
		return "", fmt.Errorf("the filter of the subscription of %s: %w", lastPart(s.Endpoint), err)
	}
	match, err := pattern.Match(body)
	switch {
	case err != nil:
		return "", fmt.Errorf("whether the filter %s of the subscription of %s lets %s through cannot be decided: %w", s.FilterPolicy, lastPart(s.Endpoint), i.name, err)
	case match.Matched:
		return "", nil
	case s.FilterScope == "MessageBody":
		return fmt.Sprintf("The subscription of %s filters it: %s.", lastPart(s.Endpoint), strings.TrimSuffix(match.Explanation, ".")), nil
	default:
		return fmt.Sprintf("The subscription of %s filters by attributes, %s, and what EventBridge publishes has none.", lastPart(s.Endpoint), s.FilterPolicy), nil
	}
}

// queueRefuses says why a service may not send to a queue; "" where it may.
// https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html
func (a *architecture) queueRefuses(ctx context.Context, arn string, from publisher) (string, error) {
	queue, err := a.inv.Queue(ctx, arn)
	if errors.Is(err, inventory.ErrNotFound) {
		return fmt.Sprintf("Queue %s does not exist.", lastPart(arn)), nil
	}
	if err != nil {
		return "", err
	}
	lets, err := a.lets(ctx, queue.Policy, "policy of queue "+lastPart(arn), from, "sqs:SendMessage", arn)
	if err != nil {
		return "", err
	}
	if !lets {
		return fmt.Sprintf("The policy of queue %s does not let %s send.", lastPart(arn), from), nil
	}
	return a.keyRefuses(ctx, queue.KmsMasterKeyId, "queue "+lastPart(arn), from)
}

// keyRefuses says why a service may not encrypt what it sends to something; "" where it may. The keys that SNS and SQS bring
// along let nobody else use them.
// https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
func (a *architecture) keyRefuses(ctx context.Context, ref, whose string, from publisher) (string, error) {
	if ref == "" {
		return "", nil
	}
	if strings.Contains(ref, "alias/aws/") && from.role == "" {
		return fmt.Sprintf("The %s is encrypted with %s, which %s may not use.", whose, ref, from.service), nil
	}
	key, err := a.inv.Key(ctx, ref)
	if errors.Is(err, inventory.ErrNotFound) {
		return fmt.Sprintf("The key of %s, %s, does not exist.", whose, ref), nil
	}
	if err != nil {
		return "", err
	}
	if key.KeyState != "Enabled" {
		return fmt.Sprintf("The key of %s, %s, is %s.", whose, key.KeyId, key.KeyState), nil
	}
	for _, action := range []string{"kms:GenerateDataKey", "kms:Decrypt"} {
		from.keys = nil
		lets, err := a.lets(ctx, key.Policy, "policy of key "+key.KeyId, from, action, key.Arn)
		if err != nil {
			return "", err
		}
		if !lets {
			return fmt.Sprintf("The policy of key %s, with which %s is encrypted, does not allow %s to %s.", key.KeyId, whose, action, from.who()), nil
		}
	}
	return "", nil
}

// lets asks whether a policy lets somebody who delivers do something.
func (a *architecture) lets(ctx context.Context, document, name string, from publisher, action, arn string) (bool, error) {
	if document == "" && from.role == "" {
		return false, nil
	}
	var parsed *policy.Policy
	if document != "" {
		var err error
		if parsed, err = parse(document, name); err != nil {
			return false, err
		}
	}
	in := policy.Input{
		Request: policy.Request{
			Principal: policy.Service(from.service), Action: action, Resource: arn, ResourceAccount: a.inv.Account,
			Context: access.Override(from.keys, map[string][]string{"aws:SecureTransport": {"true"}}),
		},
		ResourcePolicy: parsed,
	}
	if from.role != "" {
		caller, err := a.caller(ctx, from.role)
		if err != nil {
			return false, err
		}
		in = a.to(caller, action, target{arn: arn, policy: parsed})
	}
	decision := policy.Evaluate(in)
	if decision.Outcome == policy.Inconclusive {
		return false, fmt.Errorf("whether the %s lets %s do %s cannot be decided: %s", name, from.who(), action, decision.Explanation())
	}
	return decision.Outcome == policy.Allow, nil
}
