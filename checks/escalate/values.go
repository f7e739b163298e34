package escalate

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"labctl/checks/policy"
)

// The keys whose values mean something to a path.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
const (
	boundaryKey = "iam:PermissionsBoundary"
	policyKey   = "iam:PolicyARN"
	regionKey   = "aws:RequestedRegion"
)

// other is a value that no policy asks for.
const other = "labctl-other"

// answers lists values for a key that make a condition hold, and some that do not.
func (s *search) answers(c policy.ConditionMention) [][]string {
	var found [][]string
	var all []string
	for _, value := range c.Values {
		for _, answer := range s.answersTo(c.Operator, value) {
			found = append(found, []string{answer})
			all = append(all, answer)
		}
	}
	if c.Set && len(all) > 1 {
		found = append(found, all)
	}
	return append(found, []string{s.stranger(c.Operator)})
}

// answersTo lists the values that the family of an operator knows around a value of a policy. Of an operator that is not
// known the value itself does: the engine will say so.
func (s *search) answersTo(operator, value string) []string {
	switch name := baseName(operator); {
	case strings.HasPrefix(name, "string"), strings.HasPrefix(name, "arn"):
		text, ok := s.expand(value)
		if !ok {
			return nil
		}
		if strings.HasSuffix(name, "like") || strings.HasPrefix(name, "arn") {
			text = fill(text, anyName)
		}
		return []string{text}
	case name == "bool":
		return []string{"true", "false"}
	case name == "null":
		return nil
	case strings.HasPrefix(name, "numeric"):
		if number, err := strconv.ParseInt(value, 10, 64); err == nil {
			return []string{value, strconv.FormatInt(number-1, 10), strconv.FormatInt(number+1, 10)}
		}
	case strings.HasPrefix(name, "date"):
		if moment, err := time.Parse(time.RFC3339, value); err == nil {
			return []string{value, moment.AddDate(0, 0, -1).Format(time.RFC3339), moment.AddDate(0, 0, 1).Format(time.RFC3339)}
		}
	case strings.HasSuffix(name, "ipaddress"):
		if network, err := netip.ParsePrefix(value); err == nil {
			return []string{network.Addr().String()}
		}
	}
	return []string{value}
}

// stranger is a value of the right form that a policy does not name.
func (s *search) stranger(operator string) string {
	switch name := baseName(operator); {
	case strings.HasPrefix(name, "arn"):
		return s.otherPolicy()
	case strings.HasPrefix(name, "numeric"):
		return "0"
	case strings.HasPrefix(name, "date"):
		return "2000-01-01T00:00:00Z"
	case strings.HasSuffix(name, "ipaddress"):
		return "203.0.113.1" // reserved for documentation: RFC 5737
	case name == "bool":
		return "false"
	default:
		return other
	}
}

// baseName is an operator without its qualifiers, in lower case.
func baseName(operator string) string {
	name := strings.ToLower(operator)
	if _, rest, ok := strings.Cut(name, ":"); ok {
		name = rest
	}
	if base, ok := strings.CutSuffix(name, "ifexists"); ok && base != "" {
		return base
	}
	return name
}

// otherPolicy is a managed policy that the caller might have made for itself.
func (s *search) otherPolicy() string { return fill(policyKind.pattern(s.self, ""), other) }

// administrator is the managed policy that allows everything. As a boundary it is none.
func (s *search) administrator() string {
	return "arn:" + arnParts(s.self)[1] + ":iam::aws:policy/AdministratorAccess"
}

// attachable lists the policies that a caller could attach: the strongest first.
func (s *search) attachable() [][]string {
	found := [][]string{{s.administrator()}, {s.otherPolicy()}}
	for _, value := range s.valuesOf(policyKey) {
		found = append(found, []string{value})
	}
	if s.account != nil {
		for i := range s.account.Policies {
			found = append(found, []string{s.account.Policies[i].ARN})
		}
	}
	return found
}

// valuesOf are the values that policies ask for in a key, with what they leave open filled: account and partition with
// the subject's own.
func (s *search) valuesOf(key string) []string {
	var found []string
	for _, m := range s.mentions {
		for _, c := range m.Conditions {
			if !strings.EqualFold(c.Key, key) || baseName(c.Operator) == "null" {
				continue
			}
			for _, value := range c.Values {
				if filled, ok := s.fillPolicyARN(c.Operator, value); ok && !has(found, filled) {
					found = append(found, filled)
				}
			}
		}
	}
	return found
}

// regionsNamed are the regions that conditions ask for, after one for policies that ask for none.
func (s *search) regionsNamed() []string {
	if given := s.fact(regionKey); len(given) == 1 {
		return given
	}
	regions := []string{"us-east-1"}
	for _, value := range s.valuesOf(regionKey) {
		if region := strings.ReplaceAll(value, anyName, "1"); !has(regions, region) {
			regions = append(regions, region)
		}
	}
	return regions
}

func (s *search) fillPolicyARN(operator, value string) (string, bool) {
	text, ok := s.expand(value)
	if !ok {
		return "", false
	}
	if name := baseName(operator); !strings.HasSuffix(name, "like") && !strings.HasPrefix(name, "arn") {
		return text, true
	}
	if own, ok := meetARN(text, policyKind.pattern(s.self, "")); ok {
		return fill(own, anyName), true
	}
	return fill(text, anyName), true
}
