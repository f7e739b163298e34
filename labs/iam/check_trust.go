package iam

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"labctl/checks"
	"labctl/checks/access"
	"labctl/checks/policy"
	"labctl/checks/report/typeset"
)

const (
	assumeRole    = "sts:AssumeRole"
	externalIDKey = "sts:ExternalId"
)

// decideExternalID asks as those whom the vendor's role trusts, with the right external id, with others and without.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
func decideExternalID(_ context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	var pass []string
	for _, r := range a.part(vendor) {
		trusted, err := a.trusted(r)
		if err != nil {
			return nil, err
		}
		right, wrong := externalIDs(r.trust)
		if len(trusted) == 0 {
			o.Add(fmt.Sprintf("Role %s trusts no account and no principal of one: no vendor can assume it.", r.Name), r.Arn)
			continue
		}
		for _, in := range trusted {
			refuse(o, eachOf(withEach(in, externalIDKey, wrong...), []string{assumeRole}, []string{r.Arn}),
				fmt.Sprintf("%s can be assumed without the right external id", r.Name), r.Arn)
		}
		if !slices.ContainsFunc(trusted, func(in policy.Input) bool {
			return granted(eachOf(withEach(in, externalIDKey, right...), []string{assumeRole}, []string{r.Arn}))
		}) {
			o.Add(fmt.Sprintf("Role %s lets nobody in with any external id that its trust policy names: the vendor is shut out.", r.Name), r.Arn)
		}
		pass = append(pass, fmt.Sprintf("%s can be assumed with the right external id, not with %s others or without one.", r.Name, typeset.Count(len(wrong)-1, "sample")))
	}
	return pass, nil
}

// externalIDs are those that the trust policy names to the letter, and others, of which the first is none at all.
func externalIDs(trust *policy.Policy) (right, wrong [][]string) {
	wrong = [][]string{nil, {strangerName}, {""}}
	for _, m := range trust.Mentions() {
		for _, c := range m.Conditions {
			if !strings.EqualFold(c.Key, externalIDKey) {
				continue
			}
			for _, value := range c.Values {
				if strings.ContainsAny(value, "*?") {
					wrong = append(wrong, []string{access.Filled(value)})
					continue
				}
				right = append(right, []string{value})
				wrong = append(wrong, []string{value + "x"})
				if upper := strings.ToUpper(value); upper != value {
					wrong = append(wrong, []string{upper})
				}
			}
		}
	}
	return right, wrong
}

// trusted are requests as those whom the trust policy names: a principal itself, or somebody in the account, with every
// permission on their own side.
func (a *architecture) trusted(r *role) ([]policy.Input, error) {
	names, err := principalsIn(r.TrustPolicy)
	if err != nil {
		return nil, fmt.Errorf("the trust policy of %s: %w", r.Name, err)
	}
	var found []policy.Input
	for _, name := range names.aws {
		principal, err := policy.ParsePrincipal(name)
		if err != nil {
			continue // "*" or a leftover; sec-trust-tight is about those
		}
		if account, isRoot := rootOf(principal.String()); isRoot {
			if principal, err = policy.ParsePrincipal(a.iamARN(account, "role/"+strangerName)); err != nil {
				return nil, err
			}
		}
		in := under(a.request(principal, keys{"aws:SecureTransport": {"true"}, "aws:PrincipalIsAWSService": {"false"}}), r.trust)
		in.IdentityPolicies = []*policy.Policy{a.everything}
		found = append(found, in)
	}
	return found, nil
}

// rootOf is the account of a principal that stands for one.
func rootOf(arn string) (account string, ok bool) {
	parts := strings.SplitN(arn, ":", 6)
	return parts[len(parts)-2], len(parts) == 6 && parts[5] == "root"
}

