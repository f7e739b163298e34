package scaling

import (
	"fmt"
	"time"

	"labctl/checks/plot"
)

// ink are the marks of a plot, so that it reads without colour.
type ink struct{ carried, spare, beyond, waits rune }

func inkOf(o plot.Options) ink {
	if o.ASCII {
		return ink{carried: '#', spare: '.', beyond: '!', waits: '#'}
	}
	return ink{carried: '█', spare: '░', beyond: '▲', waits: '█'}
}

// Plot draws a series over time: demand against capacity, what waits, and the moments of decisions. It returns lines without
// colour and without trailing space, none of them wider and not more of them than the options allow; none if there is too little
// room. Spare is what exceeds the demand of the moment: while work waits it is what makes up for it.
func Plot(s Series, o plot.Options) []string {
	if len(s.Samples) == 0 {
		return nil
	}
	marks := inkOf(o)
	graphs := []plot.Graph{s.load(marks)}
	if s.Facts.MaxBacklog > 0 {
		graphs = append(graphs, s.waiting(marks))
	}
	end := time.Duration(s.Samples[len(s.Samples)-1].At) * time.Second
	return plot.Draw(plot.Plot{Length: end, Graphs: graphs, Strips: []plot.Strip{s.decided()}}, o)
}

// load is demand and capacity as one pile: what is carried, and on top of it what is beyond capacity or what is spare. Of the
// samples that fall into a column the one with the largest gap is drawn, so that nothing bad is lost between two columns.
func (s Series) load(marks ink) plot.Graph {
	n := len(s.Samples)
	carried, demand, capacity, gap := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	for i, sample := range s.Samples {
		carried[i], demand[i], capacity[i] = min(sample.Demand, sample.Capacity), sample.Demand, sample.Capacity
		gap[i] = sample.Demand - sample.Capacity
	}
	return plot.Graph{
		Title:  fmt.Sprintf("requests/s: %c carried  %c spare  %c beyond   + out  - in  x event", marks.carried, marks.spare, marks.beyond),
		Layers: []plot.Layer{{Mark: marks.carried, Values: carried}, {Mark: marks.beyond, Values: demand}, {Mark: marks.spare, Values: capacity}},
		Weight: gap, Format: short,
	}
}

// waiting is the backlog.
func (s Series) waiting(marks ink) plot.Graph {
	backlog := make([]float64, len(s.Samples))
	for i, sample := range s.Samples {
		backlog[i] = sample.Backlog
	}
	return plot.Graph{Title: fmt.Sprintf("waiting: %c requests", marks.waits), Layers: []plot.Layer{{Mark: marks.waits, Values: backlog}}, Format: short}
}

// decided shows when the desired capacity rose (+) and fell (-), and when something struck the group (x).
func (s Series) decided() plot.Strip {
	strip := plot.Strip{Label: "group", Marks: make([]rune, len(s.Samples)), Order: "x+-"}
	for i := range strip.Marks {
		strip.Marks[i] = ' '
	}
	first, last := s.Samples[0].At, s.Samples[len(s.Samples)-1].At
	for _, d := range s.Decisions {
		i := (d.At - first) * (len(s.Samples) - 1) / max(1, last-first)
		switch {
		case d.Kind == Happened:
			strip.Marks[i] = 'x'
		case d.Kind == ScaleOut && strip.Marks[i] != 'x':
			strip.Marks[i] = '+'
		case d.Kind == ScaleIn && strip.Marks[i] != 'x':
			strip.Marks[i] = '-'
		}
	}
	return strip
}
