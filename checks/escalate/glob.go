package escalate

import "strings"

// meet returns a pattern all of whose instances match both patterns, of which * stands for any characters and ? for one.
// Where both leave something open the result leaves it open too. ok is false if no text matches both.
func meet(a, b string) (string, bool) {
	m := meeting{a: a, b: b, dead: make([]bool, (len(a)+1)*(len(b)+1))}
	if !m.from(0, 0) {
		return "", false
	}
	// The way was noted from its end.
	for i, j := 0, len(m.way)-1; i < j; i, j = i+1, j-1 {
		m.way[i], m.way[j] = m.way[j], m.way[i]
	}
	return string(m.way), true
}

type meeting struct {
	a, b string
	dead []bool // positions from which the ends cannot be reached
	way  []byte
}

func (m *meeting) from(i, j int) bool {
	at := i*(len(m.b)+1) + j
	if i == len(m.a) && j == len(m.b) {
		return true
	}
	if m.dead[at] {
		return false
	}
	m.dead[at] = true // also while it is being tried, so that no way runs in a circle
	starA := i < len(m.a) && m.a[i] == '*'
	starB := j < len(m.b) && m.b[j] == '*'
	switch {
	case starA && starB:
		return m.note('*', m.from(i+1, j) || m.from(i, j+1))
	case starA:
		return (j < len(m.b) && m.note(m.b[j], m.from(i, j+1))) || m.from(i+1, j)
	case starB:
		return (i < len(m.a) && m.note(m.a[i], m.from(i+1, j))) || m.from(i, j+1)
	case i == len(m.a) || j == len(m.b):
		return false
	case m.a[i] == '?':
		return m.note(m.b[j], m.from(i+1, j+1))
	case m.b[j] == '?' || m.a[i] == m.b[j]:
		return m.note(m.a[i], m.from(i+1, j+1))
	default:
		return false
	}
}

func (m *meeting) note(char byte, found bool) bool {
	if found {
		m.way = append(m.way, char)
	}
	return found
}

// fill puts a word in the place of every *, and a letter in that of every ?.
func fill(pattern, word string) string {
	return strings.NewReplacer("*", word, "?", "x").Replace(pattern)
}

// covers tells whether a pattern matches a text.
func covers(pattern, text string) bool {
	_, ok := meet(pattern, text)
	return ok
}

func coversAction(pattern, action string) bool {
	return covers(strings.ToLower(pattern), strings.ToLower(action))
}

// meetARN is meet for patterns of ARNs. It goes component by component where both have all of them: a wildcard does reach
// across colons, but no ARN has a second set of them.
func meetARN(a, b string) (string, bool) {
	as, bs := strings.SplitN(a, ":", 6), strings.SplitN(b, ":", 6)
	if len(as) != 6 || len(bs) != 6 {
		return meet(a, b)
	}
	for i := range as {
		both, ok := meet(as[i], bs[i])
		if !ok {
			return "", false
		}
		as[i] = both
	}
	return strings.Join(as, ":"), true
}
