package observability

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/checks/policy"
	"labctl/checks/report/typeset"
	"labctl/labs/say"
)

// decideEnabled follows a page from each alarm that pages to whoever is on call.
func decideEnabled(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	pagers := a.pagers()
	if len(pagers) == 0 {
		o.Add(fmt.Sprintf("None of %s of %s notifies a topic.", typeset.Count(len(a.alarms)+len(a.composites), "alarm"), a.inv.Scope))
		return nil, nil
	}
	ways := map[string]string{} // what is in the way from a topic on
	var told []string
	for _, p := range pagers {
		if !p.ActionsEnabled {
			o.Add(fmt.Sprintf("The actions of alarm %s are switched off: it changes its state and tells nobody.", p.Name), p.Name)
		}
		var obstacles []string
		reached := false
		for _, topic := range p.Topics {
			if _, known := ways[topic]; !known {
				way, err := a.delivery(ctx, topic)
				if err != nil {
					return nil, err
				}
				ways[topic] = way
			}
			why := ways[topic]
			if why == "" {
				var err error
				if why, err = a.publishObstacle(ctx, p, topic); err != nil {
					return nil, err
				}
			}
			if why != "" {
				obstacles = append(obstacles, why)
				continue
			}
			reached = true
			told = append(told, fmt.Sprintf("Alarm %s reaches whoever is on call through topic %s.", p.Name, topic))
		}
		if !reached {
			o.Add(fmt.Sprintf("Alarm %s reaches nobody. %s", p.Name, strings.Join(obstacles, " ")), p.Name)
		}
	}
	return told, nil
}

// delivery says what keeps a topic's messages from everybody; "" where somebody gets them.
func (a *architecture) delivery(ctx context.Context, topic string) (string, error) {
	subscriptions, err := a.inv.Subscriptions(ctx, topic)
	if errors.Is(err, inventory.ErrNotFound) {
		return fmt.Sprintf("Topic %s does not exist.", topic), nil
	}
	if err != nil {
		return "", err
	}
	var obstacles []string
	var undecided error
	for _, s := range subscriptions {
		why, err := a.subscriptionObstacle(ctx, s)
		switch {
		case err != nil:
			undecided = errors.Join(undecided, err)
		case why == "":
			return "", nil
		default:
			obstacles = append(obstacles, why)
		}
	}
	if undecided != nil {
		return "", undecided
	}
	if len(obstacles) == 0 {
		return fmt.Sprintf("Nobody is subscribed to topic %s.", topic), nil
	}
	return strings.Join(obstacles, " "), nil
}

func (a *architecture) subscriptionObstacle(ctx context.Context, s inventory.Subscription) (string, error) {
	if !strings.HasPrefix(s.SubscriptionArn, "arn:") {
		return fmt.Sprintf("The subscription of %s is not confirmed.", s.Endpoint), nil
	}
	// What CloudWatch publishes has no attributes, so that a filter on them holds it back. An empty filter is none.
	// https://docs.aws.amazon.com/sns/latest/dg/message-filtering-policy-remove.html
	if filter := strings.Join(strings.Fields(s.FilterPolicy), ""); filter != "" && filter != "{}" {
		if s.FilterScope == "MessageBody" {
			return "", fmt.Errorf("whether the filter %s of the subscription of %s lets a page through cannot be decided: it looks at the message's body", s.FilterPolicy, s.Endpoint)
		}
		if strings.Contains(filter, `{"exists":false}`) {
			return "", fmt.Errorf("whether the filter %s of the subscription of %s lets a page through cannot be decided: it asks for what is not there", s.FilterPolicy, s.Endpoint)
		}
		return fmt.Sprintf("The subscription of %s filters: %s. What an alarm publishes carries no attributes and is dropped.", s.Endpoint, s.FilterPolicy), nil
	}
	if s.Protocol != "sqs" {
		return "", nil
	}
	return a.queueObstacle(ctx, s.Endpoint, "sns.amazonaws.com", s.TopicArn)
}

// queueObstacle says what keeps a service from sending to a queue on behalf of a resource.
// https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html
func (a *architecture) queueObstacle(ctx context.Context, arn, service, source string) (string, error) {
	if a.elsewhere(arn) {
		return "", fmt.Errorf("whether %s gets into queue %s cannot be told: it is of another account or region", service, arn)
	}
	queue, err := a.inv.Queue(ctx, arn)
	if errors.Is(err, inventory.ErrNotFound) {
		return fmt.Sprintf("Queue %s does not exist.", arn), nil
	}
	if err != nil {
		return "", err
	}
	asked := asking(service, "sqs:SendMessage", arn, a.sourceContext(source))
	if why, err := refused(asked, "policy of queue "+arn, queue.Policy); err != nil || why != "" {
		return why, err
	}
	// A key that SQS keeps for itself is no obstacle.
	if queue.KmsMasterKeyId == "" {
		return "", nil
	}
	return a.keyObstacle(ctx, queue.KmsMasterKeyId, service, source, nil)
}

// elsewhere says whether an ARN is of an account or a region other than those that are read. What is no ARN is not.
func (a *architecture) elsewhere(arn string) bool {
	parts := strings.SplitN(arn, ":", 6)
	return len(parts) == 6 && (parts[3] != a.inv.Region || parts[4] != a.inv.Account)
}

