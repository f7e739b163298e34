package policy

import "strings"

// requestContext finds the values of context keys for one evaluation.
type requestContext struct {
	given map[string][]string
	who   *Principal
}

// values returns the values of a context key, none where it is absent. Key names
// do not distinguish case.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
func (c *requestContext) values(key string) []string {
	if values, ok := c.given[key]; ok {
		return values
	}
	// Of several spellings the first in order counts, so that the answer does not
	// depend on the order of a map.
	spelling, found := "", false
	for given := range c.given {
		if len(given) == len(key) && strings.EqualFold(given, key) && (!found || given < spelling) {
			spelling, found = given, true
		}
	}
	if found {
		return c.given[spelling]
	}
	return c.derived(key)
}

// derived returns the keys that follow from the principal alone, where the caller
// does not give them.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principal-properties
func (c *requestContext) derived(key string) []string {
	const prefix = "aws:principal"
	if len(key) < len(prefix) || !strings.EqualFold(key[:len(prefix)], prefix) {
		return nil
	}
	switch property := key[len(prefix):]; {
	case strings.EqualFold(property, "Arn"):
		return c.who.arnKey
	case strings.EqualFold(property, "Account"):
		return c.who.accountKey
	case strings.EqualFold(property, "Type"):
		return c.who.typeKey
	case strings.EqualFold(property, "ServiceName"):
		return c.who.serviceKey
	case strings.EqualFold(property, "IsAWSService"):
		return c.who.isServiceKey
	default:
		return nil
	}
}
