package report

import (
	"bytes"
	"strings"

	"labctl/checks"
	"labctl/checks/report/typeset"
)

const (
	minWidth     = 60
	maxWidth     = 100 // longer lines are hard to read
	defaultWidth = 80

	titleColumn  = 10 // where a property's title begins, after its mark
	labelColumn  = 4
	detailColumn = 21 // where the text of a detail begins, after its label
)

// page is text that is being laid out.
type page struct {
	*bytes.Buffer
	width int
	paint typeset.Paint
}

func writeText(out *bytes.Buffer, doc Document, style Style) {
	width := style.Width
	if width == 0 {
		width = defaultWidth
	}
	p := page{out, min(max(width, minWidth), maxWidth), typeset.Paint(style.Colour)}
	p.head(doc)
	for _, s := range doc.sections() {
		p.line("")
		p.wrapped(p.paint.Strong, "   ", s.heading)
		p.line("")
		for i, result := range s.results {
			if i > 0 && p.roomy(s.results[i-1], result, style) {
				p.line("")
			}
			p.result(result, style.Verbose)
		}
	}
	p.foot(doc.Report)
}

func (p page) head(doc Document) {
	p.line(p.paint.Strong(doc.Lab.Title) + p.paint.Faint(" · "+doc.Lab.ID))
	p.wrapped(p.paint.Faint, "", strings.Join(doc.place(), " · "))
	if objectives := doc.objectives(); len(objectives) > 0 {
		p.wrapped(p.paint.Faint, "", "objectives: "+strings.Join(objectives, " · "))
	}
}

func (p page) foot(r checks.Report) {
	p.line("")
	p.line(p.paint.Faint(strings.Repeat("─", p.width)))
	p.wrapped(nil, "", counts(r))
	status := r.Verdict()
	word := strings.ToUpper(string(status))
	for i, line := range typeset.Wrap(word+": "+verdict(r), p.width) {
		if i == 0 {
			line = p.status(status, word) + strings.TrimPrefix(line, word)
		}
		p.line(line)
	}
	p.line(p.paint.Faint(cost(r)))
}

// result prints one property: the mark, the title, and below it what was found, or all details.
func (p page) result(r checks.Result, verbose bool) {
	for i, line := range typeset.Wrap(typeset.Line(r.Check.Title), p.width-titleColumn) {
		if i == 0 {
			p.line("  " + p.mark(r.Finding.Status) + line)
		} else {
			p.line(strings.Repeat(" ", titleColumn) + line)
		}
	}
	summary := r.Check.ID + " · " + evidence(r)
	if r.Finding.Status == checks.Pass && !verbose {
		if what := found(r); len(what) > 0 {
			summary += " · " + strings.Join(what, "; ")
		}
		p.line(strings.Repeat(" ", titleColumn) + p.paint.Faint(typeset.Cut(summary, p.width-titleColumn)))
		return
	}
	p.line(strings.Repeat(" ", titleColumn) + p.paint.Faint(summary))
	for _, d := range details(r) {
		if d.drawn {
			p.figure(d.lines)
			continue
		}
		p.detail(d)
	}
}

// figure prints the lines of a drawing as they are, between empty ones. Where one of them is too long there is none: broken
// lines draw nothing.
func (p page) figure(lines []string) {
	for _, line := range lines {
		if typeset.Width(line)+labelColumn > p.width {
			return
		}
	}
	p.line("")
	for _, line := range lines {
		p.line(strings.TrimRight(strings.Repeat(" ", labelColumn)+line, " "))
	}
	p.line("")
}

// detail prints a label and beside it the lines, each with a hanging indent.
func (p page) detail(d detail) {
	bullet := ""
	if len(d.lines) > 1 {
		bullet = "- "
	}
	margin := strings.Repeat(" ", detailColumn)
	label := strings.Repeat(" ", labelColumn) + p.paint.Accent(d.label) + margin[labelColumn+typeset.Width(d.label):]
	for _, text := range d.lines {
		for i, line := range typeset.Wrap(text, p.width-detailColumn-len(bullet)) {
			if i == 0 {
				p.line(label + bullet + line)
			} else {
				p.line(margin + strings.Repeat(" ", len(bullet)) + line)
			}
			label = margin
		}
	}
}

// roomy says whether an empty line stands between two results: it does where one of them shows its details.
func (p page) roomy(a, b checks.Result, style Style) bool {
	return style.Verbose || a.Finding.Status != checks.Pass || b.Finding.Status != checks.Pass
}

// mark is the status of one property, as a sign and a word, as wide as the title's column allows.
func (p page) mark(status checks.Status) string {
	sign := map[checks.Status]string{checks.Pass: "✓", checks.Fail: "✗", checks.Error: "!", checks.Skip: "-"}[status]
	word := sign + " " + strings.ToUpper(string(status))
	return p.status(status, word) + typeset.Pad("", titleColumn-2-typeset.Width(word))
}

func (p page) status(status checks.Status, s string) string {
	switch status {
	case checks.Pass:
		return p.paint.Good(s)
	case checks.Fail:
		return p.paint.Bad(s)
	case checks.Error:
		return p.paint.Caution(s)
	default:
		return p.paint.Faint(s)
	}
}

// wrapped prints text over as many lines as it needs, those after the first with the indent.
func (p page) wrapped(paint func(string) string, indent, text string) {
	for i, line := range typeset.Wrap(text, p.width-len(indent)) {
		if paint != nil {
			line = paint(line)
		}
		if i > 0 {
			line = indent + line
		}
		p.line(line)
	}
}

func (p page) line(s string) {
	p.WriteString(s)
	p.WriteByte('\n')
}
