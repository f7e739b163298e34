package observability

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"labctl/checks/policy"
)

// somebodyElse is an account that has nothing to do with the firm.
const somebodyElse = "999999999999"

// outsider is somebody who must not get at the pages.
type outsider struct {
	name      string
	principal policy.Principal
	context   map[string][]string
}

// What a policy speaks of: whoever is outside has the account, the service and the name that it asks for, if they can be had.
var (
	accountNumber = regexp.MustCompile(`\b\d{12}\b`)
	serviceName   = regexp.MustCompile(`\b[a-z0-9.-]+\.amazonaws\.com\b`)
	arnPattern    = regexp.MustCompile(`\barn:aws[a-z-]*:[a-z0-9*?-]*:[a-z0-9*?-]*:[0-9*?]*:[^"\s]+`)
)

// outsiders are the whole internet, other accounts, and services of AWS that act for these: the accounts that a policy names beside
// the own one, and one that it does not name. A service tells for whom it acts, and only a policy that asks for more than a name can
// tell its own alarms from everybody's.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
func (a *architecture) outsiders(text string) []outsider {
	all := []outsider{{"anybody on the internet", policy.Anonymous(), a.caller()}}
	accounts := map[string]string{somebodyElse: "another account"}
	for _, account := range accountNumber.FindAllString(text, -1) {
		if account != a.inv.Account {
			accounts[account] = "account " + account
		}
	}
	for account, name := range accounts {
		users, sources := a.namesIn(text, account)
		for _, user := range append(users, "arn:aws:iam::"+account+":user/mallory") {
			principal, err := policy.ParsePrincipal(user)
			if err != nil {
				continue // a name that nobody can have
			}
			all = append(all, outsider{"a user of " + name, principal, a.caller()})
		}
		services := append(serviceName.FindAllString(text, -1), "cloudwatch.amazonaws.com", "events.amazonaws.com", "sns.amazonaws.com", "lambda.amazonaws.com")
		slices.Sort(services)
		for _, service := range slices.Compact(services) {
			short, _, _ := strings.Cut(service, ".")
			own := fmt.Sprintf("arn:aws:%s:%s:%s:labctl", short, a.inv.Region, account)
			for _, source := range append(sources, own) {
				all = append(all, outsider{"a service (" + short + ") for " + name, policy.Service(service), map[string][]string{
					"aws:SecureTransport": {"true"}, "aws:RequestedRegion": {a.inv.Region}, "aws:PrincipalIsAWSService": {"true"},
					"aws:SourceAccount": {account}, "aws:SourceArn": {source},
				}})
			}
		}
	}
	slices.SortStableFunc(all, func(x, y outsider) int { return strings.Compare(x.name, y.name) })
	return all
}

// caller is what a caller from outside brings along.
func (a *architecture) caller() map[string][]string {
	return map[string][]string{
		"aws:SecureTransport": {"true"}, "aws:SourceIp": {"198.51.100.7"}, "aws:RequestedRegion": {a.inv.Region}, "aws:PrincipalIsAWSService": {"false"},
		"aws:ViaAWSService": {"false"}, "sns:Protocol": {"sqs"}, "sns:Endpoint": {"arn:aws:sqs:" + a.inv.Region + ":" + somebodyElse + ":collect"},
	}
}

// namesIn are the ARNs of an account that a policy has room for: users and roles, and resources that services act for.
func (a *architecture) namesIn(text, account string) (users, sources []string) {
	for _, pattern := range arnPattern.FindAllString(text, -1) {
		parts := strings.SplitN(pattern, ":", 6)
		switch {
		case parts[4] == "" && strings.ContainsAny(parts[5], "*?"): // of a bucket: whoever comes first has the name
		case parts[4] == account || strings.ContainsAny(parts[4], "*?"):
			parts[4] = account
		default:
			continue
		}
		if parts[2] == "iam" || parts[2] == "sts" {
			parts[3] = ""
			users = append(users, named(strings.Join(parts, ":")))
			continue
		}
		if strings.ContainsAny(parts[3], "*?") {
			parts[3] = a.inv.Region
		}
		sources = append(sources, named(strings.Join(parts, ":")))
	}
	return users, sources
}

// named is a name that a pattern matches.
func named(pattern string) string { return strings.NewReplacer("*", "x", "?", "x").Replace(pattern) }
