package logpattern

import "strings"

// truth is a three-valued answer: what AWS leaves open must stay apart from both
// yes and no until it is clear whether it matters.
type truth int8

const (
	no truth = iota
	maybe
	yes
)

func not(t truth) truth { return yes - t }

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// possibly is the answer where AWS documents neither that an apparent match
// counts nor that it does not.
func possibly(t truth) truth { return min(t, maybe) }

// verdict is a truth with the sentence that explains it.
type verdict struct {
	truth truth
	why   string
}

// expression is a condition, or conditions joined by && and ||, over an event of type E.
type expression[E any] interface {
	judge(event E) verdict
}

// allOf holds if each of its parts holds.
type allOf[E any] []expression[E]

func (all allOf[E]) judge(event E) verdict {
	return join(all, event, no, " and ", func(a, b truth) bool { return a < b })
}

// anyOf holds if one of its parts holds.
type anyOf[E any] []expression[E]

func (alternatives anyOf[E]) judge(event E) verdict {
	return join(alternatives, event, yes, ", ", func(a, b truth) bool { return a > b })
}

// join judges the parts until one settles the whole. Otherwise the parts that
// share the strongest answer explain it together.
func join[E any](parts []expression[E], event E, settled truth, separator string, stronger func(a, b truth) bool) verdict {
	var result verdict
	var reasons []string
	for i, part := range parts {
		v := part.judge(event)
		if v.truth == settled {
			return v
		}
		if i == 0 || stronger(v.truth, result.truth) {
			result, reasons = v, nil
		}
		if v.truth == result.truth {
			reasons = append(reasons, v.why)
		}
	}
	result.why = strings.Join(reasons, separator)
	return result
}
