package networking

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// widest rewrites an endpoint's policy to the most that it lets through, whatever a request says of itself: a tag, a
// header, a date. Of what the caller chooses, an Allow's conditions hold and a Deny's do not. What is refused even so is
// refused to everybody, without a sample for each condition that somebody may write.
//
// What the endpoint and the principal settle stays, and so does an operator that nobody knows: the policy engine says so.
func widest(document string) (string, error) {
	var root map[string]any
	if err := json.Unmarshal([]byte(document), &root); err != nil {
		return "", fmt.Errorf("reading a policy document: %w", err)
	}
	for name, value := range root {
		if !strings.EqualFold(name, "Statement") {
			continue
		}
		list, several := value.([]any)
		if !several {
			list = []any{value}
		}
		for _, item := range list {
			if statement, ok := item.(map[string]any); ok {
				widen(statement)
			}
		}
	}
	text, err := json.Marshal(root)
	return string(text), err
}

func widen(statement map[string]any) {
	denies := false
	for name, value := range statement {
		effect, _ := value.(string)
		denies = denies || strings.EqualFold(name, "Effect") && effect == "Deny"
	}
	for name, value := range statement {
		switch element := strings.ToLower(name); {
		case element == "resource" && !denies, element == "notresource" && denies:
			statement[name] = starred(value)
		case element != "condition":
		case !denies:
			loosen(statement, name)
		case loosen(statement, name):
			// Every request has the key, so that the statement denies nothing and still has its number.
			statement[name] = map[string]any{"Null": map[string]any{"aws:PrincipalAccount": "true"}}
		}
	}
}

// loosen takes out the conditions that the caller settles, and tells whether there were any.
func loosen(statement map[string]any, name string) (loosened bool) {
	operators, _ := statement[name].(map[string]any)
	for operator, block := range operators {
		pairs, _ := block.(map[string]any)
		for key, values := range pairs {
			if knownOperator(operator) && (!settled(key) || slices.ContainsFunc(texts(values), callersVariable)) {
				delete(pairs, key)
				loosened = true
			}
		}
		if len(pairs) == 0 {
			delete(operators, operator)
		}
	}
	if len(operators) == 0 {
		delete(statement, name)
	}
	return loosened
}

// knownOperator tells the operators of IAM from what only looks like one.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
func knownOperator(operator string) bool {
	_, after, set := strings.Cut(operator, ":")
	if set {
		operator = after
	}
	return slices.ContainsFunc([]string{"String", "Numeric", "Date", "Bool", "Binary", "IpAddress", "NotIpAddress", "Arn", "Null"}, func(family string) bool {
		return strings.HasPrefix(operator, family)
	})
}

// settled tells the condition keys whose value follows from the endpoint, the principal or the resource.
func settled(key string) bool {
	key = strings.ToLower(key)
	return strings.HasSuffix(key, ":resourceaccount") || slices.Contains([]string{
		"aws:sourcevpce", "aws:sourcevpc", "aws:requestedregion", "aws:viaawsservice",
		"aws:principalarn", "aws:principalaccount", "aws:principaltype", "aws:principalisawsservice", "aws:principalservicename", "kms:calleraccount",
	}, key)
}

func variables() *regexp.Regexp { return regexp.MustCompile(`\$\{([^},]*)[^}]*\}`) }

// callersVariable tells whether a text has a policy variable that the caller settles. ${*}, ${?} and ${$} are no variables.
func callersVariable(text string) bool {
	return slices.ContainsFunc(variables().FindAllStringSubmatch(text, -1), func(match []string) bool {
		return len(match[1]) > 1 && !settled(strings.TrimSpace(match[1]))
	})
}

// starred puts a wildcard where an ARN has a variable that the caller settles.
func starred(value any) any {
	var found []any
	for _, text := range texts(value) {
		if callersVariable(text) {
			text = variables().ReplaceAllString(text, "*")
		}
		found = append(found, text)
	}
	return found
}
