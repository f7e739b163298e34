package eventpattern

// matcher is one of the values that a pattern lists for a field.
type matcher interface {
	// test judges a leaf of the event: a string, number, true, false or null.
	test(value node) truth
}

// parseValue reads a value to be equal to, or an object with one operator.
func parseValue(at path, n node) (matcher, error) {
	switch n.kind {
	case objectKind:
		return parseOperator(at, n)
	case arrayKind:
		return nil, at.refuse("Match value must be String, number, true, false, or null")
	default:
		return exact{n}, nil
	}
}

// parseOperator dispatches on the comparison operator.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
func parseOperator(at path, n node) (matcher, error) {
	name, argument, err := only(at, n, "Match expression name not found")
	if err != nil {
		return nil, err
	}
	switch name {
	case "prefix", "suffix":
		return parseAffix(at, name, argument)
	case "equals-ignore-case", "wildcard":
		return parseText(at, name, argument)
	case "anything-but":
		return parseAnythingBut(at, argument)
	case "numeric":
		return parseNumeric(at, argument)
	case "cidr":
		return parseCIDR(at, argument)
	case "exists":
		if argument.kind != literalKind || argument.text != "true" {
			return nil, at.refuse("exists match pattern must be either true or false.")
		}
		return exists{}, nil
	case "exactly":
		return nil, at.inconclusive(`"exactly" is known to the engine and not documented for EventBridge`)
	default:
		return nil, at.refuse("Unrecognized match type %s", name) //nolint:misspell // EventBridge's words
	}
}

// only is the one member that an object with an operator has.
func only(at path, n node, missing string) (name string, argument node, err error) {
	switch len(n.members) {
	case 0:
		return "", node{}, at.refuse("%s", missing)
	case 1:
		return n.members[0].name, n.members[0].value, nil
	default:
		return "", node{}, at.refuse("Only one key allowed in match expression")
	}
}

// exists matches any leaf, null too; {"exists": false} is judged by leaf itself.
type exists struct{}

func (exists) test(node) truth { return yes }