// publishObstacle says what keeps an alarm from publishing to a topic, the topic's key aside.
func (a *architecture) publishObstacle(ctx context.Context, p pager, arn string) (string, error) {
	topic, err := a.inv.Topic(ctx, arn)
	if err != nil {
		return "", err
	}
	return refused(asking("cloudwatch.amazonaws.com", "sns:Publish", arn, a.sourceContext(p.Arn)), "policy of topic "+arn, topic.Policy)
}

// keyObstacle says what keeps a service from using a key on behalf of a resource.
// https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
func (a *architecture) keyObstacle(ctx context.Context, ref, service, source string, further map[string][]string) (string, error) {
	if a.elsewhere(ref) {
		return "", fmt.Errorf("whether %s may use key %s cannot be told: it is of another account or region", service, ref)
	}
	key, err := a.inv.Key(ctx, ref)
	if errors.Is(err, inventory.ErrNotFound) {
		return fmt.Sprintf("Key %s does not exist.", ref), nil
	}
	if err != nil {
		return "", err
	}
	if key.KeyState != "Enabled" {
		return fmt.Sprintf("Key %s is %s, and nothing can be encrypted with it.", key.Arn, key.KeyState), nil
	}
	context := a.sourceContext(source)
	for name, value := range further {
		context[name] = value
	}
	for _, action := range []string{"kms:Decrypt", "kms:GenerateDataKey"} {
		if why, err := refused(asking(service, action, key.Arn, context), "policy of key "+key.Arn, key.Policy); err != nil || why != "" {
			return why, err
		}
	}
	return "", nil
}

// sourceContext is what a service tells of the resource that it acts for.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
func (a *architecture) sourceContext(source string) map[string][]string {
	return map[string][]string{
		"aws:SourceArn": {source}, "aws:SourceAccount": {a.inv.Account}, "aws:SecureTransport": {"true"}, "aws:RequestedRegion": {a.inv.Region},
		"aws:PrincipalIsAWSService": {"true"}, "kms:CallerAccount": {a.inv.Account},
	}
}

func asking(service, action, resource string, context map[string][]string) policy.Request {
	return policy.Request{Principal: policy.Service(service), Action: action, Resource: resource, Context: context}
}

// refused says that a policy does not let a request through; "" where it does.
func refused(asked policy.Request, name, text string) (string, error) {
	why := fmt.Sprintf("The %s does not let %s do %s", name, asked.Principal, asked.Action)
	if source := asked.Context["aws:SourceArn"]; len(source) > 0 {
		why += " on behalf of " + source[0]
	}
	why += "."
	if text == "" {
		return why, nil
	}
	document, err := policy.Parse([]byte(text))
	if err != nil {
		return "", fmt.Errorf("the %s: %w", name, err)
	}
	decision := policy.Evaluate(policy.Input{Request: asked, ResourcePolicy: document.Named(name)})
	switch decision.Outcome {
	case policy.Allow:
		return "", nil
	case policy.Inconclusive:
		return "", fmt.Errorf("whether the %s lets %s do %s cannot be decided: %s", name, asked.Principal, asked.Action, decision.Explanation())
	default:
		return why, nil
	}
}

// decideTopicKey asks for each topic of the pages whether the alarms may use its key.
func decideTopicKey(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	topics := a.pageTopics()
	if len(topics) == 0 {
		o.Add(a.nothing("topic", roleOnCall))
		return nil, nil
	}
	if len(a.pagers()) == 0 {
		o.Add(fmt.Sprintf("No alarm notifies topic %s: there is nobody to let in.", say.List(topics)), topics...)
		return nil, nil
	}
	var told []string
	for _, arn := range topics {
		topic, err := a.inv.Topic(ctx, arn)
		if errors.Is(err, inventory.ErrNotFound) {
			o.Add(fmt.Sprintf("Topic %s does not exist.", arn), arn)
			continue
		}
		if err != nil {
			return nil, err
		}
		why, err := a.topicKeyObstacle(ctx, topic)
		switch {
		case err != nil:
			return nil, err
		case why != "":
			o.Add(why, arn)
		default:
			told = append(told, fmt.Sprintf("Topic %s is encrypted, and its key %s lets the alarms in.", arn, topic.KmsMasterKeyId))
		}
	}
	return told, nil
}

func (a *architecture) topicKeyObstacle(ctx context.Context, topic inventory.Topic) (string, error) {
	switch topic.KmsMasterKeyId {
	case "":
		return fmt.Sprintf("Topic %s has no key: pages lie in it unencrypted.", topic.TopicArn), nil
	case "alias/aws/sns", fmt.Sprintf("arn:aws:kms:%s:%s:alias/aws/sns", a.inv.Region, a.inv.Account):
		// https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
		return fmt.Sprintf("Topic %s has SNS's own key, whose policy lets no service of AWS in, and nobody can change that policy.", topic.TopicArn), nil
	}
	for _, p := range a.pagers() {
		if !slices.Contains(p.Topics, topic.TopicArn) {
			continue
		}
		why, err := a.keyObstacle(ctx, topic.KmsMasterKeyId, "cloudwatch.amazonaws.com", p.Arn, map[string][]string{
			"kms:ViaService": {"sns." + a.inv.Region + ".amazonaws.com"}, "kms:EncryptionContext:aws:sns:topicArn": {topic.TopicArn},
			"kms:EncryptionContextKeys": {"aws:sns:topicArn"},
		})
		if err != nil || why != "" {
			return why, err
		}
	}
	return "", nil
}
