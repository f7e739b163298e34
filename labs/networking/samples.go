package networking

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"labctl/checks/policy"
)

// The strangers of the sample requests: an account and a name that nobody has.
const (
	strangerAccount = "999999999999"
	secondStranger  = "888888888888"
	strangerName    = "labctl-stranger"
)

// samples are what a policy could be asked about: strangers made up, and everything that the policy's own text names,
// so that an exception written into it is tried too.
type samples struct {
	actions           []string
	resources         []string // ARNs, wildcards filled in
	ownPrincipals     []policy.Principal
	foreignPrincipals []policy.Principal
	context           map[string][]string // values for the condition keys that the text asks about
}

// resource is what a request is about, and whose it is.
type resource struct{ arn, account string }

// samplesFrom collects what a policy document names.
func samplesFrom(document, partition, account string) (samples, error) {
	var root struct {
		Statement json.RawMessage
	}
	if err := json.Unmarshal([]byte(document), &root); err != nil {
		return samples{}, fmt.Errorf("reading a policy document: %w", err)
	}
	var statements []map[string]any
	if err := json.Unmarshal(root.Statement, &statements); err != nil {
		var one map[string]any
		if err := json.Unmarshal(root.Statement, &one); err != nil {
			return samples{}, fmt.Errorf("reading a policy document's statements: %w", err)
		}
		statements = []map[string]any{one}
	}
	s := samples{context: map[string][]string{}}
	principals := []string{
		"arn:" + partition + ":iam::" + account + ":role/" + strangerName,
		"arn:" + partition + ":iam::" + strangerAccount + ":role/" + strangerName,
		"arn:" + partition + ":iam::" + secondStranger + ":role/" + strangerName, // where the first is the exception
		strangerAccount,
	}
	for _, statement := range statements {
		for _, element := range slices.Sorted(maps.Keys(statement)) {
			value := statement[element]
			switch strings.ToLower(element) {
			case "action", "notaction":
				s.actions = append(s.actions, texts(value)...)
			case "resource", "notresource":
				s.resources = append(s.resources, texts(value)...)
			case "principal", "notprincipal":
				principals = append(principals, texts(value)...)
			case "condition":
				principals = append(principals, s.addConditions(value)...)
			}
		}
	}
	for _, text := range principals {
		s.addPrincipals(spelledOut(text, partition, account), account)
	}
	s.foreignPrincipals = append(s.foreignPrincipals, policy.Anonymous())
	return s, nil
}

// addConditions keeps a value for every key that the policy asks about, and returns what those about principals name.
func (s *samples) addConditions(block any) (principals []string) {
	operators, _ := block.(map[string]any)
	for _, operator := range slices.Sorted(maps.Keys(operators)) {
		pairs, _ := operators[operator].(map[string]any)
		for _, key := range slices.Sorted(maps.Keys(pairs)) {
			named := texts(pairs[key])
			switch lower := strings.ToLower(key); {
			case lower == "aws:principalaccount", lower == "aws:principalarn", lower == "kms:calleraccount":
				principals = append(principals, named...)
			case strings.HasSuffix(lower, ":resourceaccount"), lower == "aws:sourcevpce", lower == "aws:sourcevpc", lower == "aws:securetransport", lower == "aws:principalisawsservice":
				// These follow from the request itself.
			case len(named) > 0:
				s.context[key] = []string{filled(named[0])}
			}
		}
	}
	return principals
}

func (s *samples) addPrincipals(named []string, account string) {
	for _, text := range named {
		principal, err := policy.ParsePrincipal(text)
		same := func(p policy.Principal) bool { return p.String() == principal.String() }
		if err != nil || slices.ContainsFunc(s.ownPrincipals, same) || slices.ContainsFunc(s.foreignPrincipals, same) {
			continue // a service or "*", or there already
		}
		if strings.Contains(principal.String(), ":"+account+":") {
			s.ownPrincipals = append(s.ownPrincipals, principal)
		} else {
			s.foreignPrincipals = append(s.foreignPrincipals, principal)
		}
	}
}

// spelledOut are principals that a pattern for their ARN or their account may stand for, in the account and outside.
func spelledOut(pattern, partition, account string) []string {
	if !strings.ContainsAny(pattern, "*?") {
		return []string{pattern}
	}
	parts := strings.SplitN(pattern, ":", 6)
	if len(parts) == 1 {
		return accountsLike(pattern)
	}
	names, owners := []string{parts[len(parts)-1]}, []string{account, strangerAccount}
	if len(parts) < 6 {
		names = append(names, "*") // a wildcard stands for colons too
	}
	if len(parts) > 4 {
		owners = append(owners, accountsLike(parts[4])...)
	}
	var found []string
	for _, name := range names {
		name = filled(name)
		if kind, _, _ := strings.Cut(name, "/"); kind != "role" && kind != "user" {
			name = "role/" + name
		}
		for _, owner := range owners {
			found = append(found, "arn:"+partition+":iam::"+owner+":"+name)
		}
	}
	return found
}

