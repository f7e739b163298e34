package observability

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// traced is a trace, as far as a filter expression can ask for it.
type traced struct {
	services []tracedService
	seconds  float64
	status   int
	method   string
	url      string
}

// tracedService is what one service did in a trace.
type tracedService struct {
	name         string
	fault, error bool
}

// traceFilter is a filter expression of X-Ray, as far as groups of an architecture like this use it: service and edge, the outcome of
// a trace, how long it took, its status, method and address, with AND, OR, ! and parentheses.
// https://docs.aws.amazon.com/xray/latest/devguide/xray-console-filters.html
type traceFilter struct {
	words []string
	at    int
	trace traced
}

var filterWord = regexp.MustCompile(`"[^"]*"|'[^']*'|[A-Za-z][A-Za-z0-9_.]*|\d+(?:\.\d+)?|<=|>=|!=|[=<>!(){},]`)

// selects says whether a filter expression selects a trace. The error says that it asks for what labctl does not know.
func selects(expression string, trace traced) (bool, error) {
	if strings.TrimSpace(expression) == "" {
		return true, nil
	}
	left := strings.TrimSpace(filterWord.ReplaceAllString(expression, ""))
	if left != "" {
		return false, fmt.Errorf("the filter expression %q has %q, which labctl does not know", expression, left)
	}
	f := &traceFilter{words: filterWord.FindAllString(expression, -1), trace: trace}
	held, err := f.either()
	if err == nil && f.at < len(f.words) {
		err = fmt.Errorf("%q is out of place", f.words[f.at])
	}
	if err != nil {
		return false, fmt.Errorf("the filter expression %q: %w", expression, err)
	}
	return held, nil
}

func (f *traceFilter) peek() string {
	if f.at < len(f.words) {
		return f.words[f.at]
	}
	return ""
}

// next takes a word if it is the one that is asked for.
func (f *traceFilter) next(word string) bool {
	if !strings.EqualFold(f.peek(), word) {
		return false
	}
	f.at++
	return true
}

func (f *traceFilter) either() (bool, error) {
	held, err := f.both()
	for err == nil && f.next("OR") {
		var more bool
		more, err = f.both()
		held = held || more
	}
	return held, err
}

func (f *traceFilter) both() (bool, error) {
	held, err := f.one()
	for err == nil && f.next("AND") {
		var more bool
		more, err = f.one()
		held = held && more
	}
	return held, err
}

func (f *traceFilter) one() (bool, error) {
	switch {
	case f.next("!"):
		held, err := f.one()
		return !held, err
	case f.next("("):
		held, err := f.either()
		if err == nil && !f.next(")") {
			err = fmt.Errorf("a parenthesis is not closed at %q", f.peek())
		}
		return held, err
	}
	switch keyword := strings.ToLower(f.peek()); keyword {
	case "service", "edge":
		f.at++
		return f.named(keyword)
	case "fault", "error", "ok", "throttle", "partial":
		f.at++
		return f.outcome(keyword)
	case "responsetime", "duration", "http.status":
		f.at++
		return f.number(keyword)
	case "http.method", "http.url":
		f.at++
		return f.text(keyword)
	default:
		return false, fmt.Errorf("labctl does not know %q", f.peek())
	}
}

// named reads service("a") or edge("a", "b"), perhaps with a filter of its own in braces.
func (f *traceFilter) named(keyword string) (bool, error) {
	names, err := f.arguments()
	if err != nil {
		return false, err
	}
	whole := f.trace
	defer func() { f.trace = whole }()
	held := false
	last := ""
	for n, service := range whole.services {
		switch {
		case keyword == "service" && len(names) > 0 && service.name == names[0]:
			held, last = true, service.name
		case keyword == "edge" && len(names) > 1 && n > 0 && whole.services[n-1].name == names[0] && service.name == names[1]:
			held, last = true, service.name
		}
	}
	if !f.next("{") {
		return held, nil
	}
	f.trace.services = slices.DeleteFunc(slices.Clone(whole.services), func(s tracedService) bool { return s.name != last })
	within, err := f.either()
	if err == nil && !f.next("}") {
		err = fmt.Errorf("a brace is not closed at %q", f.peek())
	}
	return held && within, err
}

func (f *traceFilter) arguments() ([]string, error) {
	if !f.next("(") {
		return nil, fmt.Errorf("no name follows at %q", f.peek())
	}
	var names []string
	for !f.next(")") {
		word := f.peek()
		if word == "" {
			return nil, fmt.Errorf("a parenthesis is not closed")
		}
		f.at++
		if word != "," {
			names = append(names, strings.Trim(word, `"'`))
		}
	}
	return names, nil
}

// outcome reads fault, fault = true and fault != true.
func (f *traceFilter) outcome(keyword string) (bool, error) {
	held := false
	for _, s := range f.trace.services {
		held = held || keyword == "fault" && s.fault || keyword == "error" && s.error
	}
	if keyword == "ok" {
		held = !slices.ContainsFunc(f.trace.services, func(s tracedService) bool { return s.fault || s.error })
	}
	wanted := true
	switch {
	case f.next("="):
	case f.next("!="):
		wanted = false
	default:
		return held, nil
	}
	switch {
	case f.next("true"):
	case f.next("false"):
		wanted = !wanted
	default:
		return false, fmt.Errorf("%s is compared with %q", keyword, f.peek())
	}
	return held == wanted, nil
}

func (f *traceFilter) number(keyword string) (bool, error) {
	value := f.trace.seconds
	if keyword == "http.status" {
		value = float64(f.trace.status)
	}
	operator := f.peek()
	f.at++
	wanted, err := strconv.ParseFloat(f.peek(), 64)
	if err != nil {
		return false, fmt.Errorf("%s is compared with %q", keyword, f.peek())
	}
	f.at++
	switch operator {
	case "=":
		return value == wanted, nil
	case "!=":
		return value != wanted, nil
	case "<":
		return value < wanted, nil
	case "<=":
		return value <= wanted, nil
	case ">":
		return value > wanted, nil
	case ">=":
		return value >= wanted, nil
	default:
		return false, fmt.Errorf("%s has no operator %q", keyword, operator)
	}
}

func (f *traceFilter) text(keyword string) (bool, error) {
	value := f.trace.method
	if keyword == "http.url" {
		value = f.trace.url
	}
	operator := strings.ToUpper(f.peek())
	f.at++
	wanted := strings.Trim(f.peek(), `"'`)
	f.at++
	switch operator {
	case "=":
		return value == wanted, nil
	case "!=":
		return value != wanted, nil
	case "CONTAINS":
		return strings.Contains(value, wanted), nil
	case "BEGINSWITH":
		return strings.HasPrefix(value, wanted), nil
	case "ENDSWITH":
		return strings.HasSuffix(value, wanted), nil
	default:
		return false, fmt.Errorf("%s has no operator %q", keyword, operator)
	}
}
