package eventpattern

import "strings"

// The operators in this file match strings only.
// (eb-create-pattern-operators: prefix, suffix, equals-ignore-case, wildcard)

type prefix struct {
	text       string
	ignoreCase bool
}

func (m prefix) test(value node) truth {
	return truthOf(value.kind == stringKind && hasPrefix(value.text, m.text, m.ignoreCase))
}

type suffix struct {
	text       string
	ignoreCase bool
}

func (m suffix) test(value node) truth {
	return truthOf(value.kind == stringKind && hasPrefix(reversed(value.text), reversed(m.text), m.ignoreCase))
}

// hasPrefix compares character by character, so that folding may change how many
// bytes one takes.
func hasPrefix(text, start string, ignoreCase bool) bool {
	have, want := []rune(text), []rune(start)
	if len(have) < len(want) {
		return false
	}
	head := string(have[:len(want)])
	return head == start || ignoreCase && strings.EqualFold(head, start)
}

func reversed(text string) string {
	runes := []rune(text)
	out := make([]rune, len(runes))
	for i, r := range runes {
		out[len(runes)-1-i] = r
	}
	return string(out)
}

type equalsIgnoreCase struct {
	text string
}

func (m equalsIgnoreCase) test(value node) truth {
	return truthOf(value.kind == stringKind && strings.EqualFold(value.text, m.text))
}

// wildcard matches * with any text, none too. "\*" is an asterisk and "\\" a backslash.
type wildcard struct {
	parts []string // between the asterisks
}

func (m wildcard) test(value node) truth {
	if value.kind != stringKind {
		return no
	}
	text, first, last := value.text, m.parts[0], m.parts[len(m.parts)-1]
	if len(m.parts) == 1 {
		return truthOf(text == first)
	}
	text, starts := strings.CutPrefix(text, first)
	for _, part := range m.parts[1 : len(m.parts)-1] {
		var found bool
		if _, text, found = strings.Cut(text, part); !found {
			return no
		}
	}
	return truthOf(starts && strings.HasSuffix(text, last))
}

// parseAffix reads the argument of prefix and suffix: a string, or one whose case
// does not count.
func parseAffix(at path, operator string, n node) (matcher, error) {
	ignoreCase := n.kind == objectKind
	if ignoreCase {
		name, argument, err := only(at, n, title(operator)+" expression name not found")
		if err != nil {
			return nil, err
		}
		if name != "equals-ignore-case" {
			return nil, at.refuse("Unsupported %s pattern: %s", operator, name)
		}
		operator, n = operator+" with equals-ignore-case", argument
	}
	if n.kind != stringKind {
		return nil, at.refuse("%s match pattern must be a string", operator)
	}
	if strings.HasPrefix(operator, "prefix") {
		return prefix{n.text, ignoreCase}, nil
	}
	return suffix{n.text, ignoreCase}, nil
}

func title(word string) string { return strings.ToUpper(word[:1]) + word[1:] }

// parseText reads the argument of equals-ignore-case and wildcard.
func parseText(at path, operator string, n node) (matcher, error) {
	if n.kind != stringKind {
		return nil, at.refuse("%s match pattern must be a string", operator)
	}
	if operator == "wildcard" {
		return parseWildcard(at, n.text)
	}
	return equalsIgnoreCase{n.text}, nil
}

func parseWildcard(at path, text string) (matcher, error) {
	parts := []string{""}
	for i := 0; i < len(text); i++ {
		last := &parts[len(parts)-1]
		switch rest := text[i:]; {
		case strings.HasPrefix(rest, "**"):
			return nil, at.refuse("Consecutive wildcard characters at pos %d", i)
		case rest[0] == '*':
			parts = append(parts, "")
		case strings.HasPrefix(rest, `\*`), strings.HasPrefix(rest, `\\`):
			i++
			*last += string(text[i])
		case rest[0] == '\\':
			return nil, at.refuse("Invalid escape character at pos %d", i)
		default:
			*last += text[i : i+1]
		}
	}
	return wildcard{parts}, nil
}
