package observability

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/xray"
	xraytypes "github.com/aws/aws-sdk-go-v2/service/xray/types"

	"labctl/checks/inventory"
	"labctl/labs"
)

// The faults of what is there to see: traces, descriptions, the dashboard, and the changes beside the page.

// samplingRule is the rule that decides about requests to the API.
func (a *architecture) samplingRule(ctx context.Context) (inventory.SamplingRule, error) {
	api, err := a.apiGroup()
	if err != nil {
		return inventory.SamplingRule{}, err
	}
	rules, err := a.inv.SamplingRules(ctx)
	if err != nil {
		return inventory.SamplingRule{}, err
	}
	n := slices.IndexFunc(rules, func(r inventory.SamplingRule) bool { return r.ServiceName == serviceOf(api) })
	if n < 0 {
		return inventory.SamplingRule{}, labs.Lacks("no sampling rule is about %s", serviceOf(api))
	}
	return rules[n], nil
}

// sampled is the share of requests that a rule traces.
type sampled struct {
	Rule string
	Rate float64
}

func samplingZero() labs.Fault {
	return swap(labs.Fault{
		ID:     "sampling-zero",
		Title:  "The page is there, the log line is there, and its trace id leads nowhere.",
		Answer: "The sampling rule of the API has a rate of 0.",
		Breaks: []string{"obs-trace"},
		Hints: []string{
			"It is so for every request, of every user.",
			"The services still write what they are told to. Who tells them?",
			"Look at the rate of the sampling rule.",
		},
	}, func(ctx context.Context, a *architecture, _ labs.Live) (before, after sampled, err error) {
		rule, err := a.samplingRule(ctx)
		return sampled{rule.RuleName, rule.FixedRate}, sampled{rule.RuleName, 0}, err
	}, func(ctx context.Context, live labs.Live, s sampled) error {
		_, err := xray.NewFromConfig(live.Config).UpdateSamplingRule(ctx, &xray.UpdateSamplingRuleInput{SamplingRuleUpdate: &xraytypes.SamplingRuleUpdate{RuleName: &s.Rule, FixedRate: &s.Rate}})
		if err != nil {
			return fmt.Errorf("changing sampling rule %s: %w", s.Rule, err)
		}
		return nil
	})
}

// shadow is a sampling rule before another.
type shadow struct {
	Name, Service string
	There         bool
	Tags          map[string]string
}

func samplingShadowed() labs.Fault {
	return swap(labs.Fault{
		ID:     "sampling-shadowed",
		Title:  "There is no trace of the API since somebody wanted to save money on health checks.",
		Answer: "A second sampling rule stands before the API's: it matches every request to it, with a rate of 0.",
		Breaks: []string{"obs-trace"},
		Twin:   true,
		Hints: []string{
			"The sampling rule of the API is as it was, with its rate of 5 percent.",
			"A request is compared with more than one rule.",
			"List the sampling rules in the order of their priorities.",
		},
	}, func(ctx context.Context, a *architecture, live labs.Live) (before, after shadow, err error) {
		rule, err := a.samplingRule(ctx)
		if err != nil {
			return before, after, err
		}
		name := strings.TrimSuffix(rule.RuleName[:min(len(rule.RuleName), 26)], "-") + "-quiet" // 32 characters at most
		before = shadow{Name: name, Service: rule.ServiceName, Tags: live.Tags}
		after = before
		after.There = true
		return before, after, nil
	}, func(ctx context.Context, live labs.Live, s shadow) error {
		api := xray.NewFromConfig(live.Config)
		if !s.There {
			_, err := api.DeleteSamplingRule(ctx, &xray.DeleteSamplingRuleInput{RuleName: &s.Name})
			// X-Ray says so of a rule that does not exist. https://docs.aws.amazon.com/xray/latest/api/API_DeleteSamplingRule.html
			if err := labs.Unless(err, "InvalidRequestException", "ResourceNotFoundException"); err != nil {
				return fmt.Errorf("deleting sampling rule %s: %w", s.Name, err)
			}
			return nil
		}
		in := &xray.CreateSamplingRuleInput{SamplingRule: &xraytypes.SamplingRule{
			RuleName: &s.Name, Priority: aws.Int32(1), Version: aws.Int32(1), FixedRate: 0, ReservoirSize: 0, ServiceName: &s.Service,
			ServiceType: aws.String("*"), Host: aws.String("*"), HTTPMethod: aws.String("*"), URLPath: aws.String("*"), ResourceARN: aws.String("*"),
		}}
		for key, value := range s.Tags {
			in.Tags = append(in.Tags, xraytypes.Tag{Key: aws.String(key), Value: aws.String(value)})
		}
		if _, err := api.CreateSamplingRule(ctx, in); err != nil {
			return fmt.Errorf("making sampling rule %s: %w", s.Name, err)
		}
		return nil
	})
}

