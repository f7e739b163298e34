package eventpattern

// anythingBut matches any leaf but those of a list.
// (eb-create-pattern-operators, Anything-but).
type anythingBut []matcher

func (m anythingBut) test(value node) truth {
	result := no
	for _, excluded := range m {
		result = max(result, excluded.test(value))
	}
	return not(result)
}

// parseAnythingBut reads a value, a list of only strings or only numbers, or
// prefix, suffix, equals-ignore-case or wildcard with a string or a list of them.
func parseAnythingBut(at path, n node) (matcher, error) {
	if n.kind == objectKind {
		return parseAnythingButText(at, n)
	}
	list := []node{n}
	if n.kind == arrayKind {
		list = n.items
	}
	var result anythingBut
	for _, item := range list {
		switch {
		case item.kind != stringKind && item.kind != numberKind:
			return nil, at.refuse("Inside anything but list, start|null|boolean is not supported.")
		case item.kind != list[0].kind:
			return nil, at.refuse("Inside anything but list, either all values are number or string, mixed type is not supported")
		case item.kind == stringKind:
			result = append(result, exactText{item.text})
		default:
			bound, err := parseBound(at, "=", item)
			if err != nil {
				return nil, err
			}
			result = append(result, numeric{bound})
		}
	}
	if len(result) == 0 {
		return nil, at.refuse("Inside anything but list, either all values are number or string, mixed type is not supported")
	}
	return result, nil
}

func parseAnythingButText(at path, n node) (matcher, error) {
	operator, argument, err := only(at, n, "Anything-But expression name not found")
	if err != nil {
		return nil, err
	}
	list := []node{argument}
	if argument.kind == arrayKind {
		list = argument.items
	}
	if len(list) == 0 {
		return nil, at.inconclusive("anything-but with an empty list: AWS does not say whether that is allowed")
	}
	var result anythingBut
	for _, item := range list {
		excluded, err := parseExcludedText(at, operator, item)
		if err != nil {
			return nil, err
		}
		result = append(result, excluded)
	}
	return result, nil
}

func parseExcludedText(at path, operator string, n node) (matcher, error) {
	switch operator {
	case "equals-ignore-case", "wildcard":
		return parseText(at, operator, n)
	case "prefix", "suffix":
		if n.kind != stringKind {
			return nil, at.refuse("prefix/suffix match pattern must be a string")
		}
		if n.text == "" {
			return nil, at.refuse("Null prefix/suffix not allowed")
		}
		return parseAffix(at, operator, n)
	default:
		return nil, at.refuse("Unsupported anything-but pattern: %s", operator)
	}
}

// exactText is an excluded string: only the same characters are excluded.
type exactText struct {
	text string
}

func (m exactText) test(value node) truth {
	return truthOf(value.kind == stringKind && value.text == m.text)
}
