package alarm

import (
	"time"

	"labctl/checks/plot"
)

// Plot draws graphs of the same time range, and below them the state of each alarm: A in ALARM, ? without data, ! not certain, . OK.
// The last strip marks pages with P. It returns nothing if there is too little room.
func (t Timeline) Plot(graphs []plot.Graph, o plot.Options) []string {
	p := plot.Plot{Graphs: graphs}
	for _, track := range t.Tracks {
		p.Length = time.Duration(len(track.States)) * t.Step
		p.Strips = append(p.Strips, plot.Strip{Label: track.Alarm, Marks: track.marks(), Order: "A!?"})
	}
	pages := make([]rune, p.Length/t.Step)
	for n := range pages {
		pages[n] = ' '
	}
	for _, page := range t.Pages("") {
		pages[page.At.Sub(t.Start)/t.Step] = 'P'
	}
	p.Strips = append(p.Strips, plot.Strip{Label: "pages", Marks: pages, Order: "P"})
	return plot.Draw(p, o)
}

func (t Track) marks() []rune {
	marks := make([]rune, len(t.States))
	for n, state := range t.States {
		switch state {
		case "":
			marks[n] = '!'
		case InAlarm:
			marks[n] = 'A'
		case InsufficientData:
			marks[n] = '?'
		default:
			marks[n] = '.'
		}
	}
	return marks
}
