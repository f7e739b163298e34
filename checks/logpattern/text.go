package logpattern

import "strings"

// glob compares a text with a string of a pattern. An asterisk at the start or at
// the end stands for any text. Of one in the middle the page before its revision
// says that "Ev*ent will only match the actual string Ev*ent", and the current page
// only that an asterisk is a wild card: where it matters, the answer is open.
func glob(pattern, text string) truth {
	core := strings.Trim(pattern, "*")
	before, after := strings.HasPrefix(pattern, "*"), strings.HasSuffix(pattern, "*")
	if core == "" {
		return truthOf(before || text == "")
	}
	if around(core, text, before, after) {
		return yes
	}
	if strings.Contains(core, "*") && wild(pattern, text) {
		return maybe
	}
	return no
}

// around matches a text without wild cards, with any text before or after it.
func around(core, text string, before, after bool) bool {
	switch {
	case before && after:
		return strings.Contains(text, core)
	case before:
		return strings.HasSuffix(text, core)
	case after:
		return strings.HasPrefix(text, core)
	default:
		return text == core
	}
}

// wild matches with every asterisk as a wild card.
func wild(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	first, last := parts[0], parts[len(parts)-1]
	if !strings.HasPrefix(text, first) {
		return false
	}
	text = text[len(first):]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(text, part)
		if i < 0 {
			return false
		}
		text = text[i+len(part):]
	}
	return strings.HasSuffix(text, last)
}
