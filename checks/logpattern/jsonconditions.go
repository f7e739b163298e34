package logpattern

import "fmt"

// comparison is "selector operator operand".
type comparison struct {
	selector selector
	op       operator
	right    operand
}

func (c comparison) judge(root any) verdict {
	nodes := c.selector.find(root)
	if c.selector.wildcard {
		return c.judgeEvery(nodes)
	}
	if len(nodes) == 0 {
		return c.judgeAbsent()
	}
	value, ok := scalarOf(nodes[0])
	if !ok {
		return c.verdict(no, "is "+describe(nodes[0])+", which no comparison matches")
	}
	t := compare(value, c.op, c.right)
	return c.verdict(t, fmt.Sprintf("is %s, %s %s %s", describe(nodes[0]), phrase(t), c.op, c.right.source))
}

// judgeAbsent: a property that is not there equals nothing. Whether it is unequal to
// everything AWS does not say.
func (c comparison) judgeAbsent() verdict {
	if c.op != "!=" {
		return c.verdict(no, "does not exist")
	}
	return c.verdict(maybe, fmt.Sprintf("does not exist, and AWS does not say whether != %s then holds; add NOT EXISTS to the pattern", c.right.source))
}

// judgeEvery judges what a wildcard selects: one value that compares is enough. For
// != that may as well mean that no value is equal; where the readings differ, or
// nothing is selected, the answer is open.
func (c comparison) judgeEvery(nodes []any) verdict {
	strongest, weakest, values := no, yes, 0
	for _, node := range nodes {
		value, ok := scalarOf(node)
		if !ok {
			continue
		}
		values++
		t := compare(value, c.op, c.right)
		strongest, weakest = max(strongest, t), min(weakest, t)
	}
	what := fmt.Sprintf("selects %d values, of which", values)
	switch {
	case c.op != "!=":
		return c.verdict(strongest, fmt.Sprintf("%s %s %s %s", what, map[truth]string{yes: "one is", maybe: "one may be", no: "none is"}[strongest], c.op, c.right.source))
	case values > 0 && strongest == weakest:
		return c.verdict(strongest, fmt.Sprintf("%s each %s != %s", what, phrase(strongest), c.right.source))
	case len(nodes) > 0 && values == 0:
		return c.verdict(no, "selects only arrays and objects, which no comparison matches")
	default:
		return c.verdict(maybe, fmt.Sprintf("%s some are and some are not != %s, and AWS does not say which count", what, c.right.source))
	}
}

func (c comparison) verdict(t truth, why string) verdict {
	return verdict{t, c.selector.source + " " + why}
}

// phrase says how a comparison came out.
func phrase(t truth) string {
	switch t {
	case yes:
		return "which is"
	case no:
		return "which is not"
	default:
		return "and AWS does not document whether that is"
	}
}

// is tests for null, true or false; a property that does not exist is none of them.
type is struct {
	selector selector
	literal  string
}

func (c is) judge(root any) verdict {
	nodes := c.selector.find(root)
	if len(nodes) == 0 {
		return verdict{no, c.selector.source + " does not exist"}
	}
	result := no
	for _, node := range nodes {
		result = max(result, c.judgeNode(node))
	}
	if c.selector.wildcard {
		return verdict{result, fmt.Sprintf("of what %s selects %s %s", c.selector.source, map[truth]string{yes: "one is", maybe: "one may be", no: "none is"}[result], c.literal)}
	}
	return verdict{result, fmt.Sprintf("%s is %s, %s %s", c.selector.source, describe(nodes[0]), phrase(result), c.literal)}
}

// judgeNode: whether the strings "true" and "null" count is not documented.
func (c is) judgeNode(node any) truth {
	value, _ := scalarOf(node)
	literal := map[string]string{"NULL": "null", "TRUE": "true", "FALSE": "false"}[c.literal]
	switch {
	case value.text != literal:
		return no
	case value.kind == stringValue:
		return maybe
	default:
		return yes
	}
}

// notExists holds if there is no such property; one that is null exists.
type notExists struct {
	selector selector
}

func (c notExists) judge(root any) verdict {
	if len(c.selector.find(root)) == 0 {
		return verdict{yes, c.selector.source + " does not exist"}
	}
	return verdict{no, c.selector.source + " exists"}
}
