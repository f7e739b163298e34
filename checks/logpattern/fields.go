package logpattern

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// fields is a pattern for space-delimited log events: [ip, ..., status_code = 4*, bytes].
// Section "Using filter patterns to match terms in space-delimited log events".
type fields struct {
	list []field
	// ellipsis is how many fields stand before "...", or -1.
	ellipsis int
}

type field struct {
	name      string // empty: known by its place only
	condition expression[string]
}

func parseFields(c *cursor) (form, error) {
	p := fieldsParser{cursor: c, names: map[string]bool{}}
	f := fields{ellipsis: -1}
	c.take("[")
	for more := true; more; more = c.take(",") {
		if at := c.at; c.take("...") {
			if f.ellipsis >= 0 {
				return nil, inconclusive("the pattern has two ellipses (the second at character %d): AWS documents one", at+1)
			}
			f.ellipsis = len(f.list)
			continue
		}
		next, err := p.parseField()
		if err != nil {
			return nil, err
		}
		f.list = append(f.list, next)
	}
	if !c.take("]") {
		return nil, c.fail(`"," or "]" is missing`)
	}
	c.skipSpace()
	if !c.done() {
		return nil, c.fail(`nothing may follow "]"`)
	}
	if p.regexes > maxRegexes {
		return nil, c.failAt(0, "the pattern has %d regular expressions, and at most %d are allowed", p.regexes, maxRegexes)
	}
	return f, nil
}

type fieldsParser struct {
	*cursor
	names   map[string]bool
	name    string // of the field that is being read
	regexes int
}

// parseField reads a name and its conditions. A field may be left blank.
func (p *fieldsParser) parseField() (field, error) {
	p.skipSpace()
	start := p.at
	p.name = p.while(isWord)
	if p.name == "" {
		if next := p.peek(); next != ',' && next != ']' {
			return field{}, p.fail("the name of a field has letters, digits and _")
		}
		return field{}, nil
	}
	if p.names[p.name] {
		return field{}, inconclusive("two fields of the pattern are named %s: AWS does not document what that means", p.name)
	}
	p.names[p.name] = true
	p.skipSpace()
	if next := p.peek(); next == ',' || next == ']' || p.done() {
		return field{name: p.name}, nil
	}
	p.at = start
	condition, err := p.parseOr()
	return field{p.name, condition}, err
}

func (p *fieldsParser) parseOr() (expression[string], error) {
	return parseList(p.cursor, "||", p.parseAnd, func(list []expression[string]) expression[string] { return anyOf[string](list) })
}

func (p *fieldsParser) parseAnd() (expression[string], error) {
	return parseList(p.cursor, "&&", p.parseCondition, func(list []expression[string]) expression[string] { return allOf[string](list) })
}

// parseCondition reads "name operator operand"; each condition repeats the name.
func (p *fieldsParser) parseCondition() (expression[string], error) {
	p.skipSpace()
	switch name := p.while(isWord); {
	case name == "":
		return nil, p.fail("a condition on the field %s is missing", p.name)
	case name != p.name:
		return nil, inconclusive("a condition of the field %s names %s: AWS documents conditions on the field itself", p.name, name)
	}
	op, right, ok, err := parseComparison(p.cursor)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, p.fail("an operator must follow the field %s", p.name)
	}
	if right.regex != nil {
		p.regexes++
	}
	return fieldCondition{p.name, op, right}, nil
}

// fieldCondition is a comparison with the value of a field.
type fieldCondition struct {
	name  string
	op    operator
	right operand
}

func (c fieldCondition) judge(value string) verdict {
	t := compare(scalar{fieldValue, value}, c.op, c.right)
	return verdict{t, fmt.Sprintf("%s is %s, %s %s %s", c.name, describe(value), phrase(t), c.op, c.right.source)}
}

func (f fields) match(message string) (verdict, map[string]string) {
	var result verdict
	var extracted map[string]string
	for i, words := range readings(message) {
		v, values := f.matchWords(words)
		if i > 0 && (v.truth != result.truth || !maps.Equal(values, extracted)) {
			return verdict{maybe, "AWS does not document how the message divides into fields: it has blanks in a row, a tab, or text directly beside a quotation mark or bracket"}, nil
		}
		result, extracted = v, values
	}
	return result, extracted
}

func (f fields) matchWords(words []string) (verdict, map[string]string) {
	placed, words := f.place(words)
	var judged allOf[[]string]
	for i, field := range f.list {
		if field.condition != nil {
			judged = append(judged, atWord{f.index(i, words), field.condition})
		}
	}
	v := append(judged, known(placed)).judge(words)
	if v.truth != yes {
		return v, nil
	}
	return v, f.extract(words)
}

// known is a verdict that is settled before.
type known verdict

func (k known) judge([]string) verdict { return verdict(k) }

// atWord judges the condition of a field on its value.
type atWord struct {
	index     int
	condition expression[string]
}

func (a atWord) judge(words []string) verdict { return a.condition.judge(words[a.index]) }

// place fits the words of a message to the pattern. With an ellipsis the fields
// behind it are the last ones. Without it the last field takes what is left, as in
// AWS's example [w1=ERROR, w2], if it has no condition. What becomes of too many
// fields otherwise, or of too few, AWS does not say: that is no match if a
// condition fails when the last field takes the rest, or a missing one is blank,
// and open else.
func (f fields) place(words []string) (verdict, []string) {
	count := len(f.list)
	what := fmt.Sprintf("the message has %d fields and the pattern %d", len(words), count)
	switch {
	case len(words) < count:
		return verdict{maybe, what + ": AWS does not document whether that can match"}, append(slices.Clone(words), make([]string, count-len(words))...)
	case f.ellipsis >= 0:
		return verdict{yes, what + " beside its ellipsis"}, words
	case len(words) == count:
		return verdict{yes, what}, words
	}
	joined := append(slices.Clone(words[:count-1]), strings.Join(words[count-1:], " "))
	if f.list[count-1].condition == nil {
		return verdict{yes, what + ", of which the last takes the rest"}, joined
	}
	return verdict{maybe, what + ": AWS does not document whether a last field with a condition takes the rest"}, joined
}

// index is the place of a field of the pattern among the words.
func (f fields) index(field int, words []string) int {
	if f.ellipsis >= 0 && field >= f.ellipsis {
		return len(words) - len(f.list) + field
	}
	return field
}

// extract names the values as TestMetricFilter does: "$status_code" for a field
// with a name, "$4" for one without.
func (f fields) extract(words []string) map[string]string {
	names := make([]string, len(words))
	for i, field := range f.list {
		names[f.index(i, words)] = field.name
	}
	extracted := make(map[string]string, len(words))
	for i, word := range words {
		if names[i] == "" {
			names[i] = strconv.Itoa(i + 1)
		}
		extracted["$"+names[i]] = word
	}
	return extracted
}

func (f fields) value(message, reference string) (value string, present bool, err error) {
	name, marked := strings.CutPrefix(reference, "$")
	if !marked || !f.names(name) {
		return "", false, fmt.Errorf("the reference %s names no field of the pattern", reference)
	}
	v, extracted := f.match(message)
	if v.truth == maybe {
		return "", false, &InconclusiveError{Problem: v.why}
	}
	value, present = extracted[reference] // nothing is extracted without a match
	return value, present, nil
}

// names reports whether a reference can name a field: by a name, or by a place.
func (f fields) names(name string) bool {
	isNamed := func(field field) bool { return field.name != "" && field.name == name }
	return slices.ContainsFunc(f.list, isNamed) || allDigits(name) && name[0] != '0'
}
