package access

import (
	"iter"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"labctl/checks/policy"
)

// Stranger stands for a name that nobody in the account has.
const Stranger = "labctl-stranger"

// Chosen are the request with everything that the caller can choose in it: every key that a policy asks about, and that
// neither the request fixes nor is a fact about the caller, is left out, answered as the policy asks, and answered
// otherwise.
func Chosen(in policy.Input) iter.Seq[policy.Input] {
	choices := choicesIn(in)
	return func(yield func(policy.Input) bool) {
		at := make([]int, len(choices))
		for range mostChoices {
			picked := map[string][]string{}
			for n, c := range choices {
				if value := c.values[at[n]]; value != nil {
					picked[c.key] = value
				}
			}
			if !yield(with(in, picked)) {
				return
			}
			n := 0
			for ; n < len(at); n++ {
				if at[n]++; at[n] < len(choices[n].values) {
					break
				}
				at[n] = 0
			}
			if n == len(at) {
				return
			}
		}
	}
}

// mostChoices bounds the requests that one question is asked as. The lab's own policies give fewer than a hundred.
const mostChoices = 2000

// choice is a key and the values that a caller could put there; nil leaves it out.
type choice struct {
	key    string
	values [][]string
}

func choicesIn(in policy.Input) []choice {
	var found []choice
	for _, c := range conditionsOn(in) {
		if isFact(c.Key) || lists(in.Context, c.Key) {
			continue
		}
		n := slices.IndexFunc(found, func(known choice) bool { return strings.EqualFold(known.key, c.Key) })
		if n < 0 {
			n = len(found)
			found = append(found, choice{key: c.Key, values: [][]string{nil}})
		}
		if comparesText(c.Operator) {
			found[n].add([]string{Stranger})
		}
		var all []string
		for _, value := range c.Values {
			for _, answer := range Answers(c.Operator, expanded(value, in.Context)) {
				found[n].add([]string{answer})
				all = append(all, answer)
			}
		}
		if c.Set && comparesText(c.Operator) && len(all) > 0 {
			found[n].add(append(all, Stranger))
		}
	}
	return found
}

func (c *choice) add(value []string) {
	if !slices.ContainsFunc(c.values, func(known []string) bool { return slices.Equal(known, value) && known != nil }) {
		c.values = append(c.values, value)
	}
}

// Within are the names below a place, such as arn:aws:s3:::bucket/, that the policies around a request single out: what is
// allowed in one folder only is not seen by asking for another.
func Within(in policy.Input, place string) []string {
	var found []string
	for _, m := range about(in) {
		for _, pattern := range m.Resources {
			pattern = expanded(pattern, in.Context)
			for n := range len(pattern) + 1 {
				head, rest := pattern[:n], pattern[n:]
				if strings.HasSuffix(head, "*") {
					rest = "*" + rest // it stands for more than the place
				}
				if name := place + Filled(rest); rest != "" && covers(head, place) && !slices.Contains(found, name) {
					found = append(found, name)
				}
			}
		}
	}
	return found
}

// about are the statements that speak about the action.
func about(in policy.Input) []policy.Mention {
	policies := slices.Concat(in.IdentityPolicies, in.SessionPolicies, []*policy.Policy{in.PermissionsBoundary, in.ResourcePolicy})
	var found []policy.Mention
	for _, p := range policies {
		if p == nil {
			continue
		}
		for _, m := range p.Mentions() {
			if m.NotAction || slices.ContainsFunc(m.Actions, func(pattern string) bool { return covers(strings.ToLower(pattern), strings.ToLower(in.Action)) }) {
				found = append(found, m)
			}
		}
	}
	return found
}

// conditionsOn are the conditions of the statements that speak about the action.
func conditionsOn(in policy.Input) []policy.ConditionMention {
	var found []policy.ConditionMention
	for _, m := range about(in) {
		found = append(found, m.Conditions...)
	}
	return found
}

// isFact tells whether a key says who calls, or what is called, so that the caller cannot choose it.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func isFact(key string) bool {
	key = strings.ToLower(key)
	for _, prefix := range []string{
		"aws:principal", "aws:username", "aws:userid", "aws:sourceaccount", "aws:sourcearn", "aws:sourceorg", "aws:securetransport",
		"aws:resourceaccount", "aws:resourceorg", "aws:resourcetag/", "iam:resourcetag/", "aws:viaawsservice", "aws:calledvia",
	} {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	return strings.HasSuffix(key, ":resourceaccount")
}

// comparesText tells whether an operator compares texts, rather than numbers, dates, addresses or truth: those a request has
// in no other form.
func comparesText(operator string) bool {
	name := bare(operator)
	return strings.HasPrefix(name, "string") || strings.HasPrefix(name, "arn")
}

// bare is an operator's name in small letters, without the quantifier before it.
func bare(operator string) string {
	name := strings.ToLower(operator)
	if _, after, ok := strings.Cut(name, ":"); ok {
		return after
	}
	return name
}

// Answers are values around one that a policy asks for, as its operator reads it.
func Answers(operator, value string) []string {
	name := bare(operator)
	switch {
	case strings.HasPrefix(name, "bool"):
		return []string{"true", "false"}
	case strings.HasPrefix(name, "null"):
		return nil
	case strings.HasPrefix(name, "numeric"):
		if n, err := strconv.ParseInt(value, 10, 64); err == nil {
			return []string{value, strconv.FormatInt(n-1, 10), strconv.FormatInt(n+1, 10)}
		}
	case strings.HasPrefix(name, "ipaddress"), strings.HasPrefix(name, "notipaddress"):
		if prefix, err := netip.ParsePrefix(value); err == nil {
			return []string{prefix.Addr().String()}
		}
	}
	return []string{Filled(value)}
}

// expanded puts the request's own values in the place of policy variables.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
func expanded(text string, known map[string][]string) string {
	for key, values := range known {
		if len(values) == 1 {
			text = strings.ReplaceAll(text, "${"+key+"}", values[0])
		}
	}
	return text
}

// Filled puts a stranger's name where a pattern has wildcards.
func Filled(pattern string) string {
	return strings.ReplaceAll(strings.ReplaceAll(pattern, "*", Stranger), "?", "x")
}

// covers tells whether a pattern with * and ? covers a text.
func covers(pattern, text string) bool {
	for pattern != "" {
		switch {
		case pattern[0] == '*':
			for n := range len(text) + 1 {
				if covers(pattern[1:], text[n:]) {
					return true
				}
			}
			return false
		case text == "" || pattern[0] != '?' && pattern[0] != text[0]:
			return false
		}
		pattern, text = pattern[1:], text[1:]
	}
	return text == ""
}

// with is the request with these keys as well.
func with(in policy.Input, more map[string][]string) policy.Input {
	in.Context = Override(in.Context, more)
	return in
}
