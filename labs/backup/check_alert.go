package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"labctl/checks"
	"labctl/checks/eventpattern"
	"labctl/checks/inventory"
	"labctl/checks/policy"
)

// incident is an event that somebody has to hear of.
type incident struct {
	name     string
	document []byte
}

// incidents are the events that AWS Backup sends when a job of each resource has failed, and when a copy has.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html
func (a *architecture) incidents() ([]incident, error) {
	var list []incident
	for _, r := range a.stateful {
		for _, state := range []string{"FAILED", "ABORTED", "EXPIRED"} {
			list = append(list, incident{fmt.Sprintf("a backup job of %s that is %s", r, state), nil})
			if err := list[len(list)-1].encode(a, r, "Backup Job State Change", state, "backupJobId", "backupVaultArn"); err != nil {
				return nil, err
			}
		}
		list = append(list, incident{fmt.Sprintf("a copy job of %s that is FAILED", r), nil})
		if err := list[len(list)-1].encode(a, r, "Copy Job State Change", "FAILED", "copyJobId", "sourceBackupVaultArn"); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (i *incident) encode(a *architecture, r resource, kind, state, job, vault string) error {
	const id = "11111111-2222-3333-4444-555555555555"
	arn := a.vaultARN("vault")
	var err error
	i.document, err = json.Marshal(map[string]any{
		"version": "0", "id": id, "detail-type": kind, "source": "aws.backup", "account": a.inv.Account, "time": "2026-01-02T03:04:05Z",
		"region": a.inv.Region, "resources": []string{arn},
		"detail": map[string]any{
			job: id, vault: arn, "backupVaultName": "vault", "state": state, "statusMessage": "", "resourceArn": r.Arn, "resourceType": r.optInName(),
			"iamRoleArn": fmt.Sprintf("arn:aws:iam::%s:role/backup", a.inv.Account), "creationDate": "2026-01-02T03:04:05Z", "bytesTransferred": "0", "percentDone": 0,
		},
	})
	if err != nil {
		return fmt.Errorf("writing a sample event: %w", err)
	}
	return nil
}

// decideAlert follows each event from a rule to somebody. One way that works is enough.
func decideAlert(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	rules, err := a.inv.EventRules(ctx)
	if err != nil {
		return nil, err
	}
	if len(rules) == 0 {
		o.Add(fmt.Sprintf("No event rule carries %s.", a.inv.Scope))
		return nil, nil
	}
	list, err := a.incidents()
	if err != nil {
		return nil, err
	}
	var told, unheard []string
	var obstacles []string
	for _, i := range list {
		who, wrong, err := a.hears(ctx, rules, i)
		if err != nil {
			return nil, err
		}
		if who == "" {
			unheard = append(unheard, i.name)
			obstacles = append(obstacles, wrong...)
			continue
		}
		told = append(told, who)
	}
	if len(unheard) > 0 {
		slices.Sort(obstacles)
		o.Add(fmt.Sprintf("%s reaches nobody. %s", listed3(unheard), strings.Join(slices.Compact(obstacles), " ")), each(rules, func(r inventory.EventRule) string { return r.Arn })...)
		return nil, nil
	}
	slices.Sort(told)
	return append(slices.Compact(told), fmt.Sprintf("%s were tried, of jobs that failed, were aborted or expired.", count(len(list), "sample event"))), nil
}

// listed3 names the first of many.
func listed3(names []string) string {
	first := strings.ToUpper(names[0][:1]) + names[0][1:]
	if len(names) == 1 {
		return first
	}
	return fmt.Sprintf("%s (and %s like it)", first, count(len(names)-1, "event"))
}

// hears finds somebody whom an event reaches, or says what is in the way.
func (a *architecture) hears(ctx context.Context, rules []inventory.EventRule, i incident) (who string, obstacles []string, err error) {
	var doubt error
	for _, rule := range rules {
		why, err := ignores(rule, i)
		if err != nil {
			doubt = err
			continue
		}
		if why != "" {
			obstacles = append(obstacles, why)
			continue
		}
		if len(rule.Targets) == 0 {
			obstacles = append(obstacles, fmt.Sprintf("Rule %s has no target.", rule.Name))
		}
		for _, t := range rule.Targets {
			who, further, err := a.reached(ctx, rule, t, i)
			if err != nil {
				doubt = err
				continue
			}
			if who != "" {
				return fmt.Sprintf("Rule %s tells %s.", rule.Name, who), nil, nil
			}
			obstacles = append(obstacles, further...)
		}
	}
	return "", obstacles, doubt
}

// ignores says why a rule does not match an event; "" where it does.
func ignores(rule inventory.EventRule, i incident) (string, error) {
	if !strings.HasPrefix(rule.State, "ENABLED") {
		return fmt.Sprintf("Rule %s is %s.", rule.Name, strings.ToLower(rule.State)), nil
	}
	if rule.EventPattern == "" {
		return fmt.Sprintf("Rule %s is a schedule.", rule.Name), nil
	}
	pattern, err := eventpattern.Parse(rule.EventPattern)
	if err != nil {
		return "", fmt.Errorf("the pattern of rule %s: %w", rule.Name, err)
	}
	match, err := pattern.Match(i.document)
	if err != nil {
		return "", fmt.Errorf("whether rule %s matches %s cannot be decided: %w", rule.Name, i.name, err)
	}
	if match.Matched {
		return "", nil
	}
	return fmt.Sprintf("Rule %s does not match it: %s.", rule.Name, strings.TrimSuffix(match.Explanation, ".")), nil
}

// reached finds somebody behind a rule's target.
func (a *architecture) reached(ctx context.Context, rule inventory.EventRule, t inventory.EventTarget, i incident) (who string, obstacles []string, err error) {
	switch service := strings.SplitN(t.Arn+":::", ":", 4)[2]; service {
	case "sns":
		return a.topicTells(ctx, t.Arn, i)
	case "sqs":
		// A queue's policy may ask for the rule. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sqs-permissions
		why, err := a.queueRefuses(ctx, t.Arn, eventsService, map[string][]string{"aws:SourceArn": {rule.Arn}, "aws:SourceAccount": {a.inv.Account}})
		if err != nil || why != "" {
			return "", []string{why}, err
		}
		return "queue " + lastPart(t.Arn), nil, nil
	default:
		return "", nil, fmt.Errorf("whether target %s of rule %s tells anybody cannot be decided: labctl follows topics and queues", t.Arn, rule.Name)
	}
}

// The services that deliver.
const (
	eventsService = "events.amazonaws.com"
	topicsService = "sns.amazonaws.com"
)

// topicTells finds a subscriber whom an event reaches through a topic. EventBridge gives a topic's policy no context to put
// conditions on: a statement with a condition does not let it publish.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions
func (a *architecture) topicTells(ctx context.Context, arn string, i incident) (who string, obstacles []string, err error) {
	topic, err := a.inv.Topic(ctx, arn)
	if errors.Is(err, inventory.ErrNotFound) {
		return "", []string{fmt.Sprintf("Topic %s does not exist.", lastPart(arn))}, nil
	}
	if err != nil {
		return "", nil, err
	}
	lets, err := a.lets(topic.Policy, "policy of topic "+lastPart(arn), eventsService, "sns:Publish", arn, nil)
	if err != nil {
		return "", nil, err
	}
	if !lets {
		return "", []string{fmt.Sprintf("The policy of topic %s does not let EventBridge publish; a statement with a condition does not, since EventBridge sends nothing to put conditions on.", lastPart(arn))}, nil
	}
	if why, err := a.keyRefuses(ctx, topic.KmsMasterKeyId, "topic "+lastPart(arn), eventsService); err != nil || why != "" {
		return "", []string{why}, err
	}
	subscriptions, err := a.inv.Subscriptions(ctx, arn)
	if err != nil {
		return "", nil, err
	}
	var doubt error
	for _, s := range subscriptions {
		why, err := a.misses(ctx, s, i)
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
func (a *architecture) misses(ctx context.Context, s inventory.Subscription, i incident) (string, error) {
	name := lastPart(s.Endpoint)
	if !strings.HasPrefix(s.SubscriptionArn, "arn:") {
		return fmt.Sprintf("The subscription of %s is not confirmed.", name), nil
	}
	if s.FilterPolicy != "" {
		if why, err := filtered(s, i); err != nil || why != "" {
			return why, err
		}
	}
	if s.Protocol != "sqs" {
		return "", nil // whoever confirmed a subscription gets its messages
	}
	return a.queueRefuses(ctx, s.Endpoint, topicsService, map[string][]string{"aws:SourceArn": {s.TopicArn}, "aws:SourceAccount": {a.inv.Account}})
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
func (a *architecture) queueRefuses(ctx context.Context, arn, service string, keys map[string][]string) (string, error) {
	queue, err := a.inv.Queue(ctx, arn)
	if errors.Is(err, inventory.ErrNotFound) {
		return fmt.Sprintf("Queue %s does not exist.", lastPart(arn)), nil
	}
	if err != nil {
		return "", err
	}
	lets, err := a.lets(queue.Policy, "policy of queue "+lastPart(arn), service, "sqs:SendMessage", arn, keys)
	if err != nil {
		return "", err
	}
	if !lets {
		return fmt.Sprintf("The policy of queue %s does not let %s send.", lastPart(arn), sender(keys["aws:SourceArn"])), nil
	}
	return a.keyRefuses(ctx, queue.KmsMasterKeyId, "queue "+lastPart(arn), service)
}

// sender names what sends: a topic, or a rule.
func sender(arns []string) string {
	arn := strings.Join(arns, "")
	if strings.Contains(arn, ":rule/") {
		return "rule " + lastPart(arn)
	}
	return "topic " + lastPart(arn)
}

// keyRefuses says why a service may not encrypt what it sends to something; "" where it may. The keys that SNS and SQS bring
// along let nobody else use them.
// https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
func (a *architecture) keyRefuses(ctx context.Context, ref, whose, service string) (string, error) {
	if ref == "" {
		return "", nil
	}
	if strings.Contains(ref, "alias/aws/") {
		return fmt.Sprintf("The %s is encrypted with %s, which %s may not use.", whose, ref, service), nil
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
		lets, err := a.lets(key.Policy, "policy of key "+key.KeyId, service, action, key.Arn, nil)
		if err != nil {
			return "", err
		}
		if !lets {
			return fmt.Sprintf("The policy of key %s, with which %s is encrypted, does not allow %s to %s.", key.KeyId, whose, action, service), nil
		}
	}
	return "", nil
}

// lets asks whether a policy lets a service do something.
func (a *architecture) lets(document, name, service, action, arn string, keys map[string][]string) (bool, error) {
	if document == "" {
		return false, nil
	}
	parsed, err := parse(document, name)
	if err != nil {
		return false, err
	}
	context := map[string][]string{"aws:SecureTransport": {"true"}}
	for key, values := range keys {
		context[key] = values
	}
	decision := policy.Evaluate(policy.Input{
		Request:        policy.Request{Principal: policy.Service(service), Action: action, Resource: arn, ResourceAccount: a.inv.Account, Context: context},
		ResourcePolicy: parsed,
	})
	if decision.Outcome == policy.Inconclusive {
		return false, fmt.Errorf("whether the %s lets %s do %s cannot be decided: %s", name, service, action, decision.Explanation())
	}
	return decision.Outcome == policy.Allow, nil
}