// grouped is what a group of traces selects.
type grouped struct{ Group, Filter string }

func groupOfAnother() labs.Fault {
	return swap(labs.Fault{
		ID:     "group-of-another",
		Title:  "Requests are traced. The group that is to show the failed ones is empty.",
		Answer: "The filter expression of the group names a service that nobody is called.",
		Breaks: []string{"obs-trace"},
		Twin:   true,
		Hints: []string{
			"The sampling rule is as it should be, and there are traces of failed requests.",
			"A group shows what its filter expression selects.",
			"Compare the service in the expression with the name under which the API writes its segments.",
		},
	}, func(ctx context.Context, a *architecture, _ labs.Live) (before, after grouped, err error) {
		api, err := a.apiGroup()
		if err != nil {
			return before, after, err
		}
		groups, err := a.inv.TraceGroups(ctx)
		if err != nil {
			return before, after, err
		}
		name := serviceOf(api)
		for _, group := range groups {
			if group.Tags[a.inv.Scope.Key] == a.inv.Scope.Value && strings.Contains(group.FilterExpression, `"`+name+`"`) {
				other := strings.ReplaceAll(group.FilterExpression, `"`+name+`"`, `"`+name+`-v1"`)
				return grouped{group.GroupARN, group.FilterExpression}, grouped{group.GroupARN, other}, nil
			}
		}
		return before, after, labs.Lacks("no X-Ray group of %s selects traces of %s", a.inv.Scope, name)
	}, func(ctx context.Context, live labs.Live, g grouped) error {
		_, err := xray.NewFromConfig(live.Config).UpdateGroup(ctx, &xray.UpdateGroupInput{GroupARN: &g.Group, FilterExpression: &g.Filter})
		if err != nil {
			return fmt.Errorf("changing X-Ray group %s: %w", g.Group, err)
		}
		return nil
	})
}

func descriptionBlank() labs.Fault {
	return alarmFault(labs.Fault{
		ID:     "description-blank",
		Title:  "It is three in the morning, and the page consists of a name.",
		Answer: "The alarm on the objective has no description any more: neither an owner nor a runbook.",
		Breaks: []string{"obs-runbook"},
		Hints: []string{
			"The alarm is right.",
			"What did the other pages say that this one does not?",
			"Compare the descriptions of the alarms.",
		},
	}, sliAlarm, func(one *inventory.MetricAlarm) error {
		one.AlarmDescription = ""
		return nil
	})
}

func runbookLater() labs.Fault {
	return alarmFault(labs.Fault{
		ID:     "runbook-later",
		Title:  "The page names a runbook. Whoever is on call looks for it, and finds nothing.",
		Answer: "The description of an alarm on a burn rate promises a runbook and an owner, and names neither.",
		Breaks: []string{"obs-runbook"},
		Twin:   true,
		Hints: []string{
			"Every alarm has a description with the words owner and runbook in it.",
			"A word is not an address.",
			"Read each description to its end.",
		},
	}, fastBurn, func(one *inventory.MetricAlarm) error {
		one.AlarmDescription = "The budget of errors burns too fast. Owner: tbd. Runbook: see the wiki."
		return nil
	})
}

