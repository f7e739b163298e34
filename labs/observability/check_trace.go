package observability

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"labctl/checks"
	"labctl/checks/inventory"
	"labctl/checks/report/typeset"
	"labctl/labs/say"
)

// serviceTag names the service that writes to a log group, where that is not the last part of the group's name.
const serviceTag = "labctl:service"

// serviceOf is the name under which whoever writes to a log group writes its segments.
func serviceOf(group inventory.LogGroup) string {
	if name := group.Tags[serviceTag]; name != "" {
		return name
	}
	return group.LogGroupName[strings.LastIndex(group.LogGroupName, "/")+1:]
}

// hop is a request as the first service that it meets sees it.
type hop struct{ service, method, path string }

// decideTrace asks which sampling rule decides about each request to the API, and whether a group shows those that failed.
func decideTrace(ctx context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	if len(a.apiGroups()) == 0 {
		o.Add(a.nothing("log group", roleAPI))
		return nil, nil
	}
	rules, err := a.inv.SamplingRules(ctx)
	if err != nil {
		return nil, err
	}
	groups, err := a.inv.TraceGroups(ctx)
	if err != nil {
		return nil, err
	}
	rules = slices.Clone(rules)
	// https://docs.aws.amazon.com/xray/latest/devguide/xray-console-sampling.html: the lowest priority first, then by name
	slices.SortFunc(rules, func(x, y inventory.SamplingRule) int {
		return cmp.Or(cmp.Compare(x.Priority, y.Priority), strings.Compare(x.RuleName, y.RuleName))
	})
	var told []string
	for _, api := range a.apiGroups() {
		service := serviceOf(api)
		for _, h := range []hop{{service, "POST", "/payments"}, {service, "GET", "/payments/4711"}, {service, "POST", "/refunds"}} {
			told = append(told, judgeSampling(o, rules, h))
		}
		said, err := a.judgeGroups(o, groups, service)
		if err != nil {
			return nil, err
		}
		told = append(told, said...)
	}
	slices.Sort(told)
	return slices.DeleteFunc(slices.Compact(told), func(s string) bool { return s == "" }), nil
}

// judgeSampling finds the rule that decides about a request. It is made at the first hop: the others are told in the trace header.
// https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
func judgeSampling(o *checks.Offences, rules []inventory.SamplingRule, h hop) string {
	n := slices.IndexFunc(rules, func(r inventory.SamplingRule) bool { return ruleMatches(r, h) })
	if n < 0 {
		// X-Ray has a rule for the rest in every account. https://docs.aws.amazon.com/xray/latest/devguide/xray-console-sampling.html
		return fmt.Sprintf("No rule of the account matches requests to %s: X-Ray's default decides, one a second and 5 percent.", h.service)
	}
	rule := rules[n]
	if rule.FixedRate <= 0 && rule.ReservoirSize == 0 {
		o.Add(fmt.Sprintf("None of the requests %s %s to %s is traced: sampling rule %s (priority %d) decides, with a rate of 0 and no reservoir.", h.method, h.path, h.service, rule.RuleName, rule.Priority), rule.RuleName)
		return ""
	}
	if rule.FixedRate <= 0 {
		// The first request of a second is as good as any: at a thousand a minute that is six in a hundred.
		return fmt.Sprintf("Sampling rule %s traces the first %d of each second's requests to %s.", rule.RuleName, rule.ReservoirSize, h.service)
	}
	return fmt.Sprintf("Sampling rule %s (priority %d) traces %s of the requests to %s.", rule.RuleName, rule.Priority, percent(rule.FixedRate), h.service)
}

// ruleMatches says whether a sampling rule surely matches a request. One that asks for a host, a resource or attributes matches some.
func ruleMatches(r inventory.SamplingRule, h hop) bool {
	any := func(pattern string) bool { return pattern == "" || strings.Trim(pattern, "*") == "" }
	return wild(r.ServiceName, h.service) && wild(r.HTTPMethod, h.method) && wild(r.URLPath, h.path) &&
		any(r.Host) && any(r.ServiceType) && any(r.ResourceARN) && len(r.Attributes) == 0
}

// wild matches a pattern with * and ?, without regard to case.
// https://docs.aws.amazon.com/xray/latest/devguide/xray-console-sampling.html
func wild(pattern, text string) bool {
	if pattern == "" {
		return true
	}
	p, s := []rune(strings.ToLower(pattern)), []rune(strings.ToLower(text))
	var match func(p, s []rune) bool
	match = func(p, s []rune) bool {
		switch {
		case len(p) == 0:
			return len(s) == 0
		case p[0] == '*':
			return match(p[1:], s) || len(s) > 0 && match(p, s[1:])
		default:
			return len(s) > 0 && (p[0] == '?' || p[0] == s[0]) && match(p[1:], s[1:])
		}
	}
	return match(p, s)
}

// judgeGroups looks for a group that shows a failed request with its segments of all services.
func (a *architecture) judgeGroups(o *checks.Offences, groups []inventory.TraceGroup, api string) ([]string, error) {
	failed := traced{seconds: 0.3, status: 502, method: "POST", url: "https://api.example.com/payments", services: []tracedService{{name: api, fault: true}}}
	for _, group := range a.groups {
		if name := serviceOf(group); name != api {
			failed.services = append(failed.services, tracedService{name: name, fault: true})
		}
	}
	var seen []string
	var undecided error
	for _, group := range groups {
		if group.Tags[a.inv.Scope.Key] != a.inv.Scope.Value {
			continue
		}
		held, err := selects(group.FilterExpression, failed)
		switch {
		case err != nil:
			undecided = errors.Join(undecided, fmt.Errorf("group %s: %w", group.GroupName, err))
		case held:
			return []string{fmt.Sprintf("Group %s shows a failed request with the segments of %s.", group.GroupName, typeset.Count(len(failed.services), "service"))}, nil
		default:
			seen = append(seen, fmt.Sprintf("%s (%s)", group.GroupName, group.FilterExpression))
		}
	}
	switch {
	case undecided != nil:
		return nil, undecided
	case len(seen) == 0:
		o.Add(fmt.Sprintf("No X-Ray group carries %s.", a.inv.Scope))
	default:
		o.Add(fmt.Sprintf("No group shows a failed request to %s: %s.", api, say.List(seen)))
	}
	return nil, nil
}
