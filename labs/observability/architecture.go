package observability

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"labctl/checks"
	"labctl/checks/alarm"
	"labctl/checks/inventory"
)

// roleTag is the tag that says what part a resource plays.
const roleTag = "labctl:role"

// The roles that are looked for.
const (
	roleAPI    = "api"
	roleOnCall = "on-call"
	roleSLI    = "sli"
	roleChange = "change"
	roleTrace  = "trace"
)

// architecture is what is judged: what carries the scope's tag, and the alarms that belong to it.
type architecture struct {
	inv    *inventory.Inventory
	groups []inventory.LogGroup

	// The alarms that carry the tag, those that notify a topic with the tag, and those in the rules of both.
	alarms     []inventory.MetricAlarm
	composites []inventory.CompositeAlarm
	tags       map[string]map[string]string // of the alarms, by ARN
	known      map[string]bool              // the names and ARNs of all alarms of the region
	topics     map[string]map[string]string // the tags of the topics with the tag, by ARN
}

func readArchitecture(ctx context.Context, inv *inventory.Inventory) (*architecture, error) {
	a := &architecture{inv: inv, known: map[string]bool{}}
	var err1, err2, err3, err4, err5 error
	a.groups, err1 = inv.ScopeLogGroups(ctx)
	a.tags, err2 = inv.AlarmTags(ctx)
	a.topics, err3 = inv.TopicTags(ctx)
	alarms, err4 := inv.Alarms(ctx)
	composites, err5 := inv.CompositeAlarms(ctx)
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		return nil, err
	}
	a.chooseAlarms(alarms, composites)
	return a, nil
}

// chooseAlarms finds the alarms that belong to the architecture.
func (a *architecture) chooseAlarms(alarms []inventory.MetricAlarm, composites []inventory.CompositeAlarm) {
	for _, one := range alarms {
		a.known[one.AlarmName], a.known[one.AlarmArn] = true, true
	}
	for _, one := range composites {
		a.known[one.AlarmName], a.known[one.AlarmArn] = true, true
	}
	watched := map[string]bool{}
	for added := true; added; { // an alarm in a rule may have a rule itself
		added = false
		for _, one := range composites {
			if a.isOf(one.AlarmArn, one.AlarmActions) || watched[one.AlarmName] || watched[one.AlarmArn] {
				for _, name := range append(references(one.AlarmRule), one.ActionsSuppressor) {
					added = added || !watched[name]
					watched[name] = true
				}
			}
		}
	}
	for _, one := range composites {
		if a.isOf(one.AlarmArn, one.AlarmActions) || watched[one.AlarmName] || watched[one.AlarmArn] {
			a.composites = append(a.composites, one)
		}
	}
	for _, one := range alarms {
		if a.isOf(one.AlarmArn, one.AlarmActions) || watched[one.AlarmName] || watched[one.AlarmArn] {
			a.alarms = append(a.alarms, one)
		}
	}
}

// isOf says whether an alarm carries the scope's tag or notifies a topic that does.
func (a *architecture) isOf(arn string, actions []string) bool {
	return a.tags[arn] != nil || slices.ContainsFunc(actions, func(action string) bool { return a.topics[action] != nil })
}

// references are the alarms in a rule; none where it cannot be read, which is for obs-composite to say.
func references(rule string) []string {
	parsed, err := alarm.ParseRule(rule)
	if err != nil {
		return nil
	}
	var names []string
	for _, reference := range parsed.References() {
		names = append(names, reference.Alarm)
	}
	return names
}

// judge makes a check's function of one that judges the architecture.
func judge(decide func(context.Context, *architecture, *checks.Offences) ([]string, error)) func(context.Context, *inventory.Inventory) (checks.Finding, error) {
	return func(ctx context.Context, inv *inventory.Inventory) (checks.Finding, error) {
		a, err := readArchitecture(ctx, inv)
		if err != nil {
			return checks.Finding{}, err
		}
		var offences checks.Offences
		passed, err := decide(ctx, a, &offences)
		if err != nil {
			return checks.Finding{}, err
		}
		return offences.Finding(passed...), nil
	}
}

// judgeAlarms is judge for what needs alarms to be there.
func judgeAlarms(decide func(context.Context, *architecture, *checks.Offences) ([]string, error)) func(context.Context, *inventory.Inventory) (checks.Finding, error) {
	return judge(func(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
		if len(a.alarms) == 0 {
			o.Add(a.nothing("alarm", ""))
			return nil, nil
		}
		return decide(ctx, a, o)
	})
}

// nothing says that no resource of a kind is there to judge: nothing is proved by an empty set.
func (a *architecture) nothing(kind, role string) string {
	if role == "" {
		return fmt.Sprintf("No %s carries %s.", kind, a.inv.Scope)
	}
	return fmt.Sprintf("No %s carries both %s and %s=%s.", kind, a.inv.Scope, roleTag, role)
}

// apiGroups are the log groups that the API writes to.
func (a *architecture) apiGroups() []inventory.LogGroup {
	return slices.DeleteFunc(slices.Clone(a.groups), func(g inventory.LogGroup) bool { return g.Tags[roleTag] != roleAPI })
}

// pager is an alarm that notifies a topic.
type pager struct {
	Name, Arn      string
	ActionsEnabled bool
	Topics         []string
}

// pagers are the alarms that notify whoever is on call.
func (a *architecture) pagers() []pager {
	var found []pager
	add := func(name, arn string, enabled bool, actions []string) {
		p := pager{Name: name, Arn: arn, ActionsEnabled: enabled}
		for _, action := range actions {
			if a.pages(action) {
				p.Topics = append(p.Topics, action)
			}
		}
		if len(p.Topics) > 0 {
			found = append(found, p)
		}
	}
	for _, one := range a.composites {
		add(one.AlarmName, one.AlarmArn, one.ActionsEnabled, one.AlarmActions)
	}
	for _, one := range a.alarms {
		add(one.AlarmName, one.AlarmArn, one.ActionsEnabled, one.AlarmActions)
	}
	return found
}

// pages says whether an action wakes somebody. Where topics have the role of whoever is on call only those do: others may be for
// tickets and mails of the morning.
func (a *architecture) pages(action string) bool {
	if !strings.Contains(action, ":sns:") {
		return false
	}
	for _, tags := range a.topics {
		if tags[roleTag] == roleOnCall {
			return a.topics[action][roleTag] == roleOnCall
		}
	}
	return true
}

// pageTopics are the topics of the pages: those that alarms notify, and those with the role.
func (a *architecture) pageTopics() []string {
	var found []string
	for _, p := range a.pagers() {
		found = append(found, p.Topics...)
	}
	for arn, tags := range a.topics {
		if tags[roleTag] == roleOnCall {
			found = append(found, arn)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}