// decideDeputy asks as each service that a role trusts, on behalf of the lab's account and of another one.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html#cross-service-confused-deputy-prevention
func decideDeputy(_ context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	var told []string
	for _, r := range a.roles {
		names, err := principalsIn(r.TrustPolicy)
		if err != nil {
			return nil, fmt.Errorf("the trust policy of %s: %w", r.Name, err)
		}
		for _, service := range names.services {
			own, foreign := a.deputies(service, r.trust)
			refuse(o, eachOf(foreign, []string{assumeRole}, []string{r.Arn}),
				fmt.Sprintf("%s assumes %s on behalf of other accounts as well: whoever names the role there becomes its user", service, r.Name), r.Arn)
			if !granted(eachOf(own, []string{assumeRole}, []string{r.Arn})) {
				o.Add(fmt.Sprintf("%s cannot assume %s on behalf of the lab's own account either.", service, r.Name), r.Arn)
			}
			told = append(told, fmt.Sprintf("%s assumes %s on behalf of account %s only.", service, r.Name, a.inv.Account))
		}
	}
	if len(told) == 0 {
		o.Add("No role of the lab trusts an AWS service: there is nothing to judge.")
	}
	return told, nil
}

// deputies are requests that a service makes on behalf of the lab's account and of others. A service tells account and
// resource; what the trust policy names is tried, and the same in another account.
func (a *architecture) deputies(service string, trust *policy.Policy) (own, foreign []policy.Input) {
	name, _, _ := strings.Cut(service, ".")
	sources := []string{fmt.Sprintf("arn:%s:%s:%s:%s:%s", a.partition(), name, a.inv.Region, a.inv.Account, strangerName)}
	for _, m := range trust.Mentions() {
		for _, c := range m.Conditions {
			if strings.EqualFold(c.Key, "aws:SourceArn") {
				sources = append(sources, c.Values...)
			}
		}
	}
	accounts := []string{strangerAccount}
	for _, account := range valuesAsked("aws:SourceAccount", trust) {
		if account != a.inv.Account {
			accounts = append(accounts, account)
		}
	}
	in := under(a.service(service), trust)
	for _, source := range sources {
		own = append(own, with(in, onBehalf(source, a.inv.Account)))
		for _, account := range accounts {
			foreign = append(foreign, with(in, onBehalf(source, account), keys{"aws:SourceOrgID": nil}))
		}
	}
	return own, foreign
}

// onBehalf says for which account and resource a service calls.
func onBehalf(source, account string) keys {
	parts := strings.SplitN(source, ":", 6)
	if len(parts) == 6 {
		parts[4] = account
		source = access.Filled(strings.Join(parts, ":"))
	}
	return keys{"aws:SourceAccount": {account}, "aws:SourceArn": {access.Filled(source)}}
}

// decideTrustTight asks as principals whom nobody named: from another account, with every permission there; from the
// lab's account, with none; and as services. What a caller can choose, an external id or a second factor, is right.
func decideTrustTight(_ context.Context, a *architecture, o *checks.Offences) ([]string, error) {
	for _, r := range a.roles {
		names, err := principalsIn(r.TrustPolicy)
		if err != nil {
			return nil, fmt.Errorf("the trust policy of %s: %w", r.Name, err)
		}
		outsiders, err := a.outsiders(names)
		if err != nil {
			return nil, err
		}
		refuse(o, eachOf(underEach(outsiders, r.trust), []string{assumeRole}, []string{r.Arn}), fmt.Sprintf("Role %s can be assumed by somebody whom its trust policy does not name", r.Name), r.Arn)
	}
	return []string{fmt.Sprintf("Each of %d roles can be assumed only by whom its trust policy names.", len(a.roles))}, nil
}

func (a *architecture) outsiders(names principals) ([]policy.Input, error) {
	elsewhere, err := a.administrator(strangerAccount)
	if err != nil {
		return nil, err
	}
	found := []policy.Input{elsewhere}
	for _, name := range []string{"role/" + strangerName, "user/" + strangerName} {
		nobody, err := policy.ParsePrincipal(a.iamARN(a.inv.Account, name))
		if err != nil {
			return nil, err
		}
		found = append(found, a.request(nobody, a.caller()))
	}
	for _, service := range []string{"ec2.amazonaws.com", lambdaService, strangerName + ".amazonaws.com"} {
		if !slices.Contains(names.services, service) {
			found = append(found, a.service(service))
		}
	}
	return found, nil
}
