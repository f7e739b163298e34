package policy

import "strings"

// condition is one key under one operator. The conditions of a statement are
// ANDed, the values of a condition ORed (NORed for a negated operator).
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
type condition struct {
	name   string // the operator as written
	key    string // the context key as written
	op     operator
	values []operand
}

// parseConditions reads a Condition block: operator, key, value or values.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
func parseConditions(block node, place string, variables bool) ([]condition, error) {
	if block.kind != objectNode {
		return nil, at(place, "must be an object, not %s", block.describe())
	}
	var parsed []condition
	for i, name := range block.keys {
		where := member(place, name)
		keys := block.items[i]
		if keys.kind != objectNode {
			return nil, at(where, "must be an object of condition keys, not %s", keys.describe())
		}
		op := parseOperator(name)
		for j, key := range keys.keys {
			texts, err := keys.items[j].strings(member(where, key))
			if err != nil {
				return nil, err
			}
			c := condition{name: name, key: key, op: op}
			for _, text := range texts {
				c.values = append(c.values, compileOperand(text, op.family, variables))
			}
			parsed = append(parsed, c)
		}
	}
	return parsed, nil
}

// holds tells whether the condition is true for the request.
func (c *condition) holds(ctx *requestContext) truth {
	if c.op.family == unknownFamily {
		return maybe
	}
	values := ctx.values(c.key)
	switch {
	case c.op.family == null:
		return c.isNull(len(values) == 0)
	case len(values) == 0:
		return truthOf(c.holdsAbsent())
	case c.op.set == forAllValues:
		return c.holdsForAll(values, ctx)
	case c.op.set == forAnyValue:
		return c.holdsForAny(values, ctx)
	case len(values) == 1:
		return c.test(values[0], ctx)
	}
	// AWS requires a set operator for several values. Without one the answer is known
	// only where all ways to read it agree.
	if all, anyOf := c.testAll(values, ctx), c.testAny(values, ctx); all == anyOf {
		return all
	}
	return maybe
}

// holdsAbsent is the answer for a key that the request does not have: false, but
// true for a negated operator, for ...IfExists and for ForAllValues. ForAnyValue
// needs a value even if the operator is negated.
//   - https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
//   - https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
func (c *condition) holdsAbsent() bool {
	switch {
	case c.op.ifExists || c.op.set == forAllValues:
		return true
	case c.op.set == forAnyValue:
		return false
	default:
		return c.op.negated
	}
}

// holdsForAll: every value of the request satisfies the operator. Values that
// "resolve to a null data set, such as an empty string" count as none.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
func (c *condition) holdsForAll(values []string, ctx *requestContext) truth {
	if allEmpty(values) {
		return yes
	}
	return c.testAll(values, ctx)
}

// holdsForAny: at least one value of the request satisfies the operator.
func (c *condition) holdsForAny(values []string, ctx *requestContext) truth {
	if allEmpty(values) {
		return no
	}
	return c.testAny(values, ctx)
}

func (c *condition) testAll(values []string, ctx *requestContext) truth {
	all := yes
	for _, value := range values {
		all = both(all, c.test(value, ctx))
	}
	return all
}

func (c *condition) testAny(values []string, ctx *requestContext) truth {
	found := no
	for _, value := range values {
		found = either(found, c.test(value, ctx))
	}
	return found
}

// test compares one value of the request with all values of the policy.
func (c *condition) test(value string, ctx *requestContext) truth {
	found := no
	for i := range c.values {
		if found = either(found, c.values[i].matches(value, c.op, ctx)); found == yes {
			break
		}
	}
	if c.op.negated {
		return not(found)
	}
	return found
}

// isNull answers the Null operator: "true" asks that the key is absent, "false"
// that it is there.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Null
func (c *condition) isNull(absent bool) truth {
	found := no
	for i := range c.values {
		wanted, ok := parseBool(c.values[i].text)
		if !ok {
			found = either(found, maybe)
		} else if wanted == absent {
			return yes
		}
	}
	return found
}

func allEmpty(values []string) bool {
	for _, value := range values {
		if value != "" {
			return false
		}
	}
	return true
}

func parseBool(text string) (value, ok bool) {
	switch {
	case strings.EqualFold(text, "true"):
		return true, true
	case strings.EqualFold(text, "false"):
		return false, true
	default:
		return false, false
	}
}
