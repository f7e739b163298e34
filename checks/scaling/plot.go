package scaling

import (
	"fmt"
	"strings"
)

// PlotOptions say how large a plot may be and what it may be drawn with.
type PlotOptions struct {
	// Width and Height are the most columns and lines; nothing is drawn below 66 by 10.
	Width, Height int
	// ASCII draws without Unicode blocks.
	ASCII bool
}

// The least size at which a plot says something, and the columns that its labels take.
const (
	minPlotWidth  = 66
	minPlotHeight = 10
	labelWidth    = 6
)

// ink are the marks of a plot, so that it reads without colour.
type ink struct {
	carried, spare, beyond, waits string
	axis, corner, line            string
}

func (o PlotOptions) ink() ink {
	if o.ASCII {
		return ink{carried: "#", spare: ".", beyond: "!", waits: "#", axis: "|", corner: "+", line: "-"}
	}
	return ink{carried: "█", spare: "░", beyond: "▲", waits: "█", axis: "│", corner: "└", line: "─"}
}

// Plot draws a series over time: demand against capacity, the moments of decisions, and below what waits. It returns lines
// without colour and without trailing space, none of them wider and not more of them than the options allow. Spare is what exceeds
// the demand of the moment: while work waits it is what makes up for it.
func Plot(s Series, o PlotOptions) []string {
	if o.Width < minPlotWidth || o.Height < minPlotHeight || len(s.Samples) == 0 {
		return nil
	}
	p := plot{ink: o.ink(), columns: columns(s.Samples, o.Width-labelWidth-2), end: s.Samples[len(s.Samples)-1].At}
	heading := fmt.Sprintf("requests/s: %s carried  %s spare  %s beyond   + out  - in  x event", p.ink.carried, p.ink.spare, p.ink.beyond)
	// Two headings, the marks, the axis and its labels take five lines.
	upper, lower := o.Height-5, 0
	if s.Facts.MaxBacklog > 0 {
		lower = max(2, upper/3)
	}
	lines := append([]string{heading}, p.load(upper-lower)...)
	lines = append(lines, p.marks(s.Decisions))
	if lower == 0 {
		lines = append(append(lines, p.axis("")...), "waiting: nothing")
	} else {
		lines = append(append(lines, "waiting: "+p.ink.waits+" requests"), p.waiting(lower)...)
		lines = append(lines, p.axis("0")...)
	}
	for n := range lines {
		lines[n] = strings.TrimRight(lines[n], " ")
	}
	return lines
}

type plot struct {
	ink     ink
	columns []Sample
	end     int
}

// columns picks a sample for each column: of those that fall into it the one with the largest gap between demand and capacity,
// with the largest backlog of them all, so that nothing bad is lost between two columns.
func columns(samples []Sample, width int) []Sample {
	out := make([]Sample, width)
	for x := range out {
		from := x * len(samples) / width
		to := max(from+1, (x+1)*len(samples)/width)
		worst := samples[from]
		backlog := 0.0
		for _, s := range samples[from:to] {
			backlog = max(backlog, s.Backlog)
			if s.Demand-s.Capacity > worst.Demand-worst.Capacity {
				worst = s
			}
		}
		worst.Backlog = backlog
		out[x] = worst
	}
	return out
}

// load draws demand and capacity as one pile: what is carried, and on top of it what is spare or what is beyond capacity.
func (p plot) load(height int) []string {
	top := 0.0
	for _, c := range p.columns {
		top = max(top, c.Demand, c.Capacity)
	}
	return p.rows(height, top, func(c Sample, fills func(float64) bool) string {
		switch {
		case fills(min(c.Demand, c.Capacity)):
			return p.ink.carried
		case fills(c.Demand):
			return p.ink.beyond
		case fills(c.Capacity):
			return p.ink.spare
		default:
			return " "
		}
	})
}

func (p plot) waiting(height int) []string {
	top := 0.0
	for _, c := range p.columns {
		top = max(top, c.Backlog)
	}
	return p.rows(height, top, func(c Sample, fills func(float64) bool) string {
		if fills(c.Backlog) {
			return p.ink.waits
		}
		return " "
	})
}

// rows draws lines from the top value down. A row is filled by a value above its middle; the lowest one by any value above zero,
// so that little is not mistaken for nothing.
func (p plot) rows(height int, top float64, cell func(Sample, func(float64) bool) string) []string {
	lines := make([]string, height)
	for row := range height {
		level := height - 1 - row
		fills := func(v float64) bool {
			if level == 0 {
				return v > 0
			}
			return v*float64(height) > (float64(level)+0.5)*top
		}
		var b strings.Builder
		label := ""
		if row == 0 {
			label = short(top)
		}
		fmt.Fprintf(&b, "%*s %s", labelWidth, label, p.ink.axis)
		for _, c := range p.columns {
			b.WriteString(cell(c, fills))
		}
		lines[row] = b.String()
	}
	return lines
}

// marks shows when the desired capacity rose (+) and fell (-), and when something struck the group (x).
func (p plot) marks(decisions []Decision) string {
	cells := []rune(strings.Repeat(" ", len(p.columns)))
	for _, d := range decisions {
		x := p.column(d.At)
		switch {
		case d.Kind == Happened:
			cells[x] = 'x'
		case d.Kind == ScaleOut && cells[x] != 'x':
			cells[x] = '+'
		case d.Kind == ScaleIn && cells[x] != 'x':
			cells[x] = '-'
		}
	}
	return fmt.Sprintf("%*s %s%s", labelWidth, "0", p.ink.axis, string(cells))
}

func (p plot) column(at int) int {
	return min(at*len(p.columns)/max(1, p.end), len(p.columns)-1)
}

// axis draws the line of time, with a label at each quarter of it, in minutes.
func (p plot) axis(zero string) []string {
	width := len(p.columns)
	line := fmt.Sprintf("%*s %s%s", labelWidth, zero, p.ink.corner, strings.Repeat(p.ink.line, width))
	labels := []rune(strings.Repeat(" ", labelWidth+2+width))
	for quarter := range 5 {
		text := []rune(minutes(p.end * quarter / 4))
		x := labelWidth + 2 + quarter*(width-1)/4
		if quarter > 0 {
			x -= len(text) - 1
		}
		copy(labels[x:], text)
	}
	return []string{line, string(labels)}
}

func minutes(at int) string { return number(float64(at)/60) + "m" }
