package alarm

import (
	"math"
	"slices"
	"strings"
)

// scope is what the expressions of an alarm can refer to, at one moment.
type scope struct {
	length  int     // data points in the evaluation range
	period  float64 // seconds
	queries []query
	values  map[string]value
	// path are the expressions under evaluation, which must not refer to themselves.
	path []string
	load func(query) ([]float64, error)
}

// query is a MetricDataQuery, read.
type query struct {
	MetricDataQuery
	key        string
	statistic  statistic
	expression expression // nil for a metric
}

func (s *scope) reference(id string) (value, error) {
	if v, ok := s.values[id]; ok {
		return v, nil
	}
	at := slices.IndexFunc(s.queries, func(q query) bool { return q.ID == id })
	if at < 0 {
		return value{}, invalid("an expression names %q, and no query has that id", id)
	}
	v, err := s.resolve(s.queries[at])
	if err == nil {
		s.values[id] = v
	}
	return v, err
}

func (s *scope) resolve(q query) (value, error) {
	if q.expression == nil {
		series, err := s.load(q)
		return seriesOf(series), err
	}
	if slices.Contains(s.path, q.ID) {
		return value{}, invalid("the expressions %s refer to each other in a circle", strings.Join(s.path, ", "))
	}
	s.path = append(s.path, q.ID)
	v, err := q.expression.eval(s)
	s.path = s.path[:len(s.path)-1]
	return v, err
}

// metrics are the metrics of the request, without expressions, whose id contains a text (using-metric-math, "The METRICS() function").
func (s *scope) metrics(containing string) (value, error) {
	var all [][]float64
	for _, q := range s.queries {
		if q.expression != nil || !strings.Contains(q.ID, containing) {
			continue
		}
		v, err := s.reference(q.ID)
		if err != nil {
			return value{}, err
		}
		all = append(all, v.single())
	}
	return arrayOf(all), nil
}

func (n scalarNode) eval(*scope) (value, error)      { return numberOf(float64(n)), nil }
func (n referenceNode) eval(s *scope) (value, error) { return s.reference(string(n)) }
func (g group) eval(s *scope) (value, error)         { return g.expression.eval(s) }

func (n textNode) eval(*scope) (value, error) {
	return value{}, invalid("the text %q stands where a number or a time series is needed", string(n))
}

func (n keywordNode) eval(*scope) (value, error) {
	return value{}, invalid("the word %s stands where a number or a time series is needed", string(n))
}

// eval makes an array of time series of its members.
func (n listNode) eval(s *scope) (value, error) {
	var all [][]float64
	for _, member := range n {
		v, err := member.eval(s)
		if err != nil {
			return value{}, err
		}
		if v.shape == scalar {
			return value{}, inconclusive("AWS doesn't document a number in an array of time series")
		}
		all = append(all, v.series...)
	}
	return arrayOf(all), nil
}

func (n negateNode) eval(s *scope) (value, error) {
	v, err := n.of.eval(s)
	if err != nil {
		return value{}, err
	}
	return v.each(func(x float64) float64 { return -x }), nil
}

func (n binaryNode) eval(s *scope) (value, error) {
	left, err := n.left.eval(s)
	if err != nil {
		return value{}, err
	}
	right, err := n.right.eval(s)
	if err != nil {
		return value{}, err
	}
	f, arithmetic := operation(n.operator)
	if !arithmetic && (left.shape == array || right.shape == array) {
		return value{}, inconclusive("AWS doesn't document %q between arrays of time series", n.operator)
	}
	return zip(left, right, f)
}

// operation is a binary operator, and whether it is arithmetic rather than a comparison or a logical one.
func operation(operator string) (f func(x, y float64) float64, arithmetic bool) {
	truth := func(holds func(x, y float64) bool) func(x, y float64) float64 {
		return func(x, y float64) float64 {
			if holds(x, y) {
				return 1
			}
			return 0
		}
	}
	switch operator {
	case "+":
		return func(x, y float64) float64 { return x + y }, true
	case "-":
		return func(x, y float64) float64 { return x - y }, true
	case "*":
		return func(x, y float64) float64 { return x * y }, true
	case "/":
		return divide, true
	case "^":
		return math.Pow, true
	case "==":
		return truth(func(x, y float64) bool { return x == y }), false
	case "!=":
		return truth(func(x, y float64) bool { return x != y }), false
	case "<=":
		return truth(func(x, y float64) bool { return x <= y }), false
	case ">=":
		return truth(func(x, y float64) bool { return x >= y }), false
	case "<":
		return truth(func(x, y float64) bool { return x < y }), false
	case ">":
		return truth(func(x, y float64) bool { return x > y }), false
	case "AND", "&&":
		return truth(func(x, y float64) bool { return x != 0 && y != 0 }), false
	default: // OR and ||
		return truth(func(x, y float64) bool { return x != 0 || y != 0 }), false
	}
}

// divide has no data point where the divisor is zero (using-metric-math, "Basic arithmetic functions").
func divide(x, y float64) float64 {
	if y == 0 {
		return absent
	}
	return x / y
}