// shown is the body of a dashboard.
type shown struct{ Dashboard, Body string }

// dashboardFault is a fault that consists of the body of the dashboard.
func dashboardFault(fault labs.Fault, change func(a *architecture, body map[string]any) bool) labs.Fault {
	return swap(fault, func(ctx context.Context, a *architecture, _ labs.Live) (before, after shown, err error) {
		dashboards, err := a.inv.Dashboards(ctx)
		if err != nil {
			return before, after, err
		}
		p, err := a.publications(ctx)
		if err != nil {
			return before, after, err
		}
		for _, d := range dashboards {
			if !a.shows(parseBoard(d.DashboardBody, a.inv.Region, a.inv.Account), p) {
				continue
			}
			var body map[string]any
			if err := json.Unmarshal([]byte(d.DashboardBody), &body); err != nil {
				return before, after, fmt.Errorf("dashboard %s: %w", d.DashboardName, err)
			}
			if !change(a, body) {
				continue
			}
			text, err := json.Marshal(body)
			return shown{d.DashboardName, d.DashboardBody}, shown{d.DashboardName, string(text)}, err
		}
		return before, after, labs.Lacks("no dashboard shows anything of %s that can be changed so", a.inv.Scope)
	}, func(ctx context.Context, live labs.Live, s shown) error {
		if _, err := cloudwatch.NewFromConfig(live.Config).PutDashboard(ctx, &cloudwatch.PutDashboardInput{DashboardName: &s.Dashboard, DashboardBody: &s.Body}); err != nil {
			return fmt.Errorf("changing dashboard %s: %w", s.Dashboard, err)
		}
		return nil
	})
}

func staleWidget() labs.Fault {
	return dashboardFault(labs.Fault{
		ID:     "stale-widget",
		Title:  "One of the tiles of the dashboard has been grey for weeks. Everybody has got used to it.",
		Answer: "The dashboard shows an alarm that was deleted.",
		Breaks: []string{"obs-dashboard"},
		Hints: []string{
			"The other tiles are green or red.",
			"A dashboard names what it shows, and does not ask whether it is there.",
			"Compare the alarms on the dashboard with those that exist.",
		},
	}, func(a *architecture, body map[string]any) bool {
		return eachWidget(body, "alarm", func(properties map[string]any) bool {
			alarms, ok := properties["alarms"].([]any)
			properties["alarms"] = append(alarms, fmt.Sprintf("arn:aws:cloudwatch:%s:%s:alarm:api-5xx", a.inv.Region, a.inv.Account))
			return ok
		})
	})
}

func widgetOfNothing() labs.Fault {
	return dashboardFault(labs.Fault{
		ID:     "widget-of-nothing",
		Title:  "According to the dashboard no payment takes any time at all.",
		Answer: "The graph of latencies shows a route that the API does not have: an empty graph.",
		Breaks: []string{"obs-dashboard"},
		Twin:   true,
		Hints: []string{
			"Every alarm on the dashboard exists, and the name of each metric is right.",
			"Which of the graphs is empty, and which is low?",
			"Compare the dimensions of the metrics on the dashboard with those that are published.",
		},
	}, func(_ *architecture, body map[string]any) bool {
		return eachWidget(body, "metric", func(properties map[string]any) bool {
			changed := false
			rows, _ := properties["metrics"].([]any)
			for _, row := range rows {
				members, _ := row.([]any)
				if len(members) < 4 {
					continue
				}
				if value, ok := members[3].(string); ok && strings.HasPrefix(value, "/") {
					members[3], changed = "/v1"+value, true
				}
			}
			return changed
		})
	})
}

// eachWidget changes the first widget of a type that can be changed.
func eachWidget(body map[string]any, kind string, change func(properties map[string]any) bool) bool {
	widgets, _ := body["widgets"].([]any)
	for _, w := range widgets {
		widget, _ := w.(map[string]any)
		properties, ok := widget["properties"].(map[string]any)
		if ok && widget["type"] == kind && change(properties) {
			return true
		}
	}
	return false
}

