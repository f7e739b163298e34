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
	"labctl/labs/say"
)

// What an outsider could do to a topic, and to a queue.
func topicActions() []string {
	return []string{"sns:Publish", "sns:Subscribe", "sns:SetTopicAttributes", "sns:AddPermission", "sns:RemovePermission", "sns:DeleteTopic"}
}

func queueActions() []string {
	return []string{"sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:PurgeQueue", "sqs:SetQueueAttributes", "sqs:AddPermission", "sqs:DeleteQueue"}
}

// decideOpen lets outsiders try each topic of the pages and each queue that gets them.
func decideOpen(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	topics := a.pageTopics()
	if len(topics) == 0 {
		o.Add(a.nothing("topic", roleOnCall))
		return nil, nil
	}
	var told []string
	queues, err := a.pageQueues(ctx, topics)
	if err != nil {
		return nil, err
	}
	for _, arn := range topics {
		topic, err := a.inv.Topic(ctx, arn)
		if errors.Is(err, inventory.ErrNotFound) {
			continue // which is for obs-enabled to say
		}
		if err != nil {
			return nil, err
		}
		said, err := a.judgeOpen(o, "topic", arn, topic.Policy, topicActions())
		if err != nil {
			return nil, err
		}
		told = append(told, said)
	}
	for _, queue := range queues {
		said, err := a.judgeOpen(o, "queue", queue.QueueArn, queue.Policy, queueActions())
		if err != nil {
			return nil, err
		}
		told = append(told, said)
	}
	return told, nil
}

// pageQueues are the queues that get the pages: those subscribed, and those with the role.
func (a *architecture) pageQueues(ctx context.Context, topics []string) ([]inventory.Queue, error) {
	marked, err := a.inv.Queues(ctx)
	if err != nil {
		return nil, err
	}
	found := slices.DeleteFunc(slices.Clone(marked), func(q inventory.Queue) bool { return q.Tags[roleTag] != roleOnCall })
	for _, topic := range topics {
		subscriptions, err := a.inv.Subscriptions(ctx, topic)
		if err != nil && !errors.Is(err, inventory.ErrNotFound) {
			return nil, err
		}
		for _, s := range subscriptions {
			if s.Protocol != "sqs" || slices.ContainsFunc(found, func(q inventory.Queue) bool { return q.QueueArn == s.Endpoint }) {
				continue
			}
			queue, err := a.inv.Queue(ctx, s.Endpoint)
			if errors.Is(err, inventory.ErrNotFound) {
				continue
			}
			if err != nil {
				return nil, err
			}
			found = append(found, queue)
		}
	}
	return found, nil
}

// judgeOpen lets every outsider try every action.
func (a *architecture) judgeOpen(o *checks.Offences, kind, arn, text string, actions []string) (string, error) {
	closed := fmt.Sprintf("Nobody from outside can do anything to %s %s.", kind, arn)
	if text == "" {
		return closed, nil
	}
	document, err := policy.Parse([]byte(text))
	if err != nil {
		return "", fmt.Errorf("the policy of %s %s: %w", kind, arn, err)
	}
	var undecided error
	let := map[string]bool{}
	for _, who := range a.outsiders(text) {
		if let[who.name] {
			continue
		}
		var may []string
		by := ""
		for _, action := range actions {
			decision := policy.Evaluate(policy.Input{
				Request:        policy.Request{Principal: who.principal, Action: action, Resource: arn, ResourceAccount: a.inv.Account, Context: who.context},
				ResourcePolicy: document.Named("policy of " + arn),
				// Somebody else's account lets its own users do everything.
				IdentityPolicies: everything(who.principal),
			})
			switch decision.Outcome {
			case policy.Allow:
				may = append(may, action)
				by = citing(decision)
			case policy.Inconclusive:
				undecided = fmt.Errorf("whether %s may do %s on %s cannot be decided: %s", who.name, action, arn, decision.Explanation())
			}
		}
		if len(may) > 0 {
			o.Add(fmt.Sprintf("On %s %s %s may do %s%s.", kind, arn, who.name, say.List(may), by), arn)
			let[who.name] = true
		}
	}
	if len(let) > 0 {
		return "", nil
	}
	return closed, undecided
}

// everything is an identity policy that allows everything, for a principal that has identity policies.
func everything(who policy.Principal) []*policy.Policy {
	if !strings.HasPrefix(who.String(), "arn:") {
		return nil
	}
	document, err := policy.Parse([]byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`))
	if err != nil {
		return nil // it is well formed
	}
	return []*policy.Policy{document.Named("its own account's")}
}

// citing names the statements of the resource's policy that let somebody in.
func citing(decision policy.Decision) string {
	for _, cited := range decision.By() {
		if cited.Sid != "" && strings.HasPrefix(cited.Policy, "policy of ") {
			return " (statement " + cited.Sid + ")"
		}
	}
	return ""
}