// accountsLike are two account ids that a pattern stands for.
func accountsLike(pattern string) []string {
	const length = 12
	var found []string
	for _, digit := range []string{"0", "9"} {
		text := strings.ReplaceAll(pattern, "?", digit)
		if fill := length - len(strings.ReplaceAll(text, "*", "")); fill > 0 {
			text = strings.Replace(text, "*", strings.Repeat(digit, fill), 1)
		}
		found = append(found, strings.ReplaceAll(text, "*", ""))
	}
	return found
}

// texts are the strings in a value of a policy, however deep.
func texts(value any) []string {
	switch v := value.(type) {
	case string:
		return []string{v}
	case []any:
		var all []string
		for _, item := range v {
			all = append(all, texts(item)...)
		}
		return all
	case map[string]any:
		var all []string
		for _, key := range slices.Sorted(maps.Keys(v)) {
			all = append(all, texts(v[key])...)
		}
		return all
	default:
		return nil
	}
}

// filled puts a stranger's name where a pattern has wildcards or variables.
func filled(pattern string) string {
	pattern = variables().ReplaceAllString(pattern, strangerName)
	return strings.ReplaceAll(strings.ReplaceAll(pattern, "*", strangerName), "?", "x")
}

// requests are all samples of the principals with the resources: each action, with and without the further condition keys,
// and with whatever keys it takes.
func (p *endpointProbe) requests(principals []policy.Principal, resources []resource) []policy.Input {
	var inputs []policy.Input
	for _, principal := range principals {
		for _, r := range resources {
			for _, action := range p.actions() {
				in := p.input
				in.Principal, in.Action, in.Resource, in.ResourceAccount = principal, action, r.arn, r.account
				owner := map[string][]string{"aws:ResourceAccount": {r.account}, p.service + ":ResourceAccount": {r.account}}
				if parts := strings.Split(principal.String(), ":"); len(parts) > 4 {
					owner["kms:CallerAccount"] = parts[4:5]
				}
				for _, further := range []map[string][]string{nil, p.samples.context} {
					in.Context = merged(p.input.Context, further, owner)
					inputs = append(inputs, in)
				}
				in.Context, in.EndpointPolicy = merged(p.input.Context, owner), p.widest
				inputs = append(inputs, in)
			}
		}
	}
	return inputs
}

func merged(layers ...map[string][]string) map[string][]string {
	all := map[string][]string{}
	for _, m := range layers {
		maps.Copy(all, m)
	}
	return all
}

func (p *endpointProbe) actions() []string {
	actions := []string{p.service + ":" + strangerName}
	if p.s3 {
		actions = []string{"s3:GetObject", "s3:PutObject", "s3:ListBucket"}
	}
	for _, pattern := range p.samples.actions {
		if action := filled(pattern); strings.Contains(action, ":") {
			actions = append(actions, action)
		}
	}
	slices.Sort(actions)
	return slices.Compact(actions)
}

func (p *endpointProbe) ownResources() []resource {
	var found []resource
	if p.s3 {
		for _, bucket := range p.own {
			found = append(found, resource{p.bucketPrefix() + bucket, p.account}, resource{p.bucketPrefix() + bucket + "/document", p.account})
		}
		return found
	}
	found = append(found, resource{p.arn(p.account), p.account})
	for _, pattern := range p.samples.resources {
		if arn := filled(pattern); strings.Contains(arn, ":"+p.account+":") {
			found = append(found, resource{arn, p.account})
		}
	}
	return found
}

// foreignResources are not the lab's. Of a bucket nobody can tell the owner by its name: it may be in either account.
func (p *endpointProbe) foreignResources() []resource {
	arns := []string{p.arn(strangerAccount)}
	if p.s3 {
		arns = []string{p.bucketPrefix() + strangerName, p.bucketPrefix() + strangerName + "/document"}
	}
	for _, pattern := range p.samples.resources {
		if strings.HasPrefix(pattern, "arn:") {
			arns = append(arns, filled(pattern))
		}
	}
	var found []resource
	for _, arn := range arns {
		if p.isOwn(arn) {
			continue
		}
		found = append(found, resource{arn, strangerAccount})
		if p.s3 {
			found = append(found, resource{arn, p.account})
		}
	}
	return found
}

// arn names something of the endpoint's service in an account.
func (p *endpointProbe) arn(account string) string {
	return fmt.Sprintf("arn:%s:%s:%s:%s:%s", p.partition, p.service, p.region, account, strangerName)
}

func (p *endpointProbe) bucketPrefix() string { return "arn:" + p.partition + ":s3:::" }

func (p *endpointProbe) isOwn(arn string) bool {
	if !p.s3 {
		return strings.Contains(arn, ":"+p.account+":")
	}
	rest := arn[strings.LastIndex(arn, ":")+1:]
	bucket, _, _ := strings.Cut(rest, "/")
	return slices.Contains(p.own, bucket)
}