// changeRule is the rule on changes.
func (a *architecture) changeRule(ctx context.Context) (inventory.EventRule, error) {
	rules, err := a.inv.EventRules(ctx)
	if err != nil {
		return inventory.EventRule{}, err
	}
	n := slices.IndexFunc(rules, func(r inventory.EventRule) bool { return r.Tags[roleTag] == roleChange })
	if n < 0 {
		return inventory.EventRule{}, labs.Lacks("%s", a.nothing("event rule", roleChange))
	}
	return rules[n], nil
}

// ruled is a rule, on or off.
type ruled struct {
	Rule string
	On   bool
}

func changeRuleOff() labs.Fault {
	return swap(labs.Fault{
		ID:     "change-rule-off",
		Title:  "\"What has been changed?\" Nothing, says the queue, for a month.",
		Answer: "The rule on changes is disabled.",
		Breaks: []string{"obs-change"},
		Hints: []string{
			"CloudTrail knows of several changes of that month.",
			"Between CloudTrail and the queue there is a rule.",
			"Look at the state of the rule.",
		},
	}, func(ctx context.Context, a *architecture, _ labs.Live) (before, after ruled, err error) {
		rule, err := a.changeRule(ctx)
		return ruled{rule.Name, true}, ruled{rule.Name, false}, err
	}, func(ctx context.Context, live labs.Live, r ruled) error {
		api := eventbridge.NewFromConfig(live.Config)
		var err error
		if r.On {
			_, err = api.EnableRule(ctx, &eventbridge.EnableRuleInput{Name: &r.Rule})
		} else {
			_, err = api.DisableRule(ctx, &eventbridge.DisableRuleInput{Name: &r.Rule})
		}
		if err != nil {
			return fmt.Errorf("switching rule %s: %w", r.Rule, err)
		}
		return nil
	})
}

// patterned is the pattern of a rule.
type patterned struct{ Rule, Pattern, State string }

func changeMismatched() labs.Fault {
	const right, wrong = "AWS API Call via CloudTrail", "AWS API Call Via CloudTrail"
	return swap(labs.Fault{
		ID:     "change-mismatched",
		Title:  "The rule on changes is on, its target is right, and it has never been triggered.",
		Answer: "The rule's pattern asks for a detail type with a capital letter too many: it matches nothing.",
		Breaks: []string{"obs-change"},
		Twin:   true,
		Hints: []string{
			"The queue lets the rule in.",
			"A pattern matches letter by letter.",
			"Put a sample event beside the pattern, member by member.",
		},
	}, func(ctx context.Context, a *architecture, _ labs.Live) (before, after patterned, err error) {
		rule, err := a.changeRule(ctx)
		if err != nil {
			return before, after, err
		}
		if !strings.Contains(rule.EventPattern, right) {
			return before, after, labs.Lacks("the pattern of rule %s does not ask for the detail type of CloudTrail's events", rule.Name)
		}
		before = patterned{rule.Name, rule.EventPattern, rule.State}
		return before, patterned{rule.Name, strings.ReplaceAll(rule.EventPattern, right, wrong), rule.State}, nil
	}, func(ctx context.Context, live labs.Live, p patterned) error {
		// What is not said would be reset; so would a description, which is read first.
		// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
		api := eventbridge.NewFromConfig(live.Config)
		is, err := api.DescribeRule(ctx, &eventbridge.DescribeRuleInput{Name: &p.Rule})
		if err == nil {
			_, err = api.PutRule(ctx, &eventbridge.PutRuleInput{Name: &p.Rule, EventPattern: &p.Pattern, State: types.RuleState(p.State), Description: is.Description, RoleArn: is.RoleArn})
		}
		if err != nil {
			return fmt.Errorf("changing rule %s: %w", p.Rule, err)
		}
		return nil
	})
}
