// Package plot draws values over time as text: graphs one above the other, strips of marks, and a common axis of time.
//
// It is pure, knows nothing of what it draws, and uses no colour: marks differ in shape. It decides nothing: what is worth drawing,
// with which marks and titles, is the caller's to say.
package plot

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Options say how large a plot may be and what it may be drawn with.
type Options struct {
	// Width and Height are the most columns and lines.
	Width, Height int
	// ASCII draws the axis without Unicode.
	ASCII bool
}

// Plot is what to draw. All graphs and strips span the same time, whatever number of values they have.
type Plot struct {
	Length time.Duration
	Graphs []Graph
	Strips []Strip
}

// Graph is a pile of layers over time.
type Graph struct {
	Title string
	// Layers fill a cell in their order: the first one whose value reaches it.
	Layers []Layer
	// Line is a value to mark, such as a threshold; 0 for none.
	Line float64
	// Weight picks which of the samples that fall into a column is drawn: the one of the greatest weight. Without it, it is the greatest
	// value of the first layer, so that no peak is lost between two columns.
	Weight []float64
	// Format writes the values at the axis; nil writes numbers.
	Format func(float64) string
}

// Layer is a series of values; NaN is drawn as nothing.
type Layer struct {
	Mark   rune
	Values []float64
}

// Strip is a line of marks over time.
type Strip struct {
	Label string
	Marks []rune
	// Order are the marks from the most to the least important: of those that fall into a column the most important one is drawn. Marks that it lacks
	// come last.
	Order string
}

// The least size at which a plot says something, and the columns that labels may take.
const (
	minColumns = 40
	minRows    = 3
	minLabel   = 6
	maxLabel   = 24
)

// Draw draws a plot. It returns lines without trailing space, none of them wider and not more of them than the options allow; none if
// there is too little room.
func Draw(p Plot, o Options) []string {
	d := drawing{label: p.labelWidth(), ascii: o.ASCII}
	d.columns = o.Width - d.label - 2
	// Each graph has a title; the axis and its labels take two lines.
	rows := o.Height - len(p.Graphs) - len(p.Strips) - 2
	if d.columns < minColumns || rows < minRows*len(p.Graphs) {
		return nil
	}
	for n, g := range p.Graphs {
		height := rows / (len(p.Graphs) - n)
		rows -= height
		d.graph(g, height)
	}
	for _, s := range p.Strips {
		d.strip(s)
	}
	d.axis(p.Length)
	for n := range d.lines {
		d.lines[n] = strings.TrimRight(d.lines[n], " ")
	}
	return d.lines
}

func (p Plot) labelWidth() int {
	width := minLabel
	for _, s := range p.Strips {
		width = max(width, utf8.RuneCountInString(s.Label))
	}
	return min(width, maxLabel)
}

type drawing struct {
	label, columns int
	ascii          bool
	lines          []string
}

func (d *drawing) line(label, separator, cells string) {
	d.lines = append(d.lines, fmt.Sprintf("%*s %s%s", d.label, cut(label, d.label), separator, cells))
}

func (d *drawing) ink(unicode, ascii string) string {
	if d.ascii {
		return ascii
	}
	return unicode
}

// graph draws a graph from its top value down. A row is filled by a value above its middle; the lowest one by any value above zero, so
// that little is not mistaken for nothing.
func (d *drawing) graph(g Graph, height int) {
	d.lines = append(d.lines, cut(g.Title, d.label+2+d.columns))
	top := g.top()
	picked := g.pick(d.columns)
	for row := range height {
		level := float64(height - 1 - row)
		reaches := func(v float64) bool { return v > 0 && (level == 0 || v*float64(height) > (level+0.5)*top) }
		onLine := g.Line > 0 && int(math.Min(g.Line/top*float64(height), float64(height-1))) == int(level)
		var cells strings.Builder
		for _, sample := range picked {
			cells.WriteString(d.cell(g, sample, reaches, onLine))
		}
		d.line(g.rowLabel(row, height, top, onLine), d.ink("│", "|"), cells.String())
	}
}

func (d *drawing) cell(g Graph, sample int, reaches func(float64) bool, onLine bool) string {
	for _, layer := range g.Layers {
		if sample < len(layer.Values) && reaches(layer.Values[sample]) {
			return string(layer.Mark)
		}
	}
	if onLine {
		return d.ink("┄", "-")
	}
	return " "
}

// rowLabel names the top, the line and the bottom.
func (g Graph) rowLabel(row, height int, top float64, onLine bool) string {
	format := g.Format
	if format == nil {
		format = func(v float64) string { return strconv.FormatFloat(v, 'g', 3, 64) }
	}
	switch {
	case onLine:
		return format(g.Line)
	case row == 0:
		return format(top)
	case row == height-1:
		return format(0)
	default:
		return ""
	}
}

func (g Graph) top() float64 {
	top := g.Line
	for _, layer := range g.Layers {
		for _, v := range layer.Values {
			if v > top { // which NaN isn't
				top = v
			}
		}
	}
	if top == 0 {
		return 1
	}
	return top
}

// pick is the sample that each column shows.
func (g Graph) pick(columns int) []int {
	weight := g.Weight
	if weight == nil && len(g.Layers) > 0 {
		weight = g.Layers[0].Values
	}
	out := make([]int, columns)
	for x := range out {
		from, to := span(x, columns, len(weight))
		out[x] = from
		for i := from; i < to; i++ {
			if weight[i] > weight[out[x]] || math.IsNaN(weight[out[x]]) {
				out[x] = i
			}
		}
	}
	return out
}

// span is which of a number of samples fall into a column: at least one, if there is any.
func span(column, columns, samples int) (from, to int) {
	from = column * samples / columns
	return from, min(samples, max(from+1, (column+1)*samples/columns))
}

func (d *drawing) strip(s Strip) {
	order := []rune(s.Order)
	rank := func(mark rune) int {
		if at := slices.Index(order, mark); at >= 0 {
			return at
		}
		return len(order)
	}
	cells := make([]rune, d.columns)
	for x := range cells {
		cells[x] = ' '
		from, to := span(x, d.columns, len(s.Marks))
		for i := from; i < to; i++ {
			if i == from || rank(s.Marks[i]) < rank(cells[x]) {
				cells[x] = s.Marks[i]
			}
		}
	}
	d.line(s.Label, d.ink("│", "|"), string(cells))
}

// axis draws the line of time, with a label at each quarter of it.
func (d *drawing) axis(length time.Duration) {
	d.line("", d.ink("└", "+"), strings.Repeat(d.ink("─", "-"), d.columns))
	labels := []rune(strings.Repeat(" ", d.label+2+d.columns))
	for quarter := range 5 {
		text := []rune(moment(length*time.Duration(quarter)/4, length))
		x := d.label + 2 + quarter*(d.columns-1)/4
		if quarter > 0 {
			x -= len(text) - 1
		}
		copy(labels[x:], text)
	}
	d.lines = append(d.lines, string(labels))
}

// moment writes a time in minutes, or in hours if the axis is longer than three.
func moment(at, length time.Duration) string {
	if length > 3*time.Hour {
		return strconv.FormatFloat(math.Round(at.Hours()*10)/10, 'f', -1, 64) + "h"
	}
	return strconv.FormatFloat(math.Round(at.Minutes()*10)/10, 'f', -1, 64) + "m"
}

// cut shortens a text to a width.
func cut(text string, width int) string {
	if runes := []rune(text); len(runes) > width {
		return string(runes[:width])
	}
	return text
}
