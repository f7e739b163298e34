package eventpattern

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Match says what a pattern makes of one event.
type Match struct {
	Matched bool
	// Key is the path in the pattern of the key that decided. An event that matches
	// is decided by all of them, and it is empty.
	Key string
	// Explanation is one sentence: what the event has at that key, or at every key.
	Explanation string
}

// Match applies the pattern to an event. The error is an *InconclusiveError, or says
// why the event is no JSON object.
func (p *Pattern) Match(document []byte) (Match, error) {
	decoder := json.NewDecoder(strings.NewReader(string(document)))
	decoder.UseNumber()
	var root map[string]any
	if err := decoder.Decode(&root); err != nil {
		return Match{}, fmt.Errorf("the event is not a JSON object: %w", err)
	}
	if _, err := decoder.Token(); root == nil || !errors.Is(err, io.EOF) {
		return Match{}, errors.New("the event is not a JSON object")
	}
	v := p.root.judge(event{root}, root)
	switch v.truth {
	case yes:
		return Match{Matched: true, Explanation: v.why}, nil
	case no:
		return Match{Key: v.key, Explanation: v.why}, nil
	default:
		return Match{}, &InconclusiveError{Key: v.key, Problem: v.why}
	}
}

// event is the whole event, which {"exists": false} must look at.
type event struct {
	root any
}

// nothing stands for an object that the event does not have: only
// {"exists": false} matches in it.
type nothing struct{}

// judge asks for all fields: "the And of them".
func (o object) judge(e event, node any) verdict {
	result := verdict{truth: yes}
	var reasons []string
	for _, field := range o {
		v := field.judge(e, node)
		if v.truth == no {
			return v
		}
		if v.truth < result.truth {
			result = v
		}
		reasons = append(reasons, v.why)
	}
	if result.truth == yes {
		result.why = strings.Join(reasons, "; ")
	}
	return result
}

func (a alternatives) judge(e event, node any) verdict {
	result := verdict{truth: no, key: a.path.String()}
	var reasons []string
	for _, fields := range a.objects {
		v := fields.judge(e, node)
		if v.truth == yes {
			return v
		}
		if v.truth > result.truth {
			result = v
		}
		reasons = append(reasons, v.why)
	}
	if result.truth == no {
		result.why = "no alternative matches: " + strings.Join(reasons, "; ")
	}
	return result
}

// judge looks into the object, or into each object of an array. All that is asked
// must hold in one and the same object of the array.
// https://github.com/aws/event-ruler (README, JSON Array Matching)
func (n nested) judge(e event, node any) verdict {
	elements := flatten(child(node, n.name))
	if len(elements) == 0 {
		elements = []any{nothing{}}
	}
	result := verdict{truth: no}
	for i, element := range elements {
		if _, isObject := element.(map[string]any); !isObject {
			element = nothing{}
		}
		v := n.fields.judge(e, element)
		if v.truth == yes {
			return v
		}
		if i == 0 || v.truth > result.truth {
			result = v
		}
	}
	if len(elements) > 1 && result.truth == no {
		return verdict{no, n.path.String(), fmt.Sprintf("%s is an array, and none of its elements matches", n.path)}
	}
	return result
}

// judge compares the value, or each value of an array: "the pattern matches if the
// intersection of the event pattern array and the event array is non-empty".
// (eb-event-patterns-arrays).
func (l leaf) judge(e event, node any) verdict {
	values := leaves(child(node, l.name))
	if len(values) == 0 {
		return l.judgeAbsent(e)
	}
	result := no
	for _, value := range values {
		for _, m := range l.values {
			result = max(result, m.test(value))
		}
	}
	found := joinAll(values)
	switch result {
	case yes:
		return l.verdict(yes, "%s is %s, which matches %s", l.path, found, l.source)
	case maybe:
		return l.verdict(maybe, "%s is %s, and AWS leaves open whether %s matches that", l.path, found, l.source)
	default:
		return l.verdict(no, "%s is %s, which does not match %s", l.path, found, l.source)
	}
}

// judgeAbsent: "Exists matching only works on leaf nodes", so that a field which
// holds an object does not exist. In an array the field may be missing from one
// object and be in another, and AWS does not say which counts.
func (l leaf) judgeAbsent(e event) verdict {
	switch {
	case !l.absent:
		return l.verdict(no, "the event has no value at %s", l.path)
	case present(e.root, l.path):
		return l.verdict(maybe, "%s is missing from one element of an array and there in another, and AWS does not say which counts", l.path)
	default:
		return l.verdict(yes, "the event has no value at %s", l.path)
	}
}

func (l leaf) verdict(t truth, format string, args ...any) verdict {
	return verdict{t, l.path.String(), fmt.Sprintf(format, args...)}
}

// child is a member of an object, or nothing.
func child(parent any, name string) any {
	if object, ok := parent.(map[string]any); ok {
		if value, has := object[name]; has {
			return value
		}
	}
	return nothing{}
}

// flatten resolves arrays, also in arrays; nothing has no elements.
func flatten(value any) []any {
	switch value := value.(type) {
	case nothing:
		return nil
	case []any:
		var all []any
		for _, item := range value {
			all = append(all, flatten(item)...)
		}
		return all
	default:
		return []any{value}
	}
}

// leaves are the strings, numbers and literals at a place; objects are no leaves.
func leaves(value any) []node {
	var all []node
	for _, element := range flatten(value) {
		if _, isObject := element.(map[string]any); !isObject {
			all = append(all, leafOf(element))
		}
	}
	return all
}

// present reports whether any element of any array on the way has a value at a path.
func present(value any, at path) bool {
	if len(at) == 0 {
		return len(leaves(value)) > 0
	}
	for _, element := range flatten(value) {
		if present(child(element, at[0]), at[1:]) {
			return true
		}
	}
	return false
}
